"""What every view must keep to, whatever it is given: Slack's limits, and foreign text that stays data (row U1)."""

import re
from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Block

from bot.identity import SlackUser
from bot.sandbox.slack import limits
from bot.sandbox.slack.blocks import find_faults
from bot.sandbox.slack.whole import characters
from bot.slack.courier import plain_text
from bot.slack.reply import Reply
from bot.slack.views import parts
from tests.slack.foreign import shows_nothing_hidden, strings

ANA = SlackUser("T01ACME", "U01ANA")
DASHBOARD = "https://dashboard.example"
NOW = 1_790_000_000.0
OURS = re.compile(r"<!date\^-?\d+\^(?:\{time(?:_secs)?\}|\{date_short_pretty\}, \{time\})\|[0-9: -]*UTC>|<@U01ANA>")
ADDRESS = re.compile(rf"{re.escape(DASHBOARD)}(?:/#/[A-Za-z0-9_.~%/-]*)?|https://bot\.example/[A-Za-z0-9/]+")


def dictionaries(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """The blocks as Slack gets them; slack_sdk checks its own limits on the way."""
    return [block.to_dict() for block in blocks]


def markdown(node: Any) -> list[str]:
    """All mrkdwn texts of a tree; each must be verbatim, or Slack would look for links in it."""
    if isinstance(node, list):
        return [text for item in node for text in markdown(item)]
    if not isinstance(node, dict):
        return []
    if node.get("type") == "mrkdwn":
        assert node["verbatim"] is True
        return [node["text"]]
    return [text for held in node.values() for text in markdown(held)]


def check_markdown(text: str) -> None:
    """No token but our own, and all of our bold and code is closed."""
    bare = OURS.sub("", text)

    assert "<" not in bare
    assert ">" not in bare
    assert "&" not in re.sub(r"&(?:amp|lt|gt);", "", bare)
    assert "**" not in bare
    assert all(line.count("*") % 2 == 0 for line in bare.split("\n"))
    assert bare.count("`") % 2 == 0
    assert text.strip()


def check_blocks(blocks: Sequence[Block], surface: str = "message") -> list[dict[str, Any]]:
    """Slack would take them, and nothing foreign in them is markup."""
    drawn = dictionaries(blocks)

    assert find_faults(drawn, surface).messages == []
    assert len(drawn) < limits.MESSAGE_BLOCKS_MAX_ITEMS
    assert characters(drawn) <= limits.MESSAGE_CHARACTERS_MAX
    for text in markdown(drawn):
        check_markdown(text)
    for name, text in strings(drawn):
        if name == "url":
            assert ADDRESS.fullmatch(text), text
        if name in {"text", "url"}:
            assert shows_nothing_hidden(text)
    return drawn


def check(reply: Reply) -> Reply:
    """The whole of an answer, and what a channel would see of it when it is shared."""
    top = plain_text(reply)

    assert top.strip()
    assert shows_nothing_hidden(reply.text)
    assert not re.search(r"[<>]|&(?!(?:amp|lt|gt);)", top)
    assert len(top) <= limits.MESSAGE_TEXT_ADVISED_LENGTH
    check_blocks(reply.blocks)
    check_blocks([*parts.plain(reply.blocks), parts.context(f"Shared by {ANA.mention}")])
    return reply


def shown(reply: Reply) -> str:
    """All mrkdwn of an answer, in order."""
    return "\n".join(markdown(dictionaries(reply.blocks)))


def pressable(reply: Reply) -> dict[str, str]:
    """Label and value (or address) of everything that can be pressed, rows' menus too."""
    found: dict[str, str] = {}

    def collect(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                collect(item)
        elif isinstance(node, dict):
            if "value" in node and isinstance(node.get("text"), dict):
                found[node["text"]["text"]] = node.get("url") or node["value"]
            for held in node.values():
                collect(held)

    collect(dictionaries(reply.blocks))
    return found
