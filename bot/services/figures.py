"""CT's metrics (`ct-api.md` 3.13) in as many steps as a chart has room for; what CT refuses, in words instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.ct import (
    Box,
    CTAuthError,
    CTError,
    CTForbiddenError,
    CTInvalidError,
    CTNotFoundError,
    CTStatusError,
    CTUser,
    Location,
    Series,
)

STEPS = {86_400: 12, 7 * 86_400: 7, 30 * 86_400: 15}
"""Seconds of a period → steps of its chart."""
NO_FIGURES = "CT has no figures for that time."

Together = Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class Span:
    """`start` to `end` in epoch seconds, in steps of the clock at a place that is `offset` seconds ahead of UTC."""

    start: int
    end: int
    offset: int = 0

    @classmethod
    def until(cls, now: float, seconds: int, thing: Box | Location) -> "Span":
        """The last `seconds`."""
        offset = datetime.fromtimestamp(now, zone_of(thing)).utcoffset() or timedelta()
        return cls(int(now) - seconds, int(now), round(offset.total_seconds()))

    @property
    def seconds(self) -> int:
        return self.end - self.start

    @property
    def step(self) -> int:
        """Seconds of one step."""
        return self.seconds // STEPS[self.seconds]

    def before(self) -> "Span":
        """As long, and just before it."""
        return Span(self.start - self.seconds, self.start, self.offset)


@dataclass(frozen=True, slots=True)
class Figures:
    """One value a step, as (start in epoch seconds, value); steps that CT knows nothing of are left out.

    `why` says in words why there are none.
    """

    steps: Sequence[tuple[int, float]] = ()
    why: str = ""

    @property
    def total(self) -> float | None:
        """All steps summed, or None where there is none."""
        return sum(value for _, value in self.steps) if self.steps else None

    @property
    def most(self) -> float | None:
        """The highest, likewise."""
        return max((value for _, value in self.steps), default=None)


NOTHING = Figures()


async def read_figures(ct: CTUser, thing: Box | Location, type_: str, span: Span, together: Together) -> Figures:
    """One read. Raises CTAuthError only."""
    where = {"mac": thing.mac} if isinstance(thing, Box) else {"location_id": thing.id}
    try:
        lines = await ct.metrics.series(type=type_, start=span.start, end=span.end, **where)
    except CTAuthError:
        raise
    except CTError as error:
        return Figures(why=why_not(error))
    return Figures(stepped(lines, span.start, span.end, span.step, together, offset=span.offset), NO_FIGURES)


def zone_of(thing: Box | Location) -> tzinfo:
    """Of the place itself; CT's names of zones are not known to be IANA's, so any other word means UTC."""
    try:
        return ZoneInfo(thing.timezone) if thing.timezone else UTC
    except (KeyError, ValueError, OSError):
        return UTC


def stepped(
    lines: Sequence[Series],
    start: int,
    end: int,
    step: int,
    together: Callable[[Sequence[float]], float],
    *,
    offset: int = 0,
) -> list[tuple[int, float]]:
    """Points by step of the clock: those of one line taken `together`, then the lines summed.

    `offset`: seconds by which the clock there is ahead of UTC. The first step may begin before `start`, and is then
    told only in part.
    """
    found: dict[int, float] = {}
    for line in lines:
        held: dict[int, list[float]] = {}
        for at, value in line.points:
            if start <= at < end:
                held.setdefault((at + offset) // step * step - offset, []).append(value)
        for at, values in held.items():
            found[at] = found.get(at, 0.0) + together(values)
    return sorted(found.items())


def why_not(error: CTError) -> str:
    """Why CT gives no figures, in words."""
    match error:
        case CTForbiddenError(status=401):
            return "CT gives these figures to its own dashboard only, not to apps like me."
        case CTForbiddenError():
            return " ".join(error.messages) or "CT says that your account may not see these figures."
        case CTInvalidError():
            return " ".join(error.messages) or "CT does not measure this here."
        case CTNotFoundError():
            return "CT does not measure this here."
        case CTStatusError():
            return f"CT did not give these figures ({error.status})."
        case _:
            return "CT did not answer in time."
