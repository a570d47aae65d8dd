"""Which box or place somebody means, and the cache of names behind typeahead."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import pytest

from bot.ct import Box, CTConnectionError, CTUser, Listing, Location, Page
from bot.errors import NotLinkedError
from bot.identity import SlackUser
from bot.services.directory import (
    FRESH_SECONDS,
    MOST_ACCOUNTS,
    STALE_SECONDS,
    AmbiguousError,
    Directory,
    NoMatchError,
)
from bot.services.notices import Account
from bot.services.sessions import Sessions
from bot.tasks import TaskSet

T = TypeVar("T")
ANA, LEE, OLEG = (SlackUser("T01ACME", user) for user in ("U01ANA", "U02LEE", "U06OLEG"))
DOWN = CTConnectionError("boxes.list: no answer", maybe_acted=False)


def box(slug: str, name: str, place: str = "Café Nord", mac: str = "") -> Box:
    return Box(id=f"id-{slug}", slug=slug, mac=mac, name=name, state="online", location_name=place)


BOXES = [
    box("lobby-3", "Lobby AP-3", mac="AA-BB-CC-DD-EE-03"),
    box("lobby-1", "Lobby AP-1"),
    box("cellar-n", "Cellar"),
    box("cellar-h", "Cellar", "Harbour Hotel"),
    box("room", "Room 214", "Harbour Hotel"),
]
PLACES = [
    Location(id="1", slug="cafe-nord", name="Café Nord", town="Nordhaven"),
    Location(id="2", slug="harbour-hotel", name="Harbour Hotel", town="Southport"),
    Location(id="3", slug="library", unique_id="u-3", name="Nordhaven Library", town="Nordhaven"),
]


def _all_of(item: Any) -> str:
    return f"{item.name} {getattr(item, 'mac', '')} {getattr(item, 'address', '') or ''}"


class Listed:
    """One resource of CT: finds what contains the query, counts what it is asked, waits when told to."""

    def __init__(self, items: Sequence[Any]) -> None:
        self.items = list(items)
        self.fetches = 0
        self.lists = 0
        self.complete = True
        self.error: Exception | None = None
        self.go = asyncio.Event()
        self.go.set()

    async def list(self, *, q: str, per: int) -> Page[Any]:
        self.lists += 1
        found = [item for item in self.items if q.casefold() in _all_of(item).casefold()]
        return Page(items=found[:per], current_page=1, total_pages=1, total_entries=len(found))

    async def all(self) -> Listing[Any]:
        self.fetches += 1
        await self.go.wait()
        if self.error:
            raise self.error
        return Listing(items=list(self.items), total=len(self.items), complete=self.complete)


class Accounts:
    """Stands where sessions stand: who is linked to which CT account, and what that account can see."""

    def __init__(self) -> None:
        self.accounts = {ANA: "ana", LEE: "ana", OLEG: "oleg"}
        self.boxes = {"ana": Listed(BOXES), "oleg": Listed([box("oven", "Oven AP")])}
        self.locations = {"ana": Listed(PLACES), "oleg": Listed([])}

    async def account(self, who: SlackUser) -> Account | None:
        name = self.accounts.get(who)
        return Account(name, f"{name}@example") if name else None

    async def call(self, who: SlackUser, work: Callable[[CTUser], Awaitable[T]]) -> T:
        name = self.accounts[who]
        self_ = self

        class User:
            boxes = self_.boxes[name]
            locations = self_.locations[name]

        return await work(cast("CTUser", User()))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A directory and what stands behind it."""

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.clock = Clock()
        self.tasks = TaskSet()
        self.directory = Directory(sessions=cast("Sessions", self.accounts), tasks=self.tasks, clock=self.clock)

    @property
    def boxes(self) -> Listed:
        return self.accounts.boxes["ana"]

    async def names(self, who: SlackUser = ANA) -> list[str]:
        return [thing.item.name for thing in (await self.directory.boxes(who)).things]

    async def settle(self) -> None:
        while len(self.tasks):
            await asyncio.sleep(0)


@pytest.fixture
def desk() -> Desk:
    return Desk()


# --- which one is meant -----------------------------------------------------------------------


@pytest.mark.parametrize("query", ["Lobby AP-3", "lobby ap-3", "AA:BB:CC:DD:EE:03", "aabbccddee03", "AP-3"])
async def test_a_box_that_ct_finds_alone_is_the_one(desk: Desk, query: str) -> None:
    assert (await desk.directory.find_box(ANA, query)).slug == "lobby-3"
    assert desk.boxes.fetches == 0


@pytest.mark.parametrize("query", ["lobby-3", "id-lobby-3", "lobby ap 3", "LOBBY  AP 3", "3 lobby"])
async def test_a_box_that_ct_does_not_find_is_looked_for_in_the_directory(desk: Desk, query: str) -> None:
    assert (await desk.directory.find_box(ANA, query)).slug == "lobby-3"


