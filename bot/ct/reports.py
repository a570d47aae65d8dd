"""The account at a glance, and CT's own reports by e-mail (ct-api 3.12)."""

from typing import Literal

import msgspec

from bot.ct.api import API
from bot.ct.models import Overview
from bot.ct.wire import Text, as_number, decode, text

ReportType = Literal["radius", "people", "client", "order"]


class StateCount(msgspec.Struct):
    """How many boxes are in one state."""

    state: Text = None
    total: int | None = None


class BoxTotals(msgspec.Struct):
    """The sum over all states."""

    total: int | None = None


class BoxCounts(msgspec.Struct):
    """Boxes, by state and in all."""

    states: list[StateCount] | None = None
    stats: BoxTotals | None = None


class Stats(msgspec.Struct):
    """The figures of the dashboard's home page."""

    locations: int | None = None
    online: int | None = None
    boxes: BoxCounts | None = None


class Report(msgspec.Struct):
    """The answer to `dashboard=true&v=2`."""

    stats: Stats

    def model(self) -> Overview:
        boxes = self.stats.boxes or BoxCounts()
        return Overview(
            locations=self.stats.locations,
            people_online=self.stats.online,
            boxes={text(one.state) or "unknown": one.total or 0 for one in boxes.states or []},
            total=boxes.stats.total if boxes.stats else None,
        )


class Reports:
    """Figures over everything a person can see."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def overview(self) -> Overview:
        """Boxes by state, locations and people online, in one call."""
        return await self._api.get(
            "reports.overview", "/reports", lambda body: decode(body, Report).model(), dashboard=True, v=2
        )

    async def email(self, type: ReportType, location_id: str, *, start: int, end: int) -> None:  # noqa: A002 - CT's word
        """Have CT e-mail a report of a location (by its numeric id) to the caller, with one POST. Epoch seconds."""
        body = {"type": type, "location_id": as_number(location_id), "start": start, "end": end, "interval": "day"}
        await self._api.act("reports.email", "POST", "/reports", body)
