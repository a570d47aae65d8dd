"""The grammar of what follows `/ct`: each command declares its arguments as a dataclass; all else derives from it.

    @dataclass(frozen=True)
    class RebootArgs:
        box: str | None = rest("box", required=True, pick="box")
        reason: str | None = after("because", "reason")

reads `lobby ap because guests cannot log in`, and writes its own usage: `<box> [because <reason>]`.
"""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.errors import UsageError

_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "\u00a0": " "})
_LINK = re.compile(r"<(?:https?://|mailto:)[^|>]*\|([^>]*)>|<((?:https?://|mailto:)[^>]*)>")
_SPACES = re.compile(r"\s+")
MOST_CHARACTERS = 400

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Argument:
    """How one field of an arguments class is typed."""

    field: str
    label: str
    required: bool = False
    keyword: str | None = None
    pick: str | None = None
    hidden: bool = False
    number: bool = False

    @property
    def usage(self) -> str:
        """Its part of the usage line."""
        if self.hidden:
            return ""
        inner = f"<{self.label}>" if self.required or self.keyword else self.label
        typed = f"{self.keyword} {inner}" if self.keyword else inner
        return typed if self.required else f"[{typed}]"


def rest(label: str, *, required: bool = False, pick: str | None = None) -> Any:
    """The words that no keyword claims. `pick`: 'box' or 'location' is asked for with a picker when missing."""
    return dataclasses.field(default=None, metadata={"rest": True, "label": label, "required": required, "pick": pick})


def after(keyword: str, label: str) -> Any:
    """Everything after a keyword, up to the next keyword."""
    return dataclasses.field(default=None, metadata={"keyword": keyword, "label": label})


def page() -> Any:
    """The page of a list; typed by buttons, so it stands in no usage line."""
    return dataclasses.field(default=1, metadata={"keyword": "page", "label": "n", "hidden": True, "number": True})


@dataclass(frozen=True)
class NoArgs:
    """For commands that take nothing."""


def arguments(args: type) -> list[Argument]:
    """The declared arguments of a class, in the order in which they are typed."""
    found = []
    for field in dataclasses.fields(args):
        meta = dict(field.metadata)
        meta.pop("rest", None)
        found.append(Argument(field=field.name, **meta))
    return found


def usage(args: type) -> str:
    """What is typed after the command's name."""
    return " ".join(part for argument in arguments(args) if (part := argument.usage))


def tidy(text: str) -> str:
    """Typographic quotes and dashes, non-breaking blanks and Slack's own link wrapping, as people would type them."""
    text = _LINK.sub(lambda m: m[1] or m[2], text.translate(_QUOTES))
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return _SPACES.sub(" ", text).strip()


def parse(args: type[A], text: str, *, typed: str) -> A:
    """Fill the class from the text; raises UsageError that says what to type instead."""
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"That is too long for me: keep it under {MOST_CHARACTERS} characters.")
    wanted = arguments(args)
    values: dict[str, Any] = {}
    for argument in reversed([a for a in wanted if a.keyword]):
        text, value = _split(text, argument, typed)
        if value is not None:
            values[argument.field] = value
    positional = next((a for a in wanted if not a.keyword), None)
    if positional is None and text:
        raise UsageError(f"{typed} takes nothing more, but I read “{text}”.")
    if positional is not None and text:
        values[positional.field] = _unquote(text)
    return args(**values)


def _split(text: str, argument: Argument, typed: str) -> tuple[str, Any]:
    match = re.search(rf"(?:^|\s){re.escape(argument.keyword or '')}(?:\s+(.*))?$", text, re.IGNORECASE)
    if not match:
        return text, None
    value = _unquote((match[1] or "").strip())
    if argument.number:
        if not (value.isascii() and value.isdigit() and 0 < int(value) < 100_000):
            return text, None
        return text[: match.start()].strip(), int(value)
    if not value:
        raise UsageError(f"After “{argument.keyword}” I expected a {argument.label}: {typed} {usage_of(argument)}")
    return text[: match.start()].strip(), value


def usage_of(argument: Argument) -> str:
    """One argument's usage, without the brackets that make it optional."""
    return argument.usage.strip("[]")


def _unquote(text: str) -> str:
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def compose(name: str, args: Any, **changes: Any) -> str:
    """The command as text again, with some arguments changed; `{}` may stand for one that is picked later."""
    parts = [name]
    for argument in arguments(type(args)):
        value = changes.get(argument.field, getattr(args, argument.field))
        if value is None or (argument.number and value == 1):
            continue
        parts.append(f"{argument.keyword} {value}" if argument.keyword else str(value))
    return " ".join(parts)
