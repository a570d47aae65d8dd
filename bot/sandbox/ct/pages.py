"""The practice CT's HTML pages: plain forms, light and dark, made for a phone."""

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import urlencode

from bot.sandbox.ct.people import PASSWORD, Person
from bot.sandbox.ct.practice import Application

STYLE = """
:root {
  color-scheme:light dark;
  --ink:#17202a;
  --quiet:#5b6875;
  --paper:#f3f5f7;
  --card:#fff;
  --line:#d8dee4;
  --go:#0b7a53;
  --on-go:#fff;
}
@media(prefers-color-scheme:dark) {
  :root {
    --ink:#e8edf2;
    --quiet:#9aa7b4;
    --paper:#12171c;
    --card:#1c2329;
    --line:#36414b;
    --go:#37b98a;
    --on-go:#06231a;
  }
}
* {
  box-sizing:border-box;
}
body {
  margin:0;
  min-height:100vh;
  background:var(--paper);
  color:var(--ink);
  font:16px/1.5 system-ui,sans-serif;
  display:grid;
  place-items:center;
  padding:16px;
}
main {
  background:var(--card);
  border:1px solid var(--line);
  border-radius:14px;
  padding:28px;
  width:100%;
  max-width:440px;
}
h1 {
  font-size:1.3rem;
  line-height:1.3;
  margin:0 0 12px;
}
p {
  margin:0 0 14px;
}
ul {
  margin:0 0 18px;
  padding-left:20px;
}
.brand {
  color:var(--go);
  font-weight:700;
  margin-bottom:18px;
}
.quiet {
  color:var(--quiet);
  font-size:.9rem;
}
.problem {
  border-left:4px solid #c33;
  padding:6px 12px;
}
form {
  margin:0 0 10px;
}
label {
  display:block;
  font-size:.9rem;
  margin-bottom:10px;
}
input {
  width:100%;
  font:inherit;
  color:inherit;
  background:transparent;
  border:1px solid var(--line);
  border-radius:8px;
  padding:10px;
  margin-top:4px;
}
button {
  width:100%;
  min-height:46px;
  font:inherit;
  font-weight:600;
  color:inherit;
  background:transparent;
  border:1px solid var(--line);
  border-radius:8px;
  padding:8px 14px;
  cursor:pointer;
  text-align:left;
}
button small {
  display:block;
  font-weight:400;
  color:var(--quiet);
}
button.go {
  background:var(--go);
  border-color:var(--go);
  color:var(--on-go);
  text-align:center;
}
button.plain {
  text-align:center;
}
button:focus-visible,input:focus-visible,a:focus-visible {
  outline:3px solid var(--go);
  outline-offset:2px;
}
a {
  color:inherit;
}
hr {
  border:0;
  border-top:1px solid var(--line);
  margin:20px 0;
}
"""


BOX_SCRIPT = """
const part = document.getElementById("box");
const line = (tag, text) => { const it = document.createElement(tag); it.textContent = text; part.append(it); };
async function show() {
  const found = location.hash.match(/^#\\/locations\\/[^/]+\\/(?:devices|boxes)\\/([^/]+)$/);
  part.hidden = !found;
  if (!found) return;
  const answer = await fetch("/_practice/boxes/" + found[1]);
  part.replaceChildren();
  if (!answer.ok) { line("p", "There is no such box."); return; }
  const box = await answer.json();
  line("h1", box.description);
  line("p", box.location_name + " \u2013 " + box.state + ", " + box.clients_online + " people online");
  line("p", box.uptime ? "Uptime" + box.uptime : "It does not report its uptime.");
  part.append(document.createElement("hr"));
}
addEventListener("hashchange", show);
show();
setInterval(show, 5000);
"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} – practice CT</title><style>{STYLE}</style></head>"
        f'<body><main><div class="brand">CT <span class="quiet">practice</span></div>{body}</main></body></html>'
    )


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def login_page(people: Iterable[Person], return_to: str, *, problem: str | None = None) -> str:
    """One button for each person, and below them the form that a real person would fill in."""
    choices = "".join(
        f'<form method="post" action="/login" data-person="{escape(person.email)}">'
        f"{_hidden({'return_to': return_to, 'email': person.email, 'password': PASSWORD})}"
        f"<button>{escape(person.first_name)} {escape(person.last_name)}"
        f"<small>{escape(person.email)} · {escape(person.role_name)}</small>"
        "</button></form>"
        for person in people
    )
    warning = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        "Sign in",
        f'<h1>Sign in to CT</h1>{warning}<p class="quiet">Nobody here is real. Choose who you are:</p>{choices}<hr>'
        f'<form method="post" action="/login">{_hidden({"return_to": return_to})}'
        '<label>E-mail<input name="email" type="email" autocomplete="username" required></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
        '<button class="go">Sign in</button></form>'
        f'<p class="quiet">The password of all of them is <code>{PASSWORD}</code>.</p>',
    )


def consent_page(person: Person, application: Application, params: Mapping[str, str], form_token: str) -> str:
    """Doorkeeper's question: Allow is a POST, Deny a POST with `_method=delete`."""
    fields = {**params, "authenticity_token": form_token}
    sign_out = "/logout?" + urlencode({"return_to": "/oauth/authorize?" + urlencode(params)})
    return _page(
        "Authorize",
        f"<h1>Allow {escape(application.name)} to use your CT account?</h1>"
        f"<p>You are <strong>{escape(person.email)}</strong> ({escape(person.account_id)}).</p>"
        f"<p>{escape(application.name)} will be able to:</p>"
        "<ul><li>see your locations and boxes</li><li>change them as you can, reboots included</li></ul>"
        f'<form method="post" action="/oauth/authorize">{_hidden(fields)}<button class="go">Allow</button></form>'
        f'<form method="post" action="/oauth/authorize">{_hidden({**fields, "_method": "delete"})}'
        '<button class="plain">Deny</button></form>'
        '<p class="quiet">Not you? <a href="' + escape(sign_out) + '">Sign out</a> and start again.</p>',
    )


def error_page(sentence: str) -> str:
    return _page("Error", f"<h1>An error has occurred</h1><p>{escape(sentence)}</p>")


def applications(person: Person, application: Application, connected: bool, form_token: str) -> str:
    """Where somebody takes an application's access away by hand."""
    apps = "<p>No application is connected to your account.</p>"
    if connected:
        apps = (
            f"<p><strong>{escape(application.name)}</strong> can act for you.</p>"
            f'<form method="post" action="/applications/disconnect">{_hidden({"authenticity_token": form_token})}'
            f'<button class="plain">Disconnect {escape(application.name)}</button></form>'
        )
    return (
        f"<h1>Connected applications</h1><p>You are <strong>{escape(person.email)}</strong>, "
        f"{escape(person.role_name)} of {escape(person.account_id)}.</p>{apps}"
        '<p class="quiet"><a href="/logout">Sign out</a></p>'
    )


def home_page(account: str = '<p><a href="/login">Sign in to CT</a></p>') -> str:
    """The dashboard: the box of an address in `#/locations/<slug>/devices/<slug>` (ct-api.md 2), the account below."""
    return _page(
        "Dashboard", f'<section id="box" hidden aria-live="polite"></section>{account}<script>{BOX_SCRIPT}</script>'
    )
