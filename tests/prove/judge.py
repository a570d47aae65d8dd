"""Judges every payload that reached the practice Slack: Slack's own validator, and no markup that is not the bot's."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.blocks import check_view, find_faults
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.objects import check_suggestions
from bot.sandbox.slack.refused import RefusedError
from tests.slack.foreign import shows_nothing_hidden, strings

_DATE = re.compile(r"<!date\^-?\d+\^(?:\{time(?:_secs)?\}|\{date_short_pretty\}, \{time\})\|[0-9: -]*UTC>")
_MENTION = re.compile(r"<@([^>|]*)>")
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
_ADDRESS = re.compile(r"\bhttps?://|\bwww\.|\bmailto:", re.IGNORECASE)
SHOWN = frozenset({"text", "url", "title", "alt_text", "hint", "initial_comment"})
# The doctor tries a code that is none, to see it refused; and a form may be closed, or give way to another, before
# its late end.
EXPECTED = {
    ("view_submission", "not_found"),
    ("openid.connect.token", "invalid_code"),
    ("views.update", "not_found"),
    ("views.open", "expired_trigger_id"),
}


class Judge:
    """`acting`: who may be mentioned; `pages`: where a button may lead, as beginnings of addresses."""

    def __init__(self, acting: Sequence[str], pages: Sequence[str]) -> None:
        self._acting = frozenset(acting)
        self._pages = tuple(pages)

    def calls(self, journal: Journal) -> Iterator[tuple[str, list[str]]]:
        """(where, what is wrong) of everything that the bot said, and of all that Slack refused."""
        for call in journal.calls:
            arguments = call["arguments"]
            if isinstance(arguments, dict):
                yield call["method"], self.said(arguments)
        for row in journal.refusals:
            if row["kind"] != "warning" and (row["where"], row["error"]) not in EXPECTED:
                yield row["where"], [f"{row['kind']} {row['error']}: {row['messages'][:1]}"]

    def said(self, arguments: dict[str, Any]) -> list[str]:
        """What is wrong with the arguments of one call, or with one answer."""
        wrong: list[str] = []
        if view := arguments.get("view"):
            wrong += self.view(view)
        if {"blocks", "text"} & arguments.keys():
            wrong += self.message(arguments)
        if comment := arguments.get("initial_comment"):
            wrong += self._markdown(str(comment)) + self._hidden([("initial_comment", str(comment))])
        return wrong

    def message(self, said: dict[str, Any]) -> list[str]:
        """One message: text beside blocks, or alone."""
        blocks, text = said.get("blocks") or [], str(said.get("text") or "")
        wrong = [*find_faults(blocks, "message").messages, *self._tree(blocks), *self._hidden([("text", text)])]
        if re.search(r"[<>]", text) or _bare(text):
            wrong.append(f"markup in the notification: {text[:120]!r}")
        if not blocks and _ADDRESS.search(text):
            wrong.append(f"an address that Slack would make a link of: {text[:120]!r}")
        if len(text) > limits.MESSAGE_TEXT_ADVISED_LENGTH:
            wrong.append(f"a text of {len(text)} characters")
        return wrong

    def view(self, view: Any) -> list[str]:
        """A modal or a Home tab."""
        view = json.loads(view) if isinstance(view, str) else view
        try:
            check_view(view, view["type"])
        except RefusedError as refusal:
            return [f"{refusal.error}: {refusal.messages[:2]}"]
        return self._tree({name: held for name, held in view.items() if name != "private_metadata"})

    def ack(self, answer: Any) -> list[str]:
        """What an answer to a delivery said: nothing, a text, a view, errors at fields, or options."""
        if isinstance(answer, str):
            return self.message({"text": answer})
        if not isinstance(answer, dict):
            return []
        if "options" in answer:
            return [*check_suggestions(answer), *self._tree(answer)]
        wrong = self.said(answer)
        for text in (answer.get("errors") or {}).values():
            wrong += self._hidden([("text", text)])
        return wrong

    def _tree(self, node: Any) -> list[str]:
        wrong = [found for text, verbatim in markdown(node) for found in self._marked(text, verbatim)]
        for name, text in strings(node):
            if name == "url" and not text.startswith(self._pages):
                wrong.append(f"a way to {text[:80]}")
        return wrong + self._hidden(strings(node))

    def _marked(self, text: str, verbatim: bool) -> list[str]:
        return self._markdown(text) + ([] if verbatim else [f"Slack would look for links in {text[:80]!r}"])

    def _markdown(self, text: str) -> list[str]:
        """No token but a time and somebody who acts; what is bold or code is closed."""
        bare = _DATE.sub("", text)
        strangers = [found for found in _MENTION.findall(bare) if found not in self._acting]
        bare = _MENTION.sub("", bare)
        wrong = [f"a mention of {found}" for found in strangers]
        if re.search(r"[<>]", bare) or _bare(bare):
            wrong.append(f"raw markup in {text[:120]!r}")
        if any(line.count("*") % 2 for line in bare.split("\n")) or bare.count("`") % 2:
            wrong.append(f"bold or code that is not closed in {text[:120]!r}")
        return wrong

    def _hidden(self, texts: Any) -> list[str]:
        return [
            f"hidden characters in {name}: {text[:80]!r}"
            for name, text in texts
            if name in SHOWN and not shows_nothing_hidden(text)
        ]


def _bare(text: str) -> bool:
    """An ampersand that is no escape: what follows it could be read as one."""
    return "&" in _ESCAPED.sub("", text)


def markdown(node: Any) -> Iterator[tuple[str, bool]]:
    """Every mrkdwn text, and whether Slack is told to leave it as it is."""
    if isinstance(node, list):
        for item in node:
            yield from markdown(item)
    elif isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield node["text"], node.get("verbatim") is True
        else:
            for held in node.values():
                yield from markdown(held)
