"""Names of locations and boxes: a cache for typeahead and suggestions, never for a decision.

A decision reads CT afresh: the directory only says which slug somebody meant.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.ct import Box, CTError, CTUser, Listing, Location
from bot.errors import BotError, NotLinkedError, UserError
from bot.identity import SlackUser
from bot.services import names
from bot.services.names import Named
from bot.services.sessions import Sessions
from bot.tasks import TaskSet

T = TypeVar("T", Box, Location)

FRESH_SECONDS = 60.0
STALE_SECONDS = 900.0
MOST_ACCOUNTS = 64
MOST_SUGGESTIONS = 5
EITHER = "box or location"


@dataclass(frozen=True, slots=True)
class Catalogue(Generic[T]):
    """All boxes, or all locations, of one CT account at one moment."""

    things: Sequence[Named[T]]
    complete: bool
    at: float


class NoMatchError(UserError):
    """Nothing is called that. `suggestions` sound alike."""

    def __init__(self, noun: str, query: str, suggestions: Sequence[Box | Location]) -> None:
        super().__init__(f"No {noun} matches {query}.")
        self.noun = noun
        self.query = query
        self.suggestions = suggestions


class AmbiguousError(UserError):
    """Several things are called that; a person has to say which."""

    def __init__(self, noun: str, query: str, candidates: Sequence[Box | Location], total: int) -> None:
        super().__init__(f"{total} {noun} match {query}.")
        self.noun = noun
        self.query = query
        self.candidates = candidates
        self.total = total


class Directory:
    """Finds boxes and locations by name for one person, with that person's own rights."""

    def __init__(self, *, sessions: Sessions, tasks: TaskSet, clock: Callable[[], float] = time.monotonic) -> None:
        self._sessions = sessions
        self._boxes: _Cache[Box] = _Cache(tasks, clock, "boxes")
        self._locations: _Cache[Location] = _Cache(tasks, clock, "locations")

    async def boxes(self, who: SlackUser) -> Catalogue[Box]:
        """All boxes of this person's CT account, at most a minute old, or the older ones while new ones come."""
        return await self._boxes.get(await self._owner(who), self._all_boxes(who), _name_box)

    def _all_boxes(self, who: SlackUser) -> Callable[[], Awaitable[Listing[Box]]]:
        return lambda: self._sessions.call(who, lambda ct: ct.boxes.all())

    async def locations(self, who: SlackUser) -> Catalogue[Location]:
        """All locations of this person's CT account, likewise."""

        async def fetch() -> Listing[Location]:
            return await self._sessions.call(who, lambda ct: ct.locations.all())

        return await self._locations.get(await self._owner(who), fetch, _name_location)

    async def warm(self, who: SlackUser) -> None:
        """Begin to fetch the boxes, so that the picker that opens next is quick. Raises NotLinkedError."""
        self._boxes.warm(await self._owner(who), self._all_boxes(who), _name_box)

    async def _owner(self, who: SlackUser) -> str:
        account = await self._sessions.account(who)
        if account is None:
            raise NotLinkedError("To look at CT I need your CT account.")
        return account.fingerprint

    async def find_box(self, who: SlackUser, query: str) -> Box:
        """The one box that is meant, asked from CT. Raises NoMatchError, AmbiguousError."""

        async def ask(ct: CTUser) -> tuple[Sequence[Box], int]:
            page = await ct.boxes.list(q=names.as_mac(query) or query, per=25)
            return page.items, page.total_entries

        return await self._find("box", who, query, ask, self.boxes, _name_box)

    async def find_location(self, who: SlackUser, query: str) -> Location:
        """The one location that is meant, asked from CT. Raises NoMatchError, AmbiguousError."""

        async def ask(ct: CTUser) -> tuple[Sequence[Location], int]:
            page = await ct.locations.list(q=query, per=25)
            return page.items, page.total_entries

        return await self._find("location", who, query, ask, self.locations, _name_location)

    async def find_either(self, who: SlackUser, query: str) -> Box | Location:
        """The one box or location that is meant: what is called exactly so comes first. Raises likewise."""
        found = [await _tried(self.find_box(who, query)), await _tried(self.find_location(who, query))]
        items: list[Box | Location] = [item for item in found if isinstance(item, Box | Location)]
        called_so = [item for item in items if _called(item, query)]
        if len(called_so) == 1:
            return called_so[0]
        if len(items) == 1 and not any(isinstance(item, AmbiguousError) for item in found):
            return items[0]
        several = [item for item in found if isinstance(item, AmbiguousError)]
        candidates = [*items, *(item for error in several for item in error.candidates)]
        if candidates:
            raise AmbiguousError(EITHER, query, candidates, len(items) + sum(error.total for error in several))
        sounding_alike = [item for error in found if isinstance(error, NoMatchError) for item in error.suggestions]
        raise NoMatchError(EITHER, query, sounding_alike[:MOST_SUGGESTIONS])

    async def _find(
        self,
        noun: str,
        who: SlackUser,
        query: str,
        ask: Callable[[CTUser], Awaitable[tuple[Sequence[T], int]]],
        catalogue: Callable[[SlackUser], Awaitable[Catalogue[T]]],
        name: Callable[[T], Named[T]],
    ) -> T:
        found: Sequence[T]
        found, total = await self._sessions.call(who, ask)
        things: Sequence[Named[T]] = [name(item) for item in found]
        if total > len(found):
            things = (await catalogue(who)).things
        hits: list[T] = names.exact(things, query)
        if len(hits) == 1:
            return hits[0]
        if total == len(found) == 1:
            return found[0]
        if total == len(found) and len(hits := names.called(things, query)) == 1:
            return hits[0]  # the others have it in their address
        if not found:
            things = (await catalogue(who)).things
            hits = names.exact(things, query) or names.containing(things, query)
            if len(hits) == 1:
                return hits[0]
            if not hits:
                alike: Sequence[T] = names.similar(things, query, limit=MOST_SUGGESTIONS)
                raise NoMatchError(noun, query, alike)
            raise AmbiguousError(noun, query, hits, len(hits))
        raise AmbiguousError(noun, query, [*hits, *(item for item in found if item not in hits)], max(total, len(hits)))


