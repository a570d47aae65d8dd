"""Charts: what was measured over time (ct-api 3.13)."""

import msgspec

from bot.ct.api import API
from bot.ct.models import Heartbeat, Model
from bot.ct.reserved import read_reserved
from bot.ct.wire import Text, decode, moment, number, text


class Series(Model, frozen=True, kw_only=True):
    """One line of a chart: (epoch seconds, value), oldest first; values in the unit of their type."""

    name: str
    points: tuple[tuple[int, float], ...] = ()


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
        """The series of a `type` between `start` and `end` (epoch seconds), or over CT's own span.

        Raises CTForbiddenError where CT keeps these for its dashboard.
        """
        return await read_reserved(
            self._api,
            "metrics.series",
            "/metrics",
            lambda body: decode(body, MetricsRow).series(type),
            type=type,
            location_id=location_id,
            ap_mac=mac,
            start_time=start,
            end_time=end,
        )

    async def heartbeats(self, mac: str, *, start: int | None = None, end: int | None = None) -> list[Heartbeat]:
        """When a box was heard and when not, oldest first."""
        lines = await self.series(type="device.heartbeats", mac=mac, start=start, end=end)
        return [Heartbeat(at=at, heard=value > 0) for line in lines[:1] for at, value in line.points]


def _name(row: DataRow, name: str) -> str:
    return text(row.alias) or text(row.series_type) or name


def _sorted(rows: list[DataRow]) -> tuple[tuple[int, float], ...]:
    """CT does not sort them all; what has no time or no value is left out."""
    return tuple(sorted(point for row in rows if (point := row.point) is not None))
