"""What a person reads: blocks flattened in reading order, tokens resolved, markup gone (slack-facts 1.3)."""

import html
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.dates import date_text

Tree = dict[str, Any]
TOKEN = re.compile(r"<((?:[@#!]|[A-Za-z][A-Za-z0-9+.-]*:)[^<>\n]+)>")
MARKS = (
    re.compile(r"```\n?(.+?)\n?```", re.DOTALL),
    re.compile(r"(?<![\w`])`([^`\n]+)`(?![\w`])"),
    re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"),
    re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"),
)


@dataclass
class Names:
    """Who and what the ids stand for."""

    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Rendered:
    lines: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(line for line in self.lines if line)


class Renderer:
    def __init__(self, names: Names, *, user: str = "", now: float | None = None) -> None:
        self._names = names
        self._user = user
        self._now = time.time() if now is None else now
        self._seen = Rendered()

    def message(self, message: Tree) -> Rendered:
        """Blocks if there are any; else the text, which Slack shows only then."""
        if message.get("blocks"):
            self.blocks(message["blocks"])
        else:
            self._say(self.mrkdwn(message.get("text") or ""))
        for attachment in message.get("attachments") or []:
            self._say(self.mrkdwn(attachment.get("text") or attachment.get("fallback") or ""))
            self.blocks(attachment.get("blocks") or [])
        for file in message.get("files") or []:
            self._say(f"[{file['title']}]")
        return self._seen

    def view(self, view: Tree) -> Rendered:
        for name in ("title",):
            self._say(self.words(view.get(name)))
        self.blocks(view["blocks"])
        ends = [self.words(view.get(name)) for name in ("submit", "close")]
        self._say("  ".join(f"[{end}]" for end in ends if end))
        return self._seen

    def _say(self, line: str) -> None:
        self._seen.lines.append(line)

    def blocks(self, blocks: list[Tree]) -> None:
        for block in blocks:
            run = getattr(self, f"_{block['type']}", None)
            if run is not None:
                run(block)

    def words(self, held: Tree | str | None) -> str:
        """A text object as it reads."""
        if held is None or isinstance(held, str):
            return held or ""
        return self.mrkdwn(held["text"]) if held["type"] == "mrkdwn" else str(held["text"])

    def mrkdwn(self, text: str) -> str:
        """Tokens first, kept apart so that marks in a URL or a name stay; then marks; then entities."""
        kept: list[str] = []

        def keep(found: re.Match[str]) -> str:
            kept.append(self._token(found[1]))
            return f"\0{len(kept) - 1}\0"

        text = TOKEN.sub(keep, text)
        for mark in MARKS:
            text = mark.sub(r"\1", text)
        text = html.unescape(text)
        return re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], text)

    def _token(self, inside: str) -> str:
        target, _, label = inside.partition("|")
        label = html.unescape(label)
        if target.startswith("@"):
            return "@" + self._names.people.get(target[1:], label or target[1:])
        if target.startswith("#"):
            return "#" + self._names.channels.get(target[1:], label or target[1:])
        if target.startswith("!date^"):
            return date_text(target, label, now=self._now)
        if target.startswith("!"):
            return label or "@" + target[1:].partition("^")[0]
        self._seen.links[label or html.unescape(target)] = html.unescape(target)
        return label or html.unescape(target)

    def _element(self, element: Tree) -> str:
        kind = element["type"]
        allowed = element.get("visible_to_user_ids")
        if allowed and self._user not in allowed:
            return ""
        if kind in ("button", "icon_button"):
            label = self.words(element["text"])
            self._seen.buttons.append(label)
            if element.get("url"):
                self._seen.links[label] = element["url"]
            return f"[{label}]"
        if kind == "image":
            return str(element["alt_text"])
        if kind in ("mrkdwn", "plain_text"):
            return self.words(element)
        if kind in ("checkboxes", "radio_buttons"):
            return "  ".join("( ) " + self.words(option["text"]) for option in element["options"])
        if kind == "overflow":
            return "[…]"
        chosen = element.get("initial_option")
        return f"[{self.words(chosen['text'] if chosen else element.get('placeholder')) or kind}]"

    def _section(self, block: Tree) -> None:
        parts = [self.words(block.get("text")), *map(self.words, block.get("fields") or [])]
        for part in parts:
            self._say(part)
        if block.get("accessory"):
            self._say(self._element(block["accessory"]))

    def _header(self, block: Tree) -> None:
        self._say(self.words(block["text"]))

    _alert = _header

    def _markdown(self, block: Tree) -> None:
        self._say(re.sub(r"[*_`#]{1,3}", "", block["text"]))

    def _context(self, block: Tree) -> None:
        self._say("  ".join(filter(None, map(self._element, block["elements"]))))

    _actions = _context

    def _input(self, block: Tree) -> None:
        self._say(self.words(block["label"]))
        self._say(self._element(block["element"]))
        self._say(self.words(block.get("hint")))

    def _image(self, block: Tree) -> None:
        self._say(self.words(block.get("title")) or str(block["alt_text"]))

    def _card(self, block: Tree) -> None:
        for name in ("title", "subtitle", "body", "subtext"):
            self._say(self.words(block.get(name)))
        self._say("  ".join(map(self._element, block.get("actions") or [])))

    def _carousel(self, block: Tree) -> None:
        self.blocks(block["elements"])

    def _container(self, block: Tree) -> None:
        self._say(self.words(block.get("title")))
        self._say(self.words(block.get("subtitle")))
        self.blocks(block["child_blocks"])

    def _plan(self, block: Tree) -> None:
        self._say(block["title"])
        self.blocks(block.get("tasks") or [])

    def _task_card(self, block: Tree) -> None:
        self._say(f"{block['title']} ({block['status']})")

    def _rich_text(self, block: Tree) -> None:
        for element in block["elements"]:
            if element["type"] == "rich_text_list":
                for item in element["elements"]:
                    self._say("• " + self._spoken(item))
            else:
                self._say(self._spoken(element))

    def _spoken(self, element: Tree) -> str:
        return "".join(map(self._part, element.get("elements") or []))

    def _part(self, part: Tree) -> str:
        kind = part["type"]
        if kind == "link":
            self._seen.links[part.get("text") or part["url"]] = part["url"]
            return str(part.get("text") or part["url"])
        if kind == "user":
            return "@" + self._names.people.get(part["user_id"], part["user_id"])
        if kind == "channel":
            return "#" + self._names.channels.get(part["channel_id"], part["channel_id"])
        if kind == "date":
            return date_text(f"!date^{part['timestamp']}^{part['format']}", part.get("fallback", ""), now=self._now)
        if kind == "emoji":
            return f":{part['name']}:"
        return str(part.get("text") or "@" + part.get("range", ""))

    def _table(self, block: Tree) -> None:
        for row in block["rows"]:
            self._say(" | ".join(map(self._cell, row)))

    def _data_table(self, block: Tree) -> None:
        self._say(block["caption"])
        self._table(block)

    def _cell(self, cell: Tree) -> str:
        if cell["type"] == "rich_text":
            return " ".join(map(self._spoken, cell["elements"]))
        if cell["type"] == "action_cell":
            return self._element(cell["element"])
        return str(cell.get("text", cell.get("value", "")))

    def _data_visualization(self, block: Tree) -> None:
        self._say(block["title"])
        for segment in block["chart"].get("segments") or []:
            self._say(f"{segment['label']}: {segment['value']}")
        for series in block["chart"].get("series") or []:
            self._say(f"{series['name']}: " + ", ".join(f"{each['label']} {each['value']}" for each in series["data"]))
