"""The syslog of boxes (ct-api 3.10)."""

import asyncio
import contextlib
from collections.abc import Awaitable

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTNotFoundError
from bot.ct.models import Listing, Page, Private
from bot.ct.paging import PER_PAGE, page_reader
from bot.ct.reserved import read_reserved
from bot.ct.wire import MILLISECONDS, Text, moment, optional_text, text

FEW = 25  # rows that the dashboard asks for: CT sends no fewer, unless there are no more


class LogLine(Private, frozen=True, kw_only=True):
    """One line; `at` in epoch seconds. A line may name guests' devices. `severity` and `facility` as CT words them."""

    at: float | None = None
    message: str = ""
    facility: str | None = None
    severity: str | None = None


class LogRow(msgspec.Struct):
    """A line as CT sends it."""

    timestamp: Text = None
    message: Text = None
    facility: Text = None
    facility_id: Text = None
    severity: Text = None

    def model(self) -> LogLine:
        return LogLine(
            at=_at(self.timestamp),
            message=text(self.message),
            facility=optional_text(self.facility) or optional_text(self.facility_id),
            severity=optional_text(self.severity),
        )


def _at(value: Text) -> float | None:
    """A time that can be one; a line with any other is a line without a time."""
    at = moment(value)
    return at if at is not None and 0 <= at < MILLISECONDS else None


class Logs:
    """What boxes logged: of a location by its numeric id, of one box by its MAC."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def list(
        self, *, location_id: str, mac: str, start: int, end: int, q: str | None = None, page: int = 1, per: int = 25
    ) -> Page[LogLine]:
        """One page between `start` and `end` (epoch seconds, 5 minutes to an hour apart), as CT orders it.

        Raises CTForbiddenError where CT keeps logs for its dashboard.
        """
        return await read_reserved(
            self._api,
            "logs.list",
            "/logs",
            page_reader("data", LogRow, page),
            location_id=location_id,
            ap_mac=mac,
            start_time=start,
            end_time=end,
            q=q,
            page=page,
            per=per,
        )

    async def all(
        self,
        *,
        location_id: str,
        mac: str,
        start: int,
        end: int,
        q: str | None = None,
        max_pages: int = 5,
        within: float | None = None,
    ) -> Listing[LogLine]:
        """All of them, as CT orders them; in `within` seconds at most (the client's deadline unless given).

        CT is not known to count the pages of this list, so it is read until a page is short or brings nothing new.
        """
        ends = asyncio.get_running_loop().time() + (within or self._api.deadline)

        async def read(number: int) -> Page[LogLine]:
            return await self.list(
                location_id=location_id, mac=mac, start=start, end=end, q=q, page=number, per=PER_PAGE
            )

        pages = [await read(1)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(ends):
                while len(pages) < max_pages and _more(pages):
                    pages.append(await _or_empty(read(len(pages) + 1)))
        complete = not _more(pages)
        if _repeats(pages):
            pages.pop()
        lines = [line for page in pages for line in page.items]
        return Listing(items=lines, total=max(len(lines), pages[0].total_entries), complete=complete)


async def _or_empty(reading: Awaitable[Page[LogLine]]) -> Page[LogLine]:
    """A page; an empty one where CT says that there is no such page."""
    try:
        return await reading
    except CTNotFoundError:
        return Page(items=[], current_page=1, total_pages=1, total_entries=0)


def _more(pages: list[Page[LogLine]]) -> bool:
    """Whether another page may bring more. One page in all may also mean that CT does not count them."""
    last = pages[-1]
    if len(last.items) < FEW or _repeats(pages):
        return False
    return last.total_pages == 1 or len(pages) < last.total_pages


def _repeats(pages: list[Page[LogLine]]) -> bool:
    return len(pages) > 1 and pages[-1].items == pages[-2].items
