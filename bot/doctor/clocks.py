"""Our clock against a service's, by the `Date` header of its answer: whole seconds, so one or two mean nothing."""

from email.utils import parsedate_to_datetime

from bot.doctor.findings import About, Finding
from bot.doctor.wire import Heard

_SMALL = 10.0
_LARGE = 60.0
_LARGEST = 300.0
_TODO = "Set this machine's clock by NTP (timedatectl says whether it is)."


def ahead(heard: Heard) -> float | None:
    """Seconds by which our clock is ahead of the answer's; None when the answer tells no time."""
    try:
        theirs = parsedate_to_datetime(heard.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return heard.at - theirs - 0.5  # it was cut to the second


def against_slack(about: About, heard: Heard) -> Finding:
    """Slack's word is held to a minute when people sign in, and its requests to five (`web/door.py`)."""
    found = _near(about, heard)
    if isinstance(found, Finding):
        return found
    seen = _skewed(found, "Slack's")
    if abs(found) <= _LARGE:
        return about.warning(seen, _TODO)
    beyond = "and every request from Slack" if abs(found) > _LARGEST else "and soon every request from Slack"
    return about.wrong(f"{seen}: signing in fails, {beyond}", _TODO)


def against_ct(about: About, heard: Heard) -> Finding:
    """Nothing that the bot does at CT goes by our clock; what it shows does."""
    found = _near(about, heard)
    if isinstance(found, Finding):
        return found
    seen = _skewed(found, "CT's")
    return about.warning(f"{seen}: “last heard” and “up since” are off by that", _TODO)


def _near(about: About, heard: Heard) -> Finding | float:
    skew = ahead(heard)
    if skew is None:
        return about.unknown("the answer tells no time", "Compare this machine's clock with a good one.")
    return about.fine("as ours") if abs(skew) <= _SMALL else skew


def _skewed(skew: float, whose: str) -> str:
    return f"our clock is {abs(skew):,.0f} s {'ahead of' if skew > 0 else 'behind'} {whose}"
