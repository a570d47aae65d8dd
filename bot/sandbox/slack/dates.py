"""Slack's date tokens, in UTC: `<!date^1392734382^{date_short} at {time}|fallback>`."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _ordinal(day: int) -> str:
    suffix = "th" if 11 <= day % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _pretty(plain: Callable[[datetime], str]) -> Callable[[datetime, datetime], str]:
    def text(at: datetime, now: datetime) -> str:
        for days, word in ((0, "today"), (-1, "yesterday"), (1, "tomorrow")):
            if at.date() == (now + timedelta(days=days)).date():
                return word
        return plain(at)

    return text


def _ago(at: datetime, now: datetime) -> str:
    seconds = (now - at).total_seconds()
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if abs(seconds) >= size:
            count = int(abs(seconds) // size)
            span = f"{count} {noun}{'' if count == 1 else 's'}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    return "now"


def _date(at: datetime) -> str:
    return f"{at:%B} {_ordinal(at.day)}, {at.year}"


def _date_short(at: datetime) -> str:
    return f"{at:%b} {at.day}, {at.year}"


def _date_long(at: datetime) -> str:
    return f"{at:%A}, {_date(at)}"


FORMATS: dict[str, Callable[[datetime, datetime], str]] = {
    "date_num": lambda at, _: f"{at:%Y-%m-%d}",
    "date_slash": lambda at, _: f"{at:%m/%d/%Y}",
    "date": lambda at, _: _date(at),
    "date_short": lambda at, _: _date_short(at),
    "date_long": lambda at, _: _date_long(at),
    "date_long_full": lambda at, _: _date_long(at),
    "date_pretty": _pretty(_date),
    "date_short_pretty": _pretty(_date_short),
    "date_long_pretty": _pretty(_date_long),
    "day_divider_pretty": _pretty(_date_long),
    "time": lambda at, _: f"{at:%H:%M}",
    "time_secs": lambda at, _: f"{at:%H:%M:%S}",
    "ago": _ago,
}


def date_text(target: str, fallback: str, *, now: float) -> str:
    """What a person whose clock shows UTC reads; the fallback when the token is malformed."""
    _, _, rest = target.partition("^")
    stamp, _, rest = rest.partition("^")
    form, _, _ = rest.partition("^")
    if not re.fullmatch(r"-?\d+", stamp) or not form:
        return fallback
    at, today = datetime.fromtimestamp(int(stamp), UTC), datetime.fromtimestamp(now, UTC)
    text = re.sub(r"\{(\w+)\}", lambda found: _formatted(found[1], at, today), form)
    return text[:1].upper() + text[1:] if form.startswith("{") and form != "{ago}" else text


def _formatted(name: str, at: datetime, now: datetime) -> str:
    run = FORMATS.get(name)
    return run(at, now) if run else "{" + name + "}"
