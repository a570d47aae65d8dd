"""The periods that figures are asked for: `24h`, `7d`, `for 30 days`."""

from bot.errors import UsageError
from bot.services.figures import STEPS
from bot.slack import text as t
from bot.slack.spans import parse_span

PERIOD = "24h | 7d | 30d"
LOOKS = r"for\s+\S.*|24\s?h|7\s?d|30\s?d"  # what only looks like a period may be a name: “Bar 24”


def read_period(typed: str | None, default: str) -> int:
    """Seconds of one of the periods that there are. Raises UsageError."""
    words = (typed or default).casefold().removeprefix("for ")
    seconds = parse_span(words, least=1, most=366 * t.DAY)
    if seconds not in STEPS:
        raise UsageError(f"I can show 24h, 7d or 30d, not “{words}”.")
    return seconds
