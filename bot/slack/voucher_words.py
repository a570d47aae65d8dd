"""What a batch of vouchers is called in words: typed (`20 codes 1 day 500 MB`) and told."""

import re
from dataclasses import dataclass

from bot.ct import Rules, VoucherForm
from bot.errors import UsageError
from bot.slack import text as t
from bot.slack.spans import parse_span

FEWEST, MOST = 10, 1000
LEAST_MINUTES, MOST_MINUTES = 5, 518_412
LEAST_MB, MOST_MB = 50, 1_000_000
PERIODS = {
    "": "as often as guests like",
    "daily": "anew every day",
    "weekly": "anew every week",
    "monthly": "anew every month",
    "all": "once",
}
FORMATS = {"alphanumeric": "letters and digits", "numeric": "digits", "alpha": "letters", "words": "words"}

_COUNT = r"\d{1,6}\s+(?:codes?|vouchers?)"
_UNIT = r"(?:minutes?|mins?|m|hours?|hrs?|hr|h|days?|d|weeks?|w)(?![a-z])"
# A second number may go without its unit (`1h30`), but not where it is a number of MB (`1 h 500 MB`).
_SPAN = rf"(?:\d{{1,5}}\s*{_UNIT}(?:\s*\d{{1,5}}(?:\s*{_UNIT}|(?!\d|\s*[a-z])))?|an?\s+{_UNIT})"
_DATA = r"\d{1,7}\s*(?:mb|gb)"
_JOINT = r"\s+(?:(?:for|of|with|and)\s+)?"
WISH = rf"{_COUNT}(?:{_JOINT}(?:{_DATA}|{_SPAN})){{0,2}}"

_READ = re.compile(r"(\d+)\s+\w+(.*)", re.IGNORECASE | re.DOTALL)
_PART = re.compile(rf"({_DATA})|({_SPAN})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed of a batch; None for what was not."""

    quantity: int
    minutes: int | None = None
    megabytes: int | None = None


def parse_wish(text: str) -> Wish:
    """Read what `WISH` matches. Raises UsageError for numbers that CT's form refuses."""
    match = _READ.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"I can't read “{text}”. Type 20 codes 1 day.")
    quantity = int(match[1])
    if not FEWEST <= quantity <= MOST:
        raise UsageError(f"CT makes batches of {FEWEST} to {MOST:,} codes, not of {quantity:,}.")
    minutes = megabytes = None
    for data, span in _PART.findall(match[2]):
        if data:
            megabytes = _megabytes(data)
        else:
            minutes = parse_minutes(span)
    return Wish(quantity, minutes, megabytes)


def parse_minutes(text: str) -> int:
    """A length of time as CT counts it. Raises UsageError."""
    return parse_span(text, least=LEAST_MINUTES * 60, most=MOST_MINUTES * 60) // 60


def _megabytes(text: str) -> int:
    number = int(re.sub(r"\D", "", text)) * (1000 if "g" in text.casefold() else 1)
    if not LEAST_MB <= number <= MOST_MB:
        raise UsageError(f"A code grants {LEAST_MB} MB to {MOST_MB // 1000:,} GB, not {text}.")
    return number


def typed(wish: Wish) -> str:
    """As it is typed; read again, it is the same wish."""
    return f"{wish.quantity} codes {amount(wish)}".strip()


def amount(wish: Wish) -> str:
    """What one code is to give, as it is typed."""
    time = minutes_typed(wish.minutes) if wish.minutes is not None else ""
    data = f"{wish.megabytes} MB" if wish.megabytes is not None else ""
    return f"{time} {data}".strip()


def minutes_typed(minutes: int) -> str:
    """The shortest way to type a time."""
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes % size == 0:
            number = minutes // size
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return f"{minutes} min" if minutes < 100_000 else f"{minutes // 60} h {minutes % 60} min"


def megabytes(number: int) -> str:
    """`500 MB`, `2 GB`."""
    return f"{number // 1000:,} GB" if number % 1000 == 0 else f"{number:,} MB"


def lasts(minutes: int) -> str:
    """A time that codes grant, in full: `1 day`, `1 day 6 h`."""
    days, rest = divmod(minutes, 1440)
    hours = t.span(rest * 60) if rest else ""
    return " ".join(part for part in (t.span(days * 86_400) if days else "", hours) if part) or "0 min"


def grants(rules: Rules) -> str:
    """What one code gives: `1 day`, `500 MB within 1 day`."""
    time = lasts(rules.validity_minutes) if rules.validity_minutes else ""
    if rules.access_type == 2 and rules.data_mb:
        data = megabytes(rules.data_mb)
        return f"{data} within {time}" if time else data
    return time or "as CT set it"


def use(rules: Rules) -> str:
    """On how many devices, how often, and when guests have to log in again."""
    devices = f"on {t.count(rules.simultaneous_use, 'device')} at a time" if rules.simultaneous_use else ""
    often = PERIODS.get(rules.period, "") if rules.period is not None else ""
    again = f"with a new login after {lasts(rules.session_timeout)}" if rules.session_timeout else ""
    return ", ".join(part for part in (devices, often, again) if part)


def rules_of(form: VoucherForm) -> Rules:
    """What the codes of a batch to be made will grant."""
    return Rules(
        access_type=form.access_type,
        validity_minutes=form.validity_minutes,
        data_mb=form.access_restrict_data,
        period=form.access_restrict_period,
        session_timeout=form.session,
        simultaneous_use=form.simultaneous_use,
    )