class _Cache(Generic[T]):
    """A catalogue per CT account: one fetch at a time; a stale one is served while a new one is fetched."""

    def __init__(self, tasks: TaskSet, clock: Callable[[], float], noun: str) -> None:
        self._tasks = tasks
        self._clock = clock
        self._noun = noun
        self._kept: OrderedDict[str, Catalogue[T]] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[Catalogue[T]]] = {}

    async def get(
        self, owner: str, fetch: Callable[[], Awaitable[Listing[T]]], name: Callable[[T], Named[T]]
    ) -> Catalogue[T]:
        kept = self._kept.get(owner)
        age = self._clock() - kept.at if kept else STALE_SECONDS
        if kept and age < FRESH_SECONDS:
            self._kept.move_to_end(owner)
            return kept
        task = self.warm(owner, fetch, name)
        if kept and age < STALE_SECONDS:
            return kept
        return await asyncio.shield(task)

    def warm(
        self, owner: str, fetch: Callable[[], Awaitable[Listing[T]]], name: Callable[[T], Named[T]]
    ) -> asyncio.Task[Catalogue[T]]:
        """Fetch anew, unless that is being done already."""
        task = self._fetching.get(owner)
        if task is None:
            task = self._tasks.spawn(
                self._fetch(owner, fetch, name), name=f"directory of {self._noun}", expected=(CTError, BotError)
            )
            self._fetching[owner] = task
            task.add_done_callback(lambda _: self._fetching.pop(owner, None))
        return task

    async def _fetch(
        self, owner: str, fetch: Callable[[], Awaitable[Listing[T]]], name: Callable[[T], Named[T]]
    ) -> Catalogue[T]:
        listing = await fetch()
        kept = Catalogue([name(item) for item in listing.items], listing.complete, self._clock())
        self._kept[owner] = kept
        while len(self._kept) > MOST_ACCOUNTS:
            self._kept.popitem(last=False)
        return kept


def _name_box(box: Box) -> Named[Box]:
    return names.named(box, keys=(box.id, box.slug, box.mac), name=box.name, more=box.location_name)


def _name_location(location: Location) -> Named[Location]:
    return names.named(
        location, keys=(location.id, location.slug, location.unique_id), name=location.name, more=location.town
    )


async def _tried(find: Awaitable[T]) -> T | UserError:
    try:
        return await find
    except (NoMatchError, AmbiguousError) as error:
        return error


def _called(item: Box | Location, query: str) -> bool:
    """Is it exactly the name, or the id, of this thing?"""
    if isinstance(item, Box):
        return bool(names.exact([_name_box(item)], query))
    return bool(names.exact([_name_location(item)], query))
