"""Charts: what was measured over time (ct-api 3.13)."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from bot.ct.api import API
from bot.ct.models import Heartbeat, Model
from bot.ct.reserved import read_reserved
from bot.ct.rows import object_reader
from bot.ct.wire import Text, decode, moment, number, text, whole

T = TypeVar("T")


class Series(Model, frozen=True, kw_only=True):
    """One line of a chart: (epoch seconds, value), oldest first; values in the unit of their type."""

    name: str
    points: tuple[tuple[int, float], ...] = ()


class GuestStats(Model, frozen=True, kw_only=True):
    """Guests who logged in over a span; None for what CT does not tell.

    `returning` is the share (0 to 1) of those who had been there before, `average` the length of a visit in seconds.
    """

    uniques: int | None = None
    new: int | None = None
    sessions: int | None = None
    returning: float | None = None
    average: int | None = None


class DurationRow(msgspec.Struct):
    """How long visits were."""

    avg: Text = None


class StatsRow(msgspec.Struct):
    """Guests' figures as CT sends them, on their own or under `stats`."""

    uniques: Text = None
    new: Text = None
    sessions: Text = None
    loyalty: Text = None
    duration: DurationRow | None = None

    def model(self) -> GuestStats:
        share = number(self.loyalty)
        return GuestStats(
            uniques=whole(self.uniques),
            new=whole(self.new),
            sessions=whole(self.sessions),
            returning=share if share is not None and 0 <= share <= 1 else None,
            average=whole(self.duration.avg) if self.duration else None,
        )


class DataRow(msgspec.Struct):
    """A series, or a point of an answer that is flat; a series' `tags` hold guests' MACs and stay outside."""

    alias: Text = None
    series_type: Text = None
    data: list["DataRow"] | None = None
    timestamp: Text = None
    value: bool | Text = None

    @property
    def point(self) -> tuple[int, float] | None:
        at, value = moment(self.timestamp), number(self.value)
        return None if at is None or value is None else (int(at), value)


class MetricsRow(msgspec.Struct):
    """`{data: [...]}` in both of its shapes."""

    data: list[DataRow] | None

    def series(self, name: str) -> list[Series]:
        rows = self.data or []
        lines = [Series(name=_name(row, name), points=_sorted(row.data)) for row in rows if row.data is not None]
        flat = _sorted([row for row in rows if row.data is None])
        return lines + ([Series(name=name, points=flat)] if flat else [])


class Metrics:
    """Measurements of a location (by its numeric id) or of a box (by its MAC)."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def series(
        self,
        *,
        type: str,  # noqa: A002 - as CT calls it
        location_id: str | None = None,
        mac: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[Series]:
        """The series of a `type` between `start` and `end` (epoch seconds), or over CT's own span."""
        return await self._measured(
            "metrics.series",
            lambda body: decode(body, MetricsRow).series(type),
            type=type,
            location_id=location_id,
            ap_mac=mac,
            start_time=start,
            end_time=end,
        )

    async def guests(self, location_id: str, *, start: int, end: int) -> GuestStats:
        """Guests who logged in at a location between `start` and `end` (epoch seconds)."""
        return await self._measured(
            "metrics.guests",
            object_reader(StatsRow, "stats"),
            type="radius.stats",
            location_id=location_id,
            start_time=start,
            end_time=end,
        )

    async def _measured(self, name: str, read: Callable[[bytes], T], **params: object) -> T:
        """Raises CTForbiddenError where CT keeps these for its dashboard."""
        return await read_reserved(self._api, name, "/metrics", read, **params)

    async def heartbeats(self, mac: str, *, start: int | None = None, end: int | None = None) -> list[Heartbeat]:
        """When a box was heard and when not, oldest first."""
        lines = await self.series(type="device.heartbeats", mac=mac, start=start, end=end)
        return [Heartbeat(at=at, heard=value > 0) for line in lines[:1] for at, value in line.points]


def _name(row: DataRow, name: str) -> str:
    return text(row.alias) or text(row.series_type) or name


def _sorted(rows: list[DataRow]) -> tuple[tuple[int, float], ...]:
    """CT does not sort them all; what has no time or no value is left out."""
    return tuple(sorted(point for row in rows if (point := row.point) is not None))
