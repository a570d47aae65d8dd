"""Pages: one of them read tolerantly, or all of them without trusting what CT says of their number."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

from bot.ct.errors import CTNotFoundError, CTResponseError
from bot.ct.models import Listing, Page
from bot.ct.rows import MOST_ROWS, Row, opened
from bot.ct.wire import decode

PER_PAGE = 100
MOST_PAGES = 50  # of a list whose length nobody knows, whatever CT says of it (`guarantees.md` X4)
AT_ONCE = 4


class Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Identified)
M = TypeVar("M", covariant=True)


class Links(msgspec.Struct):
    """`_links` of a list; `next_page` is null in some lists and 0 in others, so nobody reads it (ct-api 2)."""

    current_page: int | None = None
    total_pages: int | None = None
    total_entries: int | None = None


def page_reader(key: str, row: type[Row[M]], page: int) -> Callable[[bytes], Page[M]]:
    """Reads `{"<key>": [...], "_links": {...}}` or a bare array into a page of models.

    What `_links` leaves out is filled in from what is there. Raises CTResponseError for anything else.
    """

    def read(body: bytes) -> Page[M]:
        rows, told = opened(body, key)
        links = decode(told["_links"], Links) if "_links" in told else Links()
        if len(decode(rows, list[msgspec.Raw])) > MOST_ROWS:
            raise CTResponseError("CT's answer has more rows than a page can have")
        found: list[Row[M]] = decode(rows, list[row])  # type: ignore[valid-type]
        items = [one.model() for one in found]
        return Page(
            items=items,
            current_page=max(1, links.current_page or page),
            total_pages=max(1, links.total_pages or 1),
            total_entries=max(0, len(items) if links.total_entries is None else links.total_entries),
        )

    return read


async def gather(
    fetch: Callable[[int], Awaitable[Page[T]]], *, max_pages: int = MOST_PAGES, within: float
) -> Listing[T]:
    """Fetch all pages, the first alone, then four at once; ends for sure.

    Stops at `max_pages`, after `within` seconds, at an empty or vanished page, and where pages repeat themselves: then
    the listing is what was seen by then, and not complete. Rows that moved between pages are kept once. Raises CTError
    if a page fails.
    """
    ends = asyncio.get_running_loop().time() + within
    first = await fetch(1)
    seen = {item.id: item for item in first.items}
    read, last, new = 1, first.total_pages, True
    try:
        async with asyncio.timeout_at(ends):
            while new and read < min(last, max_pages):
                pages = await _together(fetch, range(read + 1, min(read + AT_ONCE, last, max_pages) + 1))
                new = all([_added(seen, page) for page in pages])  # noqa: C419 - all of them are to be added
                read += len(pages)
                last = pages[-1].total_pages if pages[-1] else last
    except TimeoutError:
        new = False
    items, complete = list(seen.values()), new and read >= last
    total = len(items) if complete else max(first.total_entries, len(items))
    return Listing(items=items, total=total, complete=complete)


def _added(seen: dict[str, T], page: Page[T] | None) -> bool:
    before = len(seen)
    for item in page.items if page else ():
        seen.setdefault(item.id, item)
    return len(seen) > before


async def _together(fetch: Callable[[int], Awaitable[Page[T]]], numbers: range) -> list[Page[T] | None]:
    async def one(number: int) -> Page[T] | None:
        try:
            return await fetch(number)
        except CTNotFoundError:
            return None

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(number)) for number in numbers]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
