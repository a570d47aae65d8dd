"""How CT writes values: ids and numbers as text or number, times as epoch seconds (ct-api 2)."""

from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, TypeVar

import msgspec

from bot.ct.errors import CTResponseError

T = TypeVar("T")

Text = str | int | float | None

MILLISECONDS = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973


@lru_cache(maxsize=128)
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, strict=False)


def decode(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """JSON into the declared shape and nothing more; numbers may come as text. Raises CTResponseError."""
    try:
        value: T = _decoder(shape).decode(body)  # type: ignore[arg-type]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise CTResponseError(f"CT's answer is not what we know: {type(error).__name__}") from error
    return value


def text(value: Text) -> str:
    """An id or a word, as text; "" when CT gave none."""
    return "" if value is None else str(value)


def optional_text(value: Text) -> str | None:
    """Text, or None when CT gave none or an empty one."""
    return None if value is None or value == "" else str(value)


def epoch(value: Text) -> int | None:
    """A time as epoch seconds; also from ISO text, which some resources use. Raises CTResponseError for other text."""
    if value is None or value == "":
        return None
    try:
        is_number = not isinstance(value, str) or (value.isascii() and value.isdigit())
        return int(float(value)) if is_number else _iso(str(value))
    except (ValueError, OverflowError) as error:
        raise CTResponseError("CT's answer holds a time that is none") from error


def _iso(value: str) -> int:
    moment = datetime.fromisoformat(value)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def number(value: Text) -> float | None:
    """A finite number that may come as text; None for anything else, since such numbers are only shown."""
    try:
        found = None if value is None else float(value)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and isfinite(found) else None


def moment(value: Text) -> float | None:
    """A time that may come in seconds or in milliseconds, as epoch seconds."""
    at = number(value)
    return at if at is None or at < MILLISECONDS else at / 1000


def whole(value: Text) -> int | None:
    """The same as a whole number."""
    found = number(value)
    return None if found is None else int(found)


def as_number(value: str | None) -> int | str | None:
    """An id as the number that CT gave, where it is one."""
    return int(value) if value is not None and value.isascii() and value.isdigit() else value