@pytest.mark.parametrize(
    ("query", "slug"), [("cafe nord", "cafe-nord"), ("u-3", "library"), ("southport", "harbour-hotel")]
)
async def test_a_place_is_found_by_its_name_its_ids_and_its_town(desk: Desk, query: str, slug: str) -> None:
    assert (await desk.directory.find_location(ANA, query)).slug == slug


async def test_a_place_that_is_called_so_comes_before_those_that_only_stand_in_such_a_street(desk: Desk) -> None:
    places = desk.accounts.locations["ana"]
    places.items += [Location(id="9", slug="camping", name="Riverside Camping", address="1 Harbour Street")]
    one = await desk.directory.find_location(ANA, "harbour")
    places.items += [Location(id="8", slug="harbour-bar", name="Harbour Bar")]
    with pytest.raises(AmbiguousError) as asked:
        await desk.directory.find_location(ANA, "harbour")

    assert one.slug == "harbour-hotel"
    assert asked.value.total == 3


async def test_several_of_one_name_are_asked_about(desk: Desk) -> None:
    with pytest.raises(AmbiguousError) as asked:
        await desk.directory.find_box(ANA, "cellar")

    assert [item.slug for item in asked.value.candidates] == ["cellar-n", "cellar-h"]
    assert asked.value.total == 2
    assert asked.value.noun == "box"


async def test_several_that_only_the_directory_finds_are_asked_about(desk: Desk) -> None:
    with pytest.raises(AmbiguousError) as asked:
        await desk.directory.find_location(ANA, "nordhaven-")

    assert {getattr(item, "slug", "") for item in asked.value.candidates} == {"cafe-nord", "library"}


@pytest.mark.parametrize(
    ("query", "suggested"), [("loby ap3", "Lobby AP-3"), ("celar", "Cellar"), ("rom 214", "Room 214")]
)
async def test_a_typo_is_never_decided_only_asked_about(desk: Desk, query: str, suggested: str) -> None:
    with pytest.raises(NoMatchError) as asked:
        await desk.directory.find_box(ANA, query)

    assert asked.value.suggestions[0].name == suggested
    assert asked.value.query == query


async def test_what_is_called_like_nothing_gets_no_suggestion(desk: Desk) -> None:
    with pytest.raises(NoMatchError) as asked:
        await desk.directory.find_location(ANA, "qqqqzzzz")

    assert asked.value.suggestions == []


async def test_a_name_without_letters_does_not_match_everything(desk: Desk) -> None:
    with pytest.raises(NoMatchError):
        await desk.directory.find_box(ANA, "🔥")


async def test_an_exact_name_among_more_than_a_page_is_found(desk: Desk) -> None:
    desk.boxes.items = [box(f"s{n}", f"AP {n}") for n in range(10_000)]

    assert (await desk.directory.find_box(ANA, "AP 9")).slug == "s9"
    assert (await desk.directory.find_box(ANA, "AP 9999")).slug == "s9999"


async def test_more_than_a_page_is_asked_about_with_its_number(desk: Desk) -> None:
    desk.boxes.items = [box(f"s{n}", f"AP {n}") for n in range(10_000)]

    with pytest.raises(AmbiguousError) as asked:
        await desk.directory.find_box(ANA, "AP")

    assert asked.value.total == 10_000
    assert len(asked.value.candidates) <= 25


async def test_a_total_that_ct_only_claims_decides_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lies(**_: Any) -> Page[Any]:
        return Page(items=[], current_page=1, total_pages=1, total_entries=1)

    monkeypatch.setattr(desk.boxes, "list", lies)

    assert (await desk.directory.find_box(ANA, "lobby-3")).slug == "lobby-3"


async def test_who_is_not_linked_is_told_so(desk: Desk) -> None:
    with pytest.raises(NotLinkedError):
        await desk.directory.boxes(SlackUser("T01ACME", "U09"))


# --- a box or a place -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "slug"),
    [("lobby ap-3", "lobby-3"), ("harbour hotel", "harbour-hotel"), ("room", "room"), ("southport", "harbour-hotel")],
)
async def test_either_a_box_or_a_place_is_found(desk: Desk, query: str, slug: str) -> None:
    assert (await desk.directory.find_either(ANA, query)).slug == slug


async def test_what_is_called_exactly_so_comes_before_what_only_contains_it(desk: Desk) -> None:
    desk.boxes.items = [*BOXES, box("hh", "Harbour Hotel roof")]

    assert (await desk.directory.find_either(ANA, "Harbour Hotel")).slug == "harbour-hotel"


