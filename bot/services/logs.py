"""The log of a box: the newest lines of a span that CT gives out (`ct-api.md` 3.10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import (
    Box,
    CTForbiddenError,
    CTInvalidError,
    CTNotFoundError,
    CTUser,
    Listing,
    LogLine,
)
from bot.services.targets import NotNowError

LEAST, MOST, USUAL = 300, 3600, 900  # seconds


@dataclass(frozen=True, slots=True)
class Log:
    """Lines from `start` to `end` (epoch seconds), newest first. Not `complete`: CT has more than was read.

    `asked`: seconds that were asked for; `start` lies later where there were too many lines.
    """

    start: int
    end: int
    asked: int
    lines: Sequence[LogLine]
    complete: bool

    @property
    def before(self) -> int:
        """Where that ends which comes before what was read."""
        oldest = min((int(line.at) for line in self.lines if line.at is not None), default=self.start)
        return self.start if self.complete else oldest


async def read_log(ct: CTUser, box: Box, *, end: int, seconds: int, about: str | None = None) -> Log:
    """Read the log of a box. Raises NotNowError for a box that CT can have none of."""
    if not box.mac:
        raise NotNowError(f"CT does not tell the MAC address of {box.name}, by which its log is found.")
    place = await _numeric_id(ct, box)

    async def read(span: int) -> Listing[LogLine]:
        return await ct.logs.all(location_id=place, mac=box.mac, start=end - span, end=end, q=about)

    span, found = seconds, await read(seconds)
    if not found.complete and _oldest_first(found.items) and seconds > LEAST:
        # What was left out is the newest, for which people ask; CT's shortest span has them, or as near as it gets.
        span, found = LEAST, await read(LEAST)
    newest_first = found.items[::-1] if _oldest_first(found.items) else found.items
    lines = sorted(newest_first, key=lambda line: -(line.at or 0))  # those of one moment keep CT's order
    return Log(end - span, end, seconds, lines, found.complete)


async def _numeric_id(ct: CTUser, box: Box) -> str:
    """`/logs` takes the number of a location, never its slug (`ct-api.md` 2, ids)."""
    known = box.location_id or ""
    if known.isascii() and known.isdigit():
        return known
    key = box.location_slug or known
    if not key:
        raise NotNowError(f"CT does not say at which location {box.name} is, by which its log is found.")
    return (await ct.locations.get(key)).id


def _oldest_first(lines: Sequence[LogLine]) -> bool:
    return bool(lines) and (lines[0].at or 0) < (lines[-1].at or 0)


def why_none(error: CTForbiddenError | CTNotFoundError | CTInvalidError, box: Box) -> str:
    """Why CT gives no log, in words."""
    said = " ".join(error.messages)
    match error:
        case CTForbiddenError(status=401):
            return "CT shows logs to its own dashboard only, not to apps like me."
        case CTForbiddenError():
            told = f"CT refused: {said}" if said else "CT refused and did not say why."
            return f"{told} It may show logs to its own dashboard only, or not to your role."
        case CTNotFoundError():
            return f"CT keeps no log of {box.name}, or does not show it to you."
        case _:
            return f"CT refused: {said or 'it did not say why.'}"
