"""Reading how things are: the whole account, one location, its boxes. Trouble first, a bounded number of CT calls."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import Box, CTForbiddenError, CTNotFoundError, CTResponseError, CTUser, Location, Overview

MOST_OFFLINE_PAGES = 5
MOST_FAVOURITES = 100


@dataclass(frozen=True, slots=True)
class Trouble:
    """A location with boxes that are offline; `since` is when the first of them was last heard."""

    slug: str
    name: str
    offline: int
    boxes: int | None
    since: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """The whole account at one moment."""

    overview: Overview
    troubles: Sequence[Trouble]
    complete: bool


@dataclass(frozen=True, slots=True)
class Venue:
    """One location and all of its boxes, trouble first."""

    location: Location
    boxes: Sequence[Box]
    complete: bool


@dataclass(frozen=True, slots=True)
class Venues:
    """Locations, those in trouble first."""

    locations: Sequence[Location]
    offline: dict[str, int]
    complete: bool


async def read_overview(ct: CTUser) -> Overview:
    """Boxes by state and people online; counted by hand where CT's report is not to be had (`ct-api.md` 3.12)."""
    try:
        return await ct.reports.overview()
    except (CTNotFoundError, CTForbiddenError, CTResponseError):
        every = await ct.boxes.list(per=5)
        counted = {state: (await ct.boxes.list(state=state, per=5)).total_entries for state in ("online", "offline")}
        locations = await ct.locations.list(per=5)
        return Overview(locations=locations.total_entries, people_online=None, boxes=counted, total=every.total_entries)


async def read_health(ct: CTUser) -> Health:
    """Counts, and the locations where boxes are offline. The number of calls does not grow with locations."""
    overview = await read_overview(ct)
    offline = await ct.boxes.all(state="offline", max_pages=MOST_OFFLINE_PAGES)
    biggest = await ct.locations.list(sort="boxes_count", direction="desc", per=100) if offline.items else None
    sizes = {location.slug: location.boxes_count for location in biggest.items} if biggest else {}
    by_place: defaultdict[tuple[str, str], list[Box]] = defaultdict(list)
    for box in offline.items:
        by_place[box.location_slug or "", box.location_name or "somewhere"].append(box)
    troubles = [
        Trouble(
            slug,
            name,
            len(boxes),
            sizes.get(slug),
            min((b.last_heartbeat for b in boxes if b.last_heartbeat), default=None),
        )
        for (slug, name), boxes in by_place.items()
    ]
    troubles.sort(key=lambda t: (-t.offline, t.since or 0))
    return Health(overview, troubles, offline.complete)


async def read_venue(ct: CTUser, slug: str) -> Venue:
    """One location with its boxes, fresh."""
    location = await ct.locations.get(slug)
    listing = await ct.boxes.all(location=location.slug)
    return Venue(location, trouble_first(listing.items), listing.complete)


async def read_venues(ct: CTUser, q: str | None) -> Venues:
    """Locations by search, with how many of their boxes are offline."""
    listing = await ct.locations.all(q=q)
    return await _with_trouble(ct, listing.items, complete=listing.complete)


async def read_favourites(ct: CTUser) -> Venues:
    """The person's favourites, likewise: as many as CT gives on one page."""
    found = await ct.locations.list(favourites=True, per=MOST_FAVOURITES)
    return await _with_trouble(ct, found.items, complete=found.total_pages <= 1)


async def _with_trouble(ct: CTUser, places: Sequence[Location], *, complete: bool) -> Venues:
    down = await ct.boxes.all(state="offline", max_pages=MOST_OFFLINE_PAGES)
    offline: defaultdict[str, int] = defaultdict(int)
    for box in down.items:
        offline[box.location_slug or ""] += 1
    ordered = sorted(places, key=lambda place: (place.archived, -offline.get(place.slug, 0), place.name.casefold()))
    return Venues(ordered, dict(offline), complete and down.complete)


def trouble_first(boxes: Sequence[Box]) -> list[Box]:
    """Offline boxes, then those in any other state but online, then the rest by name."""
    return sorted(boxes, key=lambda box: (_rank(box.state), box.name.casefold(), box.slug))


def _rank(state: str) -> int:
    return {"offline": 0, "online": 2, "splash_only": 3}.get(state, 1)
