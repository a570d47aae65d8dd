"""A location in numbers over a period, beside the same period before it (`ct-api.md` 3.13)."""

import asyncio
from dataclasses import dataclass, field

from bot.ct import CTAuthError, CTError, CTForbiddenError, CTInvalidError, CTUser, GuestStats, Location
from bot.services.figures import NO_FIGURES, NOTHING, Figures, Span, read_figures, why_not
from bot.services.venues import Venue, read_venue

FREE_SECONDS = 7 * 86_400
"""Longer spans can be refused by role or plan (`ct-api.md` 3.9)."""


@dataclass(frozen=True, slots=True)
class Guests:
    """Who logged in; `why` says in words why CT tells nothing of them. `shut`: it tells nothing else either."""

    stats: GuestStats = field(default_factory=GuestStats)
    why: str = ""
    shut: bool = False
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """All of one span; bytes in `traffic`, looks at a login page in `views`."""

    guests: Guests
    traffic: Figures = NOTHING
    views: Figures = NOTHING


@dataclass(frozen=True, slots=True)
class Report:
    """A location, its figures of a span and of the one before, and people at most in each step of the span."""

    venue: Venue
    span: Span
    now: Numbers
    before: Numbers
    people: Figures = NOTHING


async def read_report(ct: CTUser, place: Location, *, seconds: int, now: float) -> Report:
    """Guests first: where CT shuts out the person, or that long a span, it is not asked seven times."""
    span = Span.until(now, seconds, place)
    venue, guests = await asyncio.gather(read_venue(ct, place.slug), _guests(ct, place, span))
    if guests.shut:
        return Report(venue, span, Numbers(guests), Numbers(Guests()))
    people, current, before = await asyncio.gather(
        read_figures(ct, place, "clients.uniques", span, max),
        _numbers(ct, place, span, guests),
        _numbers(ct, place, span.before(), None),
    )
    return Report(venue, span, current, before, people)


async def _numbers(ct: CTUser, place: Location, span: Span, guests: Guests | None) -> Numbers:
    guests = guests or await _guests(ct, place, span)
    if guests.shut:
        return Numbers(guests)
    traffic, views = await asyncio.gather(
        read_figures(ct, place, "devices.usage", span, sum), read_figures(ct, place, "splash.views", span, sum)
    )
    return Numbers(guests, traffic, views)


async def _guests(ct: CTUser, place: Location, span: Span) -> Guests:
    try:
        stats = await ct.metrics.guests(place.id, start=span.start, end=span.end)
    except CTAuthError:
        raise
    except CTError as error:
        refused = isinstance(error, CTForbiddenError)
        too_long = span.seconds > FREE_SECONDS and isinstance(error, CTForbiddenError | CTInvalidError)
        return Guests(
            why=why_not(error),
            shut=refused or too_long,
            too_long=too_long and not (isinstance(error, CTForbiddenError) and error.status == 401),
        )
    return Guests(stats, "" if stats.uniques is not None or stats.sessions is not None else NO_FIGURES)
