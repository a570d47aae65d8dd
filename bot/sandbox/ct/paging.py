"""Paged lists (ct-api.md 2: paging in, paging out)."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from starlette.requests import Request

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.switches import Switches

T = TypeVar("T")


class Page(Generic[T]):
    """The rows that `page` and `per` of a request ask for, with their `_links`."""

    def __init__(self, rows: Sequence[T], request: Request, switches: Switches) -> None:
        self._switches = switches
        self.per = min(_positive(request.query_params.get("per"), switches.default_per), switches.max_per)
        self.number = _positive(request.query_params.get("page"), 1)
        self.total = len(rows)
        self.pages = max(1, -(-self.total // self.per))
        if switches.paging == "vanishing" and self.number == self.pages > 1:
            raise not_found()
        start = 0 if switches.paging == "stuck" else (self.number - 1) * self.per
        self.rows = rows[start : start + self.per]

    def links(self) -> dict[str, Any]:
        """`_links`, honest or lying as the switches say."""
        number, pages = self.number, self.pages
        if self._switches.paging == "endless":
            pages = number + 1
        elif self._switches.paging == "stuck":
            number = 1
        links: dict[str, Any] = {
            "current_page": number,
            "total_pages": pages,
            "next_page": number + 1 if number < pages else self._switches.last_next_page,
            "total_entries": self.total,
        }
        return {**links, "size": self.per} if self._switches.links_size else links


def _positive(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and 0 < len(text) < 9 and int(text) > 0 else default
