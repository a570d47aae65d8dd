"""Row X4: whatever CT says of the number of pages, reading them all ends, and says whether something may be missing."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import CTForbiddenError, CTResponseError, CTUser
from tests.ct.stub import Seen, Stub

Links = Callable[[int], dict[str, Any]]


def rows(page: int, per: int = 3) -> list[dict[str, Any]]:
    return [{"id": page * 1000 + n, "slug": f"b{page}-{n}"} for n in range(per)]


def pages(count: int, links: Links | None = None) -> Callable[[Seen], Response]:
    """A list of `count` pages of three, with `_links` as the test wants them."""

    def answer(request: Seen) -> Response:
        number = int(request.query["page"])
        told = {"current_page": number, "total_pages": count, "next_page": None, "total_entries": count * 3}
        boxes = rows(number) if number <= count else []
        return JSONResponse({"boxes": boxes, "_links": links(number) if links else told})

    return answer


def asked_pages(stub: Stub) -> list[int]:
    return sorted(int(one.query["page"]) for one in stub.seen)


async def test_all_pages_are_read_in_order(ana: CTUser, stub: Stub) -> None:
    stub.answer = pages(11)
    listing = await ana.boxes.all(location="x", state="offline", q="lobby")

    assert [box.slug for box in listing.items] == [f"b{page}-{n}" for page in range(1, 12) for n in range(3)]
    assert (listing.total, listing.complete) == (33, True)
    assert asked_pages(stub) == list(range(1, 12))
    assert stub.seen[5].query | {"page": ""} == {
        "location_id": "x",
        "state": "offline",
        "q": "lobby",
        "page": "",
        "per": "100",
    }


async def test_pages_are_fetched_four_at_once_and_never_more(ana: CTUser, stub: Stub) -> None:
    now, most = 0, 0
    honest = pages(12)

    async def slowly(request: Seen) -> Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return honest(request)

    stub.answer = slowly
    await ana.boxes.all()

    assert most == 4


@pytest.mark.parametrize("next_page", [0, None, 1, 999])
async def test_nobody_reads_next_page(ana: CTUser, stub: Stub, next_page: int | None) -> None:
    stub.answer = pages(
        2, lambda n: {"current_page": n, "total_pages": "2", "next_page": next_page, "total_entries": 6}
    )
    listing = await ana.boxes.all()

    assert (len(listing.items), listing.complete) == (6, True)


@pytest.mark.parametrize("links", [None, {}, {"current_page": None, "total_pages": 0, "total_entries": -5}])
async def test_a_list_without_counts_is_one_page(ana: CTUser, stub: Stub, links: dict[str, Any] | None) -> None:
    stub.tells({"boxes": rows(1)} if links is None else {"boxes": rows(1), "_links": links})
    page = await ana.boxes.list()
    listing = await ana.boxes.all()

    assert (page.current_page, page.total_pages) == (1, 1)
    assert (len(listing.items), listing.total, listing.complete) == (3, 3, True)


async def test_a_bare_array_is_one_page(ana: CTUser, stub: Stub) -> None:
    stub.tells(rows(1))
    page = await ana.boxes.list()

    assert (len(page.items), page.current_page, page.total_pages, page.total_entries) == (3, 1, 1, 3)
    assert (await ana.boxes.all()).complete


async def test_the_last_page_allowed_leaves_the_list_incomplete(ana: CTUser, stub: Stub) -> None:
    stub.answer = pages(9)
    listing = await ana.boxes.all(max_pages=6)

    assert (len(listing.items), listing.total, listing.complete) == (18, 27, False)
    assert asked_pages(stub) == [1, 2, 3, 4, 5, 6]


async def test_a_list_that_grows_while_it_is_read_is_read_to_its_new_end(ana: CTUser, stub: Stub) -> None:
    stub.answer = pages(7, lambda n: {"total_pages": 2 if n == 1 else 7, "total_entries": 6})
    listing = await ana.boxes.all()

    assert (len(listing.items), listing.complete) == (21, True)


async def test_a_list_that_shrinks_is_read_to_its_new_end(ana: CTUser, stub: Stub) -> None:
    stub.answer = pages(9, lambda n: {"total_pages": 9 if n == 1 else 5, "total_entries": 27})
    listing = await ana.boxes.all()

    assert (len(listing.items), listing.complete) == (15, True)


async def test_rows_that_moved_between_pages_are_kept_once(ana: CTUser, stub: Stub) -> None:
    moved = {1: rows(1), 2: [*rows(1)[-1:], *rows(2)], 3: rows(3)}
    stub.answer = lambda request: JSONResponse(
        {"boxes": moved[int(request.query["page"])], "_links": {"total_pages": 3, "total_entries": 9}}
    )
    listing = await ana.boxes.all()

    assert (len(listing.items), listing.total, listing.complete) == (9, 9, True)


LIES: dict[str, Callable[[Seen], Response]] = {
    "always one more": pages(3, lambda n: {"current_page": n, "total_pages": n + 1, "total_entries": 9}),
    "a million pages": pages(3, lambda n: {"current_page": n, "total_pages": 1_000_000, "total_entries": 3_000_000}),
    "stuck on page one": lambda _: JSONResponse(
        {"boxes": rows(1), "_links": {"current_page": 1, "total_pages": 40, "total_entries": 120}}
    ),
    "empty pages": lambda request: JSONResponse(
        {"boxes": rows(1) if request.query["page"] == "1" else [], "_links": {"total_pages": 40}}
    ),
    "vanished pages": lambda request: (
        pages(40)(request) if request.query["page"] in {"1", "2", "3"} else Response(status_code=404)
    ),
}


@pytest.mark.parametrize("lie", LIES)
async def test_lying_counts_end_soon_and_say_so(ana: CTUser, stub: Stub, lie: str) -> None:
    stub.answer = LIES[lie]
    listing = await ana.boxes.all()

    assert not listing.complete
    assert listing.total >= len(listing.items) >= 3
    assert len(stub.seen) <= 9


async def test_reading_ends_after_its_time_with_what_there_is(ana: CTUser, stub: Stub) -> None:
    honest = pages(400)

    async def slowly(request: Seen) -> Response:
        await asyncio.sleep(0.05)
        return honest(request)

    stub.answer = slowly
    began = time.perf_counter()
    listing = await ana.boxes.all(within=0.6)

    assert time.perf_counter() - began < 1.6
    assert not listing.complete
    assert 3 < len(listing.items) <= 3 + 4 * 3 * 12  # no more rounds fit in, however quick the machine
    assert listing.total == 1200


READERS: dict[str, Callable[[CTUser], Awaitable[Any]]] = {
    "boxes": lambda ana: ana.boxes.all(),
    "locations": lambda ana: ana.locations.all(),
    "vouchers": lambda ana: ana.vouchers.all("x"),
    "clients": lambda ana: ana.clients.all("x"),
}


@pytest.mark.parametrize("name", READERS)
async def test_x4_no_list_is_read_for_more_than_fifty_pages(ana: CTUser, stub: Stub, name: str) -> None:
    def endless(request: Seen) -> Response:
        more = [{**row, "unique_id": row["slug"]} for row in rows(int(request.query["page"]))]
        return JSONResponse({name: more, "_links": {"total_pages": 10**6, "total_entries": 10**8}})

    stub.answer = endless
    listing = await READERS[name](ana)

    assert len(stub.seen) <= 50
    assert not listing.complete
    assert len(listing.items) == 3 * len(stub.seen)


async def test_a_page_that_fails_fails_the_list(ana: CTUser, stub: Stub) -> None:
    honest = pages(9)
    stub.answer = lambda request: Response(status_code=403) if request.query["page"] == "4" else honest(request)
    with pytest.raises(CTForbiddenError):
        await ana.boxes.all()


@pytest.mark.parametrize(
    "told",
    [
        {"locations": []},
        {"boxes": {}},
        {"boxes": None},
        {"boxes": [1]},
        {"boxes": [[]]},
        {"boxes": [], "_links": []},
        {"boxes": [], "_links": {"total_pages": "many"}},
        {"boxes": [{"slug": "b"}] * 1001},
        "boxes",
        None,
    ],
    ids=lambda told: str(told)[:40],
)
async def test_a_list_of_another_shape_is_refused(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)
    with pytest.raises(CTResponseError):
        await ana.boxes.list()
