"""The three small pages of Sign in with Slack: who are you, may it, it cannot be."""

import html
from collections.abc import Mapping, Sequence

from bot.sandbox.slack.people import Person, Team

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 26rem; padding: 3rem 1.25rem; }
h1 { font-size: 1.4rem; }
button { display: block; width: 100%; margin: .5rem 0; padding: .75rem 1rem; font: inherit; border-radius: .5rem;
  border: 1px solid #8886; background: transparent; color: inherit; text-align: left; cursor: pointer; }
button.main { background: #007a5a; color: #fff; text-align: center; font-weight: 600; border: 0; }
small { opacity: .7; }
"""


def _page(title: str, body: str) -> str:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    head += f"<title>{title}</title>"
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{body}<p><small>Practice Slack</small></p></main></body></html>"
    )


def _form(action: str, query: str, buttons: str) -> str:
    hidden = f'<input type="hidden" name="query" value="{html.escape(query)}">'
    return f'<form method="post" action="{action}">{hidden}{buttons}</form>'


def who_page(people: Sequence[Person], teams: Mapping[str, Team], query: str) -> str:
    buttons = "".join(
        f'<button name="user" value="{person.id}">{html.escape(person.real_name)} '
        f"<small>@{html.escape(person.name)}, {html.escape(teams[person.team_id].name)}</small></button>"
        for person in people
    )
    return _page("Sign in to Slack as", _form("/openid/connect/signin", query, buttons))


def consent_page(person: Person, app: str, query: str) -> str:
    buttons = (
        '<button class="main" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Cancel</button>'
    )
    words = f"<p>You are signed in as <strong>@{html.escape(person.name)}</strong>.</p>"
    title = f"{html.escape(app)} would like to know who you are"
    return _page(title, words + _form("/openid/connect/allow", query, buttons))


def refusal_page(reason: str) -> str:
    return _page("Something went wrong when authorising this app", f"<p>{html.escape(reason)}</p>")
