"""How a person finds things on a screen; and what the error says when they do not."""

from bot.sandbox.slack.layout import Tree
from bot.sandbox.slack.seen import Screen, Seen

Found = tuple[Seen, Tree, Tree]


class NotSeenError(AssertionError):
    """The person did not see what was awaited; says what they saw instead."""


def find_button(screen: Screen, channel: str, label: str) -> Found:
    """The newest button with that label, else the newest whose label begins so."""
    for matches in (str.__eq__, str.startswith):
        for seen in screen.surfaces(channel):
            for block, element in seen.elements(screen.user):
                if element["type"] == "button" and matches(element["text"]["text"], label):
                    return seen, block, element
    raise NotSeenError(f"{screen.user} sees no button {label!r}:\n{screen.describe(channel)}")


def find_select(screen: Screen, channel: str, kind: str) -> Found:
    """The newest select of a kind (`external_select`; `select` for any)."""
    for seen in screen.surfaces(channel):
        for block, element in seen.elements(screen.user):
            if element["type"].endswith(kind):
                return seen, block, element
    raise NotSeenError(f"{screen.user} sees no {kind}:\n{screen.describe(channel)}")


def find_menu(screen: Screen, channel: str, row: str) -> Found:
    """The overflow menu of the newest row that says `row`."""
    for seen in screen.surfaces(channel):
        for block, element in seen.elements(screen.user):
            if element["type"] == "overflow" and row in screen.row(block):
                return seen, block, element
    raise NotSeenError(f"{screen.user} sees no menu beside {row!r}:\n{screen.describe(channel)}")


def find_input(modal: Seen, name: str) -> tuple[Tree, Tree]:
    """An input of a modal by its action_id, block_id or label."""
    for block in modal.raw["blocks"]:
        element = block.get("element")
        if element and name in (element["action_id"], block["block_id"], block["label"]["text"]):
            return block, element
    raise NotSeenError(f"no input {name!r} on:\n{modal}")


def option_value(options: list[Tree], text: str) -> str:
    """Of the option that reads so, else of the first that begins so."""
    for matches in (str.__eq__, str.startswith):
        for option in options:
            if matches(option["text"]["text"], text):
                return str(option["value"])
    raise NotSeenError(f"no option begins with {text!r}; there are {[option['text']['text'] for option in options]}")


def what_changed(screen: Screen, change: Tree, channel: str | None) -> Seen | None:
    """What a change shows, unless it is the person's own message or somewhere else than `channel`."""
    if change["type"] == "home" and channel in (None, "home"):
        return screen.view(change["view"], "home")
    if change["type"] == "views" and change["stack"]:
        return screen.view(change["stack"][-1], "view")
    if not change["type"].startswith("message") or change["message"]["author"]["id"] == screen.user:
        return None
    seen = screen.message(change["message"], deleted=change["type"] == "message_deleted")
    return seen if channel in (None, seen.channel) else None
