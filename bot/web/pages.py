"""The pages people meet while linking: small, without scripts, and holding nothing that came in with a request."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from bot.services.link_exchange import Outcome
from bot.services.link_proof import CodeToType
from bot.services.linking import Invitation

_NAME_CAP = 80

_STYLE = """
:root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#1d1f24;--soft:#5b616e;--line:#e1e4ea;
--go:#1f6f5c;--go-ink:#fff}
@media (prefers-color-scheme:dark){:root{--bg:#14161a;--card:#1d2026;--ink:#eceef2;--soft:#a3aab8;--line:#30353f;
--go:#4fbf9f;--go-ink:#06231b}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1.25rem;background:var(--bg);
color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:27rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:1rem}
.sign{margin:0 0 1rem;color:var(--soft);font-size:.875rem;font-weight:600}
.sign b{display:inline-block;margin-right:.5rem;padding:.0625rem .4375rem;border-radius:.375rem;background:var(--go);
color:var(--go-ink);font-weight:700}
h1{margin:0 0 .75rem;font-size:1.375rem;line-height:1.3;letter-spacing:-.01em;overflow-wrap:anywhere}
p{margin:0 0 1rem;overflow-wrap:anywhere}
p:last-child{margin:0}
.soft{color:var(--soft);font-size:.9375rem}
code{padding:.0625rem .375rem;border:1px solid var(--line);border-radius:.375rem;background:var(--bg);
font:.9375em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:nowrap}
.code{margin:0 0 1.25rem;font:600 1.25rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
letter-spacing:.12em;-webkit-user-select:all;user-select:all}
h1.only{font-size:1.5rem}
button{width:100%;margin:.5rem 0 1.25rem;padding:.8125rem 1.25rem;border:0;border-radius:.625rem;background:var(--go);
color:var(--go-ink);font:inherit;font-weight:600;cursor:pointer}
button:hover{filter:brightness(1.08)}
button:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
"""

STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}} – CT in Slack</title>
<style>{_STYLE.replace("{", "{{").replace("}", "}}")}</style>
</head>
<body>
<main>
<p class="sign"><b>CT</b>Connect to Slack</p>
{{content}}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Words:
    """One page's text: what happened, and what to do next."""

    title: str
    text: str
    status: int = 400


_AGAIN = "Type /ct link in Slack for a new link."

WORDS: dict[Outcome, Words] = {
    Outcome.DONE: Words(
        "Done. Go back to Slack.",
        "Your CT account is connected. The bot tells you there which one. Close this page.",
        200,
    ),
    Outcome.EXPIRED: Words("This link has expired.", f"Nothing was connected. {_AGAIN}", 410),
    Outcome.USED: Words(
        "This page was used already.",
        "Nothing happened just now. Go back to Slack: the bot told you there how it ended. "
        "If it told you nothing, type /ct link for a new link.",
        409,
    ),
    Outcome.SHOWN_ONCE: Words(
        "The code is shown only once.",
        "Nothing happened just now. If you have the code, go back to Slack and enter it there. "
        "If you don't, type /ct link for a new link.",
        409,
    ),
    Outcome.OTHER_PERSON: Words(
        "This link was made for another Slack user. Nothing was connected.",
        "If somebody sent you this link, do not open it again, and tell your admin. "
        "To connect your own account, type /ct link in Slack yourself.",
        403,
    ),
    Outcome.SLACK_DENIED: Words(
        "You did not sign in with Slack.",
        "Nothing was connected. To start again, open the link in Slack once more, or type /ct link for a new one.",
    ),
    Outcome.SLACK_REFUSED: Words(
        "Slack did not say who you are.",
        "Nothing was connected. To start again, open the link in Slack once more, or type /ct link for a new one.",
    ),
    Outcome.SLACK_DOWN: Words(
        "Slack could not be asked just now.",
        "Nothing was connected. Try the link again in a minute; it still works until its ten minutes are over.",
        503,
    ),
    Outcome.CT_DENIED: Words(
        "You did not allow it at CT.",
        "Nothing was connected. To start again, open the link in Slack once more, or type /ct link for a new one.",
    ),
    Outcome.CT_REFUSED: Words(
        "CT did not accept the sign-in.", f"Nothing was connected. To start again: {_AGAIN}", 502
    ),
    Outcome.CT_DOWN: Words(
        "CT did not answer.", f"Nothing was connected. Wait a minute, then start again: {_AGAIN}", 502
    ),
    Outcome.MISCONFIGURED: Words(
        "This bot is not set up correctly at CT.",
        "Nothing was connected, and trying again will not help. "
        "Tell whoever runs the bot: CT refuses its App ID or Secret.",
        502,
    ),
    Outcome.UNPROVED: Words(
        "CT did not confirm the new link.",
        f"It was given back at once, so nothing was connected. Wait a minute, then start again: {_AGAIN}",
        502,
    ),
    Outcome.WITHDRAWN: Words(
        "This link was withdrawn.",
        f"While you signed in, your link or the whole bot was removed in Slack. Nothing was connected. {_AGAIN}",
        410,
    ),
    Outcome.UNSURE: Words(
        "The bot lost its memory half way.",
        "Its store stopped answering, so it cannot say yet whether your account is connected. "
        "It tells you in Slack within a minute or two.",
        503,
    ),
}

_SLACK_WAY = "First you sign in with Slack, to show that this is you. Then CT asks you to log in and to allow it."
_TYPED_WAY = (
    "CT asks you to log in and to allow it. Then this page shows a code. You enter it in Slack, to show who you are."
)

STORE_DOWN = Words(
    "The bot cannot remember anything just now.",
    f"Its store did not answer, so nothing was connected. Try the link again in a minute. If it has ended: {_AGAIN}",
    503,
)
ELSEWHERE = Words(
    "That did not come from our own page.",
    f"Nothing was connected. Open the link in an up-to-date browser and press Continue there. Or start again: {_AGAIN}",
    403,
)
NOT_FOUND = Words("There is nothing here.", "Links to connect an account come from /ct link in Slack.", 404)
NOT_ALLOWED = Words("That cannot be done here.", "Links to connect an account come from /ct link in Slack.", 405)


def invitation(whom: Invitation, *, action: str) -> HTMLResponse:
    """The naming page; `action` is where Continue leads, our own path."""
    handle, workspace = _handle(whom.handle), _name(whom.workspace)
    way = _TYPED_WAY if whom.typed else _SLACK_WAY
    return _page(
        "Connect your CT account",
        f"<h1>Connect Slack user <bdi>{handle}</bdi> in <bdi>{workspace}</bdi> to a CT account.</h1>\n"
        f"<p>{way}</p>\n"
        f'<form method="post" action="{escape(action)}"><button>Continue</button></form>\n'
        "<p>Not you? Close this page and tell your admin.</p>",
        200,
    )


def code_to_type(shown: CodeToType) -> HTMLResponse:
    """The code, and in larger letters the one thing to know about it."""
    handle = f"<bdi>{_handle(shown.handle)}</bdi>"
    return _page(
        "Your code",
        "<p>CT has said yes. Your code is</p>\n"
        f'<p class="code">{escape(shown.code)}</p>\n'
        f'<h1 class="only">Type it only into a Slack window where you yourself are {handle}. '
        "Nobody from support will ever ask for it.</h1>\n"
        "<p>In Slack, press <b>Enter the Code</b> on the message that led you here. "
        "The code works for 5 minutes and is shown this once.</p>\n"
        f"<p>You are not {handle}, or somebody sent you the link? Close this page and tell nobody the code: "
        "nothing is connected then.</p>",
        200,
    )


def words(text: Words) -> HTMLResponse:
    """A page that only says something."""
    return _page(text.title, f"<h1>{escape(text.title)}</h1>\n<p>{_typed(text.text)}</p>", text.status)


def failed(reference: str) -> HTMLResponse:
    """A bug of ours; the reference finds its line in the log."""
    return _page(
        "Something went wrong here",
        "<h1>Something went wrong here.</h1>\n"
        "<p>It is the bot's fault, not yours. To start again, type <code>/ct link</code> in Slack.</p>\n"
        f'<p class="soft">If it happens again, tell whoever runs the bot: {escape(reference)}</p>',
        500,
    )


def _page(title: str, content: str, status: int) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=escape(title), content=content), status)


def _typed(text: str) -> str:
    """Our own sentence, with what is to be typed set apart."""
    return escape(text).replace("/ct link", "<code>/ct link</code>")


def _handle(text: str) -> str:
    return f"@{_name(text.removeprefix('@'))}"


def _name(text: str) -> str:
    """A name from Slack: data, bounded, without control or direction characters."""
    clean = "".join(char for char in text if char.isprintable()).strip()
    return escape(clean if len(clean) <= _NAME_CAP else clean[: _NAME_CAP - 1] + "…") or "somebody"
