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

_SIGNS = dict.fromkeys("“”„«»", '"') | dict.fromkeys("‘’‚", "'") | dict.fromkeys("–—‑−", "-")
# What text brings along from a web page or a chat, unseen: zero-width signs and marks of writing direction.
_UNSEEN = dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TYPED = str.maketrans(_SIGNS | _UNSEEN)
_LINK = re.compile(r"<(?:https?://|mailto:)[^|>]*\|([^>]*)>|<((?:https?://|mailto:)[^>]*)>")
_SPACES = re.compile(r"\s+")
_QUOTED = re.compile(r"""("[^"]+"|'[^']+')(?=\s|$)""")
_FLAGS = re.IGNORECASE | re.DOTALL
MOST_CHARACTERS = 300  # of one argument, so that what fits once fits again behind a button
_MOST_TYPED = 2_000

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
    shape: str | None = None

    @property
    def positional(self) -> bool:
        """True of the words that nothing else claims."""
        return self.keyword is None and self.shape is None

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


def after(keyword: str, label: str, *, required: bool = False, pick: str | None = None) -> Any:
    """Everything after a keyword, up to the next keyword; asked for like `rest` when it is missing."""
    more = {"required": required, "pick": pick}
    return dataclasses.field(default=None, metadata={"keyword": keyword, "label": label, **more})


def shaped(pattern: str, label: str, *, hidden: bool = False) -> Any:
    """Words that are known by their looks, wherever they stand: `20 codes 1 day`. The pattern holds no named groups.

    `hidden`: typed by buttons alone, so it stands in no usage line.
    """
    return dataclasses.field(default=None, metadata={"shape": pattern, "label": label, "hidden": hidden})


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
    """Typographic quotes and dashes, odd blanks, unseen signs, Slack's own link wrapping: as people would type them."""
    text = _LINK.sub(lambda m: m[1] or m[2], text[:_MOST_TYPED].translate(_TYPED))
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return _SPACES.sub(" ", text).strip()


def parse(args: type[A], text: str, *, typed: str) -> A:
    """Fill the class from the text; raises UsageError that says what to type instead.

    No keyword is looked for in a name that stands in quotes.
    """
    wanted = arguments(args)
    values: dict[str, Any] = {}
    first, text = _leading_quote(text)
    for argument in reversed([a for a in wanted if a.keyword]):
        text, value = _split(text, argument, f"{typed} {usage(args)}")
        if value is not None:
            values[argument.field] = value
    for argument in [a for a in wanted if a.shape]:
        text, value = _taken(text, argument)
        if value is not None:
            values[argument.field] = value
    text = " ".join(part for part in (first, text) if part)
    positional = next((a for a in wanted if a.positional), None)
    if positional is None and text:
        raise UsageError(f"{typed} takes nothing more, but I read “{text}”.")
    if positional is not None and (value := _unquote(text)):
        values[positional.field] = value
    for argument in wanted:
        if len(str(values.get(argument.field, ""))) > MOST_CHARACTERS:
            raise UsageError(f"That {argument.label} is too long: keep it under {MOST_CHARACTERS} characters.")
    return args(**values)


def _leading_quote(text: str) -> tuple[str, str]:
    match = _QUOTED.match(text)
    return (match[0], text[match.end() :].strip()) if match else ("", text)


def _split(text: str, argument: Argument, usage: str) -> tuple[str, Any]:
    keyword = re.escape(argument.keyword or "")
    if argument.number:
        match = re.search(rf"(?:^|\s){keyword}\s+0*([1-9][0-9]{{0,4}})$", text, _FLAGS)
        return (text[: match.start()].strip(), int(match[1])) if match else (text, None)
    match = re.search(rf"(?:^|\s){keyword}(?:\s+(.*))?$", text, _FLAGS)
    if not match:
        return text, None
    value = _unquote((match[1] or "").strip())
    if not value:
        raise UsageError(f"After “{argument.keyword}” I expected a {argument.label}. Type {usage}")
    return text[: match.start()].strip(), value


def _taken(text: str, argument: Argument) -> tuple[str, str | None]:
    """The text without what looks like the argument, and that."""
    match = re.search(rf"(?:^|(?<=\s))(?:{argument.shape})(?=\s|$)", text, _FLAGS)
    if not match:
        return text, None
    return f"{text[: match.start()].strip()} {text[match.end() :].strip()}".strip(), match[0]


def _unquote(text: str) -> str:
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def compose(name: str, args: Any, /, **changes: Any) -> str:
    """The command as text again, with some arguments changed; `{}` may stand for one that is picked later.

    Parsing it gives the same arguments; only a value that holds a keyword and both kinds of quotes is beyond that.
    """
    parts = [name]
    for argument in arguments(type(args)):
        value = changes.get(argument.field, getattr(args, argument.field))
        if value is None or (argument.number and value == 1):
            continue
        parts.append(_composed(argument, str(value), type(args)))
    return " ".join(parts)


def _composed(argument: Argument, value: str, args: type) -> str:
    if argument.shape:
        return value
    return f"{argument.keyword} {_quote(value)}" if argument.keyword else _quote(value, args)


def _quote(value: str, args: type = NoArgs) -> str:
    """In quotes where it would be read differently without them."""
    wanted = arguments(args)
    keywords = {argument.keyword for argument in wanted} - {None}
    # One that opens with a quote would find its end in a later argument.
    plain = value[:1] not in ('"', "'") and keywords.isdisjoint(value.casefold().split())
    plain = plain and not any(argument.shape and _taken(value, argument)[1] is not None for argument in wanted)
    mark = '"' if '"' not in value else "'"
    return value if plain or mark in value else f"{mark}{value}{mark}"
