"""Listens to what the app says: mentions in its words are noted, so that a test can catch an injected one."""

import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.people import Directory

BROADCAST = re.compile(r"<!(channel|here|everyone)(\|[^>]*)?>|<!subteam\^[^>]*>")
PERSON = re.compile(r"<@([^>|]*)(?:\|[^>]*)?>")


def marked_up(node: Any) -> Iterator[str]:
    """Every text in a message or view that Slack reads as markup: top-level text, mrkdwn objects, markdown blocks."""
    if isinstance(node, list):
        for item in node:
            yield from marked_up(item)
    elif isinstance(node, dict):
        if node.get("type") in ("mrkdwn", "markdown"):
            if isinstance(text := node.get("text"), str):
                yield text
            return
        if node.get("type") in ("broadcast", "usergroup"):
            yield f"<!{node.get('range') or 'subteam^' + str(node.get('usergroup_id'))}>"
        elif node.get("type") == "user":
            yield f"<@{node.get('user_id')}>"
        for key, value in node.items():
            if isinstance(value, str) and key == "text" and "type" not in node:
                yield value
            else:
                yield from marked_up(value)


def note_words(payload: dict[str, Any], *, directory: Directory, journal: Journal, where: str) -> None:
    """Journal each broadcast, and each mention of somebody who does not exist, as kind `mention`."""
    for text in marked_up(payload):
        for found in BROADCAST.finditer(text):
            journal.refused(where, found.group(0), [text], payload, kind="mention")
        for found in PERSON.finditer(text):
            if found.group(1) not in directory.people:
                journal.refused(where, f"unknown user {found.group(0)}", [text], payload, kind="mention")
