"""CT's error bodies, folded into a few short sentences (ct-api 2.1)."""

import re
import unicodedata
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import islice
from time import time
from typing import Any

import msgspec

LONGEST_BODY = 65_536
_MOST = 5
_MOST_IN_FIELDS = 30
_LONGEST = 200
_DEEPEST = 4


def messages(body: bytes, content_type: str) -> list[str]:
    """The sentences of an error body in any of the four shapes; none for HTML, an empty or an unreadable one."""
    return _first(sentence for _, sentence in _told(body, content_type))


def fields(body: bytes, content_type: str) -> dict[str, list[str]]:
    """The same sentences by CT's name of the field they are about; "base" holds those about none."""
    found: dict[str, dict[str, None]] = {}
    for field, sentence in islice(_told(body, content_type), _MOST_IN_FIELDS):
        if line := clean(sentence):
            found.setdefault(clean(field) or "base", {})[line] = None
    return {field: list(lines) for field, lines in found.items()}


def clean(text: str) -> str:
    """One line without control, format or private characters, at most 200 characters long."""
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text[: _LONGEST * 5])
    line = " ".join(kept.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header, given as seconds or as an HTTP date; None when it is neither."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (ValueError, OverflowError):
        return None


def _first(sentences: Iterator[str]) -> list[str]:
    found: dict[str, None] = {}
    for sentence in sentences:
        if line := clean(sentence):
            found[line] = None
        if len(found) == _MOST:
            break
    return list(found)


def _told(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    """Field and sentence, in CT's order; the field is "" where there is none."""
    if not body or len(body) > LONGEST_BODY:
        return
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        if not content_type.startswith("text/plain"):
            return
        told = body.decode("utf-8", "replace")
    yield from _sentences(told)


def _sentences(told: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(told, dict):
        yield from _flat(told)
        return
    for member in ("errors", "message", "error"):
        if found := told.get(member):
            yield from _flat(found)
            return


def _flat(value: Any, field: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        yield field, _labelled(field, value)
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item, field, depth + 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _flat(item, "" if name == "base" else name, depth + 1)


def _labelled(field: str, sentence: str) -> str:
    label = re.sub(r"[_.\s]+", " ", field).strip().capitalize()
    return sentence if sentence.lower().startswith(label.lower()) else f"{label} {sentence}"
