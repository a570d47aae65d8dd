"""Zones: groups of boxes and networks within a location (ct-api 3.3)."""

import builtins

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTResponseError
from bot.ct.models import Model
from bot.ct.paths import path
from bot.ct.rows import array_reader
from bot.ct.wire import Text, epoch, optional_text, text, whole


class Zone(Model, frozen=True, kw_only=True):
    """A zone, with how many boxes and networks are in it. Where there are zones, a box in none sends no Wi-Fi."""

    id: str
    name: str = ""
    description: str | None = None
    boxes: int | None = None
    networks: int | None = None
    created_at: int | None = None


class ZoneRow(msgspec.Struct):
    """A zone as CT sends it."""

    id: Text = None
    zone_name: Text = None
    zone_description: Text = None
    boxes: Text = None
    networks: Text = None
    created_at: Text = None

    def model(self) -> Zone:
        if not (id_ := text(self.id)):
            raise CTResponseError("CT's answer holds a zone without an id")
        return Zone(
            id=id_,
            name=text(self.zone_name) or id_,
            description=optional_text(self.zone_description),
            boxes=whole(self.boxes),
            networks=whole(self.networks),
            created_at=epoch(self.created_at),
        )


class Zones:
    """The zones of a location. `loc` is its slug or id."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def list(self, loc: str, *, q: str | None = None) -> builtins.list[Zone]:
        """All of them, or those that match."""
        read = array_reader("zones", ZoneRow)
        return await self._api.get("zones.list", path("/locations/{}/zones", loc), read, q=q)
