"""Boxes (ct-api 3.2, 4)."""

import builtins

import msgspec

from bot.ct.box_changes import BoxChanges
from bot.ct.box_details import BoxDetails, DetailsRow, Speedtest, SpeedtestRow
from bot.ct.errors import CTNotFoundError, CTResponseError
from bot.ct.mac import normal_mac
from bot.ct.metrics import Metrics
from bot.ct.models import Box, Heartbeat, Listing, Operation, Page
from bot.ct.paging import MOST_PAGES, PER_PAGE, gather, page_reader
from bot.ct.paths import path
from bot.ct.rows import array_reader, object_reader
from bot.ct.versions import Version, versions
from bot.ct.wire import Text, as_number, decode, epoch, optional_text, text


class Metadata(msgspec.Struct):
    """What `metadata=true` adds."""

    online: int | None = None
    zone_name: Text = None


class BoxRow(msgspec.Struct, gc=False):
    """A box as CT sends it: the fields we read, and no other. `ssh_passwd` and `radius_secret` stay outside."""

    id: Text = None
    slug: Text = None
    calledstationid: Text = None
    mac: Text = None
    description: Text = None
    state: Text = None
    allowed_job: bool | None = None
    last_heartbeat: Text = None
    is_cucumber: bool | None = None
    is_polkaspots: bool | None = None
    v: Text = None
    machine_type: Text = None
    location_id: Text = None
    location_slug: Text = None
    location_name: Text = None
    zone_id: Text = None
    zone_name: Text = None
    tags: Text | list[str] = None
    wan_ip: Text = None
    public_ip: Text = None
    uptime: Text = None
    uptime_seconds: int | None = None
    connection_status: Text = None
    clients_online: int | None = None
    metadata: Metadata | None = None
    firmware_version: Text = None
    next_firmware: Text = None
    ignored: bool | None = None
    is_monitored: bool | None = None
    reset_confirmation: bool | None = None
    upgrade_processing: bool | None = None
    created_at: Text = None
    timezone: Text = None

    def model(self) -> Box:
        slug = text(self.slug) or text(self.id)
        if not slug:
            raise CTResponseError("CT's answer holds a box without an id")
        extra = self.metadata or Metadata()
        mac = text(self.calledstationid) or text(self.mac)
        return Box(
            id=text(self.id) or slug,
            slug=slug,
            mac=mac,
            name=text(self.description) or mac or slug,
            state=text(self.state) or "unknown",
            allowed_job=self.allowed_job,
            last_heartbeat=epoch(self.last_heartbeat),
            is_cucumber=self.is_polkaspots if self.is_cucumber is None else self.is_cucumber,
            generation=optional_text(self.v),
            machine_type=optional_text(self.machine_type),
            location_id=optional_text(self.location_id),
            location_slug=optional_text(self.location_slug),
            location_name=optional_text(self.location_name),
            zone_id=optional_text(self.zone_id),
            zone_name=optional_text(self.zone_name) or optional_text(extra.zone_name),
            tags=_tags(self.tags),
            wan_ip=optional_text(self.wan_ip),
            public_ip=optional_text(self.public_ip),
            uptime=optional_text(self.uptime),
            uptime_seconds=self.uptime_seconds,
            connection_status=optional_text(self.connection_status),
            clients_online=self.clients_online if extra.online is None else extra.online,
            firmware_version=optional_text(self.firmware_version),
            next_firmware=optional_text(self.next_firmware),
            ignored=bool(self.ignored),
            is_monitored=self.is_monitored,
            reset_confirmation=bool(self.reset_confirmation),
            upgrade_processing=bool(self.upgrade_processing),
            created_at=epoch(self.created_at),
            timezone=optional_text(self.timezone),
        )


class OperationRow(msgspec.Struct):
    """One operation as CT sends it."""

    id: Text = None
    operation_type: Text = None
    user: Text = None
    created_at: Text = None
    completed_at: Text = None
    status: Text = None

    def model(self) -> Operation:
        return Operation(
            id=text(self.id),
            kind=text(self.operation_type),
            user=optional_text(self.user),
            created_at=epoch(self.created_at),
            completed_at=epoch(self.completed_at),
            status=text(self.status),
        )