async def test_a_box_and_a_place_of_one_name_are_asked_about(desk: Desk) -> None:
    desk.boxes.items = [box("hh", "Harbour Hotel")]

    with pytest.raises(AmbiguousError) as asked:
        await desk.directory.find_either(ANA, "Harbour Hotel")

    assert [item.slug for item in asked.value.candidates] == ["hh", "harbour-hotel"]
    assert asked.value.total == 2


async def test_several_boxes_and_no_place_are_asked_about(desk: Desk) -> None:
    with pytest.raises(AmbiguousError) as asked:
        await desk.directory.find_either(ANA, "cellar")

    assert [item.slug for item in asked.value.candidates] == ["cellar-n", "cellar-h"]


async def test_neither_suggests_what_sounds_alike_of_both(desk: Desk) -> None:
    with pytest.raises(NoMatchError) as asked:
        await desk.directory.find_either(ANA, "habour hotl")

    assert "Harbour Hotel" in [item.name for item in asked.value.suggestions]


# --- the cache --------------------------------------------------------------------------------


async def test_many_at_once_cost_one_fetch(desk: Desk) -> None:
    desk.boxes.go.clear()
    asking = asyncio.gather(*(desk.names(who) for who in (ANA, LEE, ANA)))
    await asyncio.sleep(0.01)

    desk.boxes.go.set()
    first, second, third = await asking

    assert desk.boxes.fetches == 1
    assert first == second == third == [item.name for item in BOXES]


async def test_one_caller_giving_up_does_not_end_the_fetch_for_the_others(desk: Desk) -> None:
    desk.boxes.go.clear()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await desk.names()
    desk.boxes.go.set()

    assert await desk.names(LEE)
    assert desk.boxes.fetches == 1


async def test_accounts_never_see_each_other(desk: Desk) -> None:
    assert "Oven AP" not in await desk.names(ANA)
    assert await desk.names(OLEG) == ["Oven AP"]


async def test_a_relink_to_another_account_shows_that_accounts_names(desk: Desk) -> None:
    await desk.names(ANA)
    desk.accounts.accounts[ANA] = "oleg"

    assert await desk.names(ANA) == ["Oven AP"]


async def test_what_is_fresh_is_not_fetched_again(desk: Desk) -> None:
    await desk.names()
    desk.clock.now += FRESH_SECONDS - 1

    await desk.names()

    assert desk.boxes.fetches == 1


async def test_what_is_stale_is_served_while_new_names_come(desk: Desk) -> None:
    await desk.names()
    desk.boxes.items = [box("new", "New")]
    desk.clock.now += FRESH_SECONDS

    served = await desk.names()
    await desk.settle()

    assert served == [item.name for item in BOXES]
    assert await desk.names() == ["New"]
    assert desk.boxes.fetches == 2


async def test_what_is_too_old_is_waited_for(desk: Desk) -> None:
    await desk.names()
    desk.boxes.items = [box("new", "New")]
    desk.clock.now += STALE_SECONDS

    assert await desk.names() == ["New"]


async def test_a_failed_fetch_is_told_and_the_next_one_works(desk: Desk) -> None:
    desk.boxes.error = DOWN
    with pytest.raises(CTConnectionError):
        await desk.names()
    await desk.settle()
    desk.boxes.error = None

    assert await desk.names()
    assert desk.boxes.fetches == 2


async def test_a_failed_refresh_keeps_the_older_names_and_is_tried_again(desk: Desk) -> None:
    await desk.names()
    desk.clock.now += FRESH_SECONDS
    desk.boxes.error = DOWN

    for _ in range(2):
        assert await desk.names() == [item.name for item in BOXES]
        await desk.settle()

    assert desk.boxes.fetches == 3


async def test_warming_fetches_once_and_the_picker_finds_it_there(desk: Desk) -> None:
    await desk.directory.warm(ANA)
    await desk.directory.warm(ANA)
    await desk.names()
    await desk.settle()

    assert desk.boxes.fetches == 1


async def test_a_cut_list_says_that_it_is_cut(desk: Desk) -> None:
    desk.boxes.complete = False

    assert (await desk.directory.boxes(ANA)).complete is False
    assert (await desk.directory.locations(ANA)).complete is True


async def test_the_accounts_used_longest_ago_are_dropped(desk: Desk) -> None:
    people = [SlackUser("T01ACME", f"U{n}") for n in range(MOST_ACCOUNTS + 1)]
    for n, who in enumerate(people):
        desk.accounts.accounts[who] = f"account{n}"
        desk.accounts.boxes[f"account{n}"] = Listed([box("x", "X")])
        desk.accounts.locations[f"account{n}"] = Listed([])
    for who in [*people[:-1], people[0], people[-1]]:
        await desk.names(who)

    await desk.names(people[0])
    await desk.names(people[1])

    assert desk.accounts.boxes["account0"].fetches == 1
    assert desk.accounts.boxes["account1"].fetches == 2
