"""Clients: guests' devices (ct-api 3.5). Whose they are (`device_name`, `social_id`, `splash_username`) is not read."""

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTResponseError
from bot.ct.models import Listing, Page, Private
from bot.ct.paging import PER_PAGE, gather, page_reader
from bot.ct.paths import path
from bot.ct.rows import object_reader
from bot.ct.wire import Text, epoch, optional_text, text, whole


class Client(Private, frozen=True, kw_only=True, gc=False):
    """A device. `name` and `description` are what the staff calls it; `splash_status` pass: logged in, dnat: held at
    the login page; `snr` in dB, `signal` in dBm, rates in kbps, `last_seen` epoch seconds. `blocked` and `allowed` are
    None where CT does not say.
    """

    id: str
    mac: str | None = None
    name: str | None = None
    description: str | None = None
    manufacturer: str | None = None
    online: bool | None = None
    splash_status: str | None = None
    ssid: str | None = None
    box_mac: str | None = None
    ip: str | None = None
    channel: int | None = None
    snr: int | None = None
    signal: int | None = None
    tx_kbps: int | None = None
    rx_kbps: int | None = None
    last_seen: int | None = None
    conn_type: str | None = None
    blocked: bool | None = None
    allowed: bool | None = None


class ClientRow(msgspec.Struct, gc=False):
    """A device as CT sends it; that `blacklist` and `whitelist` come back as they are sent is inferred."""

    id: Text = None
    client_mac: Text = None
    name: Text = None
    description: Text = None
    manufacturer: Text = None
    online: bool | None = None
    splash_status: Text = None
    ssid: Text = None
    ap_mac: Text = None
    ip: Text = None
    channel: Text = None
    snr: Text = None
    signal: Text = None
    txbitrate: Text = None
    rxbitrate: Text = None
    lastseen: Text = None
    conn_type: Text = None
    blacklist: bool | None = None
    whitelist: bool | None = None

    def model(self) -> Client:
        id_ = text(self.id) or text(self.client_mac)
        if not id_:
            raise CTResponseError("CT's answer holds a client without an id")
        return Client(
            id=id_,
            mac=optional_text(self.client_mac),
            name=optional_text(self.name),
            description=optional_text(self.description),
            manufacturer=optional_text(self.manufacturer),
            online=self.online,
            splash_status=optional_text(self.splash_status),
            ssid=optional_text(self.ssid),
            box_mac=optional_text(self.ap_mac),
            ip=optional_text(self.ip),
            channel=whole(self.channel),
            snr=whole(self.snr),
            signal=whole(self.signal),
            tx_kbps=whole(self.txbitrate),
            rx_kbps=whole(self.rxbitrate),
            last_seen=epoch(self.lastseen),
            conn_type=optional_text(self.conn_type),
            blocked=self.blacklist,
            allowed=self.whitelist,
        )


class Clients:
    """The devices of a location. `loc` is its slug or id, `client_id` a device's id or MAC."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def list(
        self,
        loc: str,
        *,
        box_mac: str | None = None,
        q: str | None = None,
        start: int | None = None,
        end: int | None = None,
        page: int = 1,
        per: int = 25,
    ) -> Page[Client]:
        """One page of those seen between `start` and `end` (epoch seconds, an hour to a day apart), or of CT's span."""
        return await self._api.get(
            "clients.list",
            path("/locations/{}/clients", loc),
            page_reader("clients", ClientRow, page),
            ap_mac=box_mac,
            q=q,
            start=start,
            end=end,
            page=page,
            per=per,
            v=2,
            client_type="clients.list",
        )

    async def all(
        self,
        loc: str,
        *,
        box_mac: str | None = None,
        q: str | None = None,
        start: int | None = None,
        end: int | None = None,
        max_pages: int = 20,
        within: float | None = None,
    ) -> Listing[Client]:
        """All of them, for counting; in `within` seconds at most (the client's deadline unless given)."""
        return await gather(
            lambda number: self.list(loc, box_mac=box_mac, q=q, start=start, end=end, page=number, per=PER_PAGE),
            max_pages=max_pages,
            within=within or self._api.deadline,
        )

    async def get(self, loc: str, mac: str) -> Client:
        """One device by MAC or id."""
        return await self._api.get("clients.get", _route(loc, mac), object_reader(ClientRow, "client"))

    async def block(self, loc: str, client_id: str, on: bool) -> None:
        """Keep it off the Wi-Fi, or no longer."""
        await self._api.act("clients.block", "PATCH", _route(loc, client_id), {"client": {"blacklist": on}})

    async def allow(self, loc: str, client_id: str, on: bool) -> None:
        """Let it pass without a login page, or no longer."""
        await self._api.act("clients.allow", "PATCH", _route(loc, client_id), {"client": {"whitelist": on}})

    async def logout(self, loc: str, client_id: str, box_id: str) -> None:
        """Send it back to the login page; only one that is online and logged in."""
        await self._api.act("clients.logout", "POST", _route(loc, client_id) + "/logout", {"box_id": box_id})


def _route(loc: str, id_: str) -> str:
    return path("/locations/{}/clients/{}", loc, id_)
