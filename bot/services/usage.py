"""How much a box or a location is used: people, traffic, and of a box when it was heard."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import Box, CTAuthError, CTError, CTUser, Heartbeat, Location
from bot.services.figures import Figures, Span, read_figures


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one span: people at most in each step, bytes in each step, and of a box when it was heard."""

    span: Span
    people: Figures
    bytes: Figures
    beats: Sequence[Heartbeat]


async def read_usage(ct: CTUser, thing: Box | Location, *, seconds: int, now: float) -> Usage:
    """Three reads at once. What CT refuses is told in words instead."""
    span = Span.until(now, seconds, thing)
    people, traffic, beats = await asyncio.gather(
        read_figures(ct, thing, "clients.uniques", span, max),
        read_figures(ct, thing, "device.usage" if isinstance(thing, Box) else "devices.usage", span, sum),
        _beats(ct, thing, span.start, span.end),
    )
    return Usage(span, people, traffic, beats)


async def _beats(ct: CTUser, thing: Box | Location, start: int, end: int) -> Sequence[Heartbeat]:
    if not isinstance(thing, Box):
        return []
    try:
        return await ct.boxes.heartbeats(thing.slug, mac=thing.mac, start=start, end=end)
    except CTAuthError:
        raise
    except CTError:
        return []
