"""Lengths of time as people type them: `2h`, `90 min`, `1 day`, `1h30`."""

import re

from bot.errors import UsageError

_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
}
_PART = re.compile(r"(\d{1,5})\s*([a-z]*)", re.IGNORECASE)
_WHOLE = re.compile(r"(?:\d{1,5}\s*[a-z]*\s*){1,3}", re.IGNORECASE)


def parse_span(text: str, *, least: int, most: int) -> int:
    """Seconds. A number without a unit after hours means minutes (`1h30`); alone it is refused. Raises UsageError."""
    words = text.strip().casefold().removeprefix("a ").removeprefix("an ")
    words = f"1 {words}" if words in _UNITS else words
    total = _total(words) if _WHOLE.fullmatch(words) else None
    if total is None:
        raise UsageError(f"I can't read “{text}” as a length of time. Type 30 min, 2h or 1 day.")
    if not least <= total <= most:
        raise UsageError(f"“{text}” is too {'short' if total < least else 'long'} for that.")
    return total


def _total(words: str) -> int | None:
    total, last = 0, 0
    for number, unit in _PART.findall(words):
        seconds = _UNITS.get(unit, 0) if unit else (60 if last == 3600 else 0)
        if not seconds:
            return None
        total, last = total + int(number) * seconds, seconds
    return total