class Heartbeats(msgspec.Struct):
    """`{"<epoch>": 1 or 0}`; JSON has no order, so it is sorted here."""

    heartbeats: dict[int, bool]

    def model(self) -> list[Heartbeat]:
        return [Heartbeat(at=at, heard=heard) for at, heard in sorted(self.heartbeats.items())]


class Boxes(BoxChanges):
    """The boxes a person can see: looking at them here, what one may ask of them in BoxChanges."""

    async def list(
        self,
        *,
        location: str | None = None,
        state: str | None = None,
        q: str | None = None,
        page: int = 1,
        per: int = 25,
    ) -> Page[Box]:
        """One page over all locations, or of the one with the slug `location`."""
        return await self._api.get(
            "boxes.list",
            "/boxes",
            page_reader("boxes", BoxRow, page),
            location_id=location,
            state=state,
            q=q,
            page=page,
            per=per,
        )

    async def all(
        self,
        *,
        location: str | None = None,
        state: str | None = None,
        q: str | None = None,
        max_pages: int = MOST_PAGES,
        within: float | None = None,
    ) -> Listing[Box]:
        """All of them, in `within` seconds at most (the client's deadline unless given)."""
        return await gather(
            lambda number: self.list(location=location, state=state, q=q, page=number, per=PER_PAGE),
            max_pages=max_pages,
            within=within or self._api.deadline,
        )

    async def get(self, box_id: str) -> Box:
        """One box by slug or id, with the number of people on it."""
        return await self._api.get(
            "boxes.get", path("/boxes/{}", box_id), lambda body: decode(body, BoxRow).model(), metadata=True
        )

    async def details(self, box_id: str) -> BoxDetails:
        """The same with self-test, radio, address, speed and planned upgrade."""
        return await self._api.get("boxes.details", path("/boxes/{}", box_id), _details, metadata=True)

    async def add(self, loc: str, *, mac: str, name: str, zone_id: str | None = None) -> Box:
        """Add a box to a location, with one POST; raises CTRequestError for what is no hardware address."""
        box = {"calledstationid": normal_mac(mac), "description": name.strip()}
        body = {"location_id": loc, "box": box if zone_id is None else {**box, "zone_id": as_number(zone_id)}}
        return await self._api.change("boxes.add", "POST", "/boxes", body, object_reader(BoxRow, "box"))

    async def operations(self, box_id: str, *, page: int = 1, per: int = 10) -> Page[Operation]:
        """The audit of a box, as CT orders it."""
        read = page_reader("operations", OperationRow, page)
        return await self._api.get("boxes.operations", path("/boxes/{}/operations", box_id), read, page=page, per=per)

    async def heartbeats(
        self, box_id: str, *, mac: str | None = None, start: int | None = None, end: int | None = None
    ) -> builtins.list[Heartbeat]:
        """When the box was heard and when it was not, oldest first; from CT's metrics where its own route is gone.

        Those go by MAC, which is looked up unless given; `start` and `end` (epoch seconds) bound them alone.
        """
        try:
            return await self._api.get(
                "boxes.heartbeats", path("/boxes/{}/heartbeats", box_id), lambda body: decode(body, Heartbeats).model()
            )
        except CTNotFoundError:
            mac = mac or (await self.get(box_id)).mac
            if not mac:
                raise
        return await Metrics(self._api).heartbeats(mac, start=start, end=end)

    async def versions(self, box_id: str, *, page: int = 1, per: int = 25) -> Page[Version]:
        """Who changed what of it, as CT orders it."""
        return await versions(self._api, "boxes", box_id, page=page, per=per)

    async def speedtests(self, box_id: str) -> builtins.list[Speedtest]:
        """Its speed tests, as CT orders them."""
        read = array_reader("speedtests", SpeedtestRow)
        return await self._api.get("boxes.speedtests", path("/boxes/{}/speedtests", box_id), read)


def _details(body: bytes) -> BoxDetails:
    return decode(body, DetailsRow).details(decode(body, BoxRow).model())


def _tags(value: Text | builtins.list[str]) -> tuple[str, ...]:
    if not value:
        return ()
    parts = value if isinstance(value, list) else str(value).split(",")
    return tuple(tag.strip() for tag in parts if tag.strip())
