"""What Slack sends, as far as we read it: typed at the edge, so that strange shapes end here."""

from dataclasses import dataclass
from typing import Any

from bot.identity import SlackUser
from bot.slack.grammar import tidy

ODD = (KeyError, TypeError, IndexError, AttributeError, ValueError)  # what reading a shape that is not ours raises


@dataclass(frozen=True, slots=True)
class Typed:
    """A slash command."""

    who: SlackUser
    text: str
    channel_id: str
    response_url: str
    handle: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """One interaction: a button, a select, an overflow menu."""

    who: SlackUser
    action: str
    block: str
    value: str
    channel_id: str
    response_url: str
    private: bool
    handle: str
    workspace: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A modal that was submitted."""

    who: SlackUser
    callback: str
    view_id: str
    metadata: str
    state: dict[str, Any]
    delivery: str


@dataclass(frozen=True, slots=True)
class Gone:
    """An installation that ended, or the tokens of some of its people."""

    tag: str
    team_id: str | None
    user_ids: list[str] | None


def whole(value: Any) -> Any:
    """The same without halves of surrogate pairs: JSON can spell them, but nothing that is stored or sent can hold one.

    Raises RecursionError for what is nested too deep.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {whole(name): whole(held) for name, held in value.items()}
    return [whole(held) for held in value] if isinstance(value, list) else value


def typed(body: dict[str, Any]) -> Typed:
    """Read a slash command (`slack-facts.md` 1.3). Raises one of ODD for a shape we do not know, as all of these do."""
    who = SlackUser(_text(body["team_id"]), _text(body["user_id"]), _maybe(body.get("enterprise_id")))
    return Typed(
        who=who,
        text=tidy(str(body.get("text") or "")),
        channel_id=_text(body["channel_id"]),
        response_url=str(body.get("response_url") or ""),
        handle=str(body.get("user_name") or ""),
        delivery=_text(body["trigger_id"]),
    )


def pressed(body: dict[str, Any]) -> Pressed:
    """Read a block action; the team is the *user's* (row S4)."""
    user, action, container = body["user"], body["actions"][0], body.get("container") or {}
    option = action.get("selected_option") or {}
    return Pressed(
        who=member(body),
        action=_text(action["action_id"]).split(":")[0],
        block=str(action.get("block_id") or ""),
        value=str(action.get("value") or option.get("value") or ""),
        channel_id=str((body.get("channel") or {}).get("id") or ""),
        response_url=str(body.get("response_url") or ""),
        private=bool(container.get("is_ephemeral")),
        handle=str(user.get("username") or user.get("name") or ""),
        workspace=str((body.get("team") or {}).get("domain") or ""),
        delivery=_text(body["trigger_id"]),
    )


def submitted(body: dict[str, Any]) -> Submitted:
    """Read a view submission."""
    view = body["view"]
    return Submitted(
        who=member(body),
        callback=_text(view["callback_id"]),
        view_id=_text(view["id"]),
        metadata=str(view.get("private_metadata") or ""),
        state={str(k): v for k, v in ((view.get("state") or {}).get("values") or {}).items() if isinstance(v, dict)},
        delivery=str(body.get("trigger_id") or view.get("hash") or view["id"]),
    )


def member(body: dict[str, Any]) -> SlackUser:
    """Who clicked, with their own team."""
    user, team = body["user"], body.get("team") or {}
    enterprise = (body.get("enterprise") or {}).get("id") or team.get("enterprise_id")
    return SlackUser(_text(user.get("team_id") or team["id"]), _text(user["id"]), _maybe(enterprise))


def gone(body: dict[str, Any]) -> Gone | None:
    """Read `app_uninstalled` or `tokens_revoked`; None where nobody's tokens are over."""
    team, enterprise, event = _maybe(body.get("team_id")), _maybe(body.get("enterprise_id")), body["event"]
    users: list[str] | None = None
    if event["type"] == "tokens_revoked":
        tokens = event["tokens"]
        users = None if tokens.get("bot") else [_text(user) for user in tokens.get("oauth") or []]
    return None if users == [] else Gone(tag=_text(enterprise or team), team_id=team, user_ids=users)


def _maybe(value: Any) -> str | None:
    return _text(value) if value else None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("an id is missing")
    return value
