"""How much a box or a location is used: CT's metrics (`ct-api.md` 3.13), in as many steps as a chart has room for."""

import asyncio
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
    Heartbeat,
    Location,
    Series,
)

STEPS = {86_400: 12, 7 * 86_400: 7, 30 * 86_400: 15}
"""Seconds of a period → steps of its chart."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One value a step, as (start in epoch seconds, value); steps that CT knows nothing of are left out.

    `why` says in words why there are none.
    """

    steps: Sequence[tuple[int, float]] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of `start` to `end`: people at most in each step, bytes in each step, and of a box when it was heard."""

    start: int
    end: int
    people: Figures
    bytes: Figures
    beats: Sequence[Heartbeat]


async def read_usage(ct: CTUser, thing: Box | Location, *, seconds: int, now: float) -> Usage:
    """Three reads at once. What CT refuses is told in words instead."""
    end = int(now)
    start = end - seconds
    step = seconds // STEPS[seconds]
    box = isinstance(thing, Box)
    offset = round((datetime.fromtimestamp(now, zone_of(thing)).utcoffset() or timedelta()).total_seconds())

    async def figures(type_: str, together: Callable[[Sequence[float]], float]) -> Figures:
        where = {"mac": thing.mac} if isinstance(thing, Box) else {"location_id": thing.id}
        try:
            lines = await ct.metrics.series(type=type_, start=start, end=end, **where)
        except CTAuthError:
            raise
        except CTError as error:
            return Figures(why=_why(error))
        return Figures(stepped(lines, start, end, step, together, offset=offset), "CT has no figures for that time.")

    people, traffic, beats = await asyncio.gather(
        figures("clients.uniques", max),
        figures("device.usage" if box else "devices.usage", sum),
        _beats(ct, thing, start, end),
    )
    return Usage(start, end, people, traffic, beats)


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


async def _beats(ct: CTUser, thing: Box | Location, start: int, end: int) -> Sequence[Heartbeat]:
    if not isinstance(thing, Box):
        return []
    try:
        return await ct.boxes.heartbeats(thing.slug, mac=thing.mac, start=start, end=end)
    except CTAuthError:
        raise
    except CTError:
        return []


def _why(error: CTError) -> str:
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
