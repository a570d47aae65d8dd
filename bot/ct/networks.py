"""Networks: looking at SSIDs, and changing what guests see of them (ct-api 3.4)."""

import builtins
from typing import Literal

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTRequestError
from bot.ct.network import KeyRow, Network, NetworkDetails, NetworkRow, RadiusAnswer
from bot.ct.paths import path
from bot.ct.refusals import clean
from bot.ct.rows import array_reader, object_reader
from bot.ct.wire import Text, decode, text

_network = object_reader(NetworkRow, "network")
_key = object_reader(KeyRow, "network")


class RadiusRow(msgspec.Struct):
    """The answer to a RADIUS test; its shape is inferred."""

    success: bool | None = None
    message: Text = None


class Networks:
    """The SSIDs of a location. `loc` is its slug or id, `network_id` the network's."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def list(self, loc: str) -> builtins.list[Network]:
        """All of them; a location has 16 at most."""
        read = array_reader("networks", NetworkRow)
        return await self._api.get("networks.list", path("/locations/{}/networks", loc), read)

    async def details(self, loc: str, network_id: str) -> NetworkDetails:
        """One with its password, to be shown to the asker alone."""
        return await self._api.get("networks.details", _route(loc, network_id), _with_key)

    async def switch(self, loc: str, network_id: str, *, active: bool) -> Network:
        """Send it, or not; the boxes sync, which is a short loss of Wi-Fi."""
        return await self._changed("networks.switch", loc, network_id, active=active)

    async def edit(self, loc: str, network_id: str, *, ssid: str | None = None, password: str | None = None) -> Network:
        """A new name or password; the boxes sync. Raises CTRequestError for neither."""
        fields = {"ssid": ssid and ssid.strip(), "encryption_key": password}
        given = {name: value for name, value in fields.items() if value is not None}
        if not given:
            raise CTRequestError("networks.edit: nothing to change")
        return await self._changed("networks.edit", loc, network_id, **given)

    async def share(self, loc: str, network_id: str, *, by: Literal["email", "sms"], to: str) -> None:
        """Have CT send its name and password to somebody."""
        body = {"network": {"action": "share", "share_type": by, "share_to": to}}
        await self._api.act("networks.share", "PATCH", _route(loc, network_id), body)

    async def cancel_sync(self, loc: str, network_id: str) -> None:
        """Let boxes that have not yet learnt of the last change stay as they are."""
        await self._api.act(
            "networks.cancel_sync", "PATCH", _route(loc, network_id), {"network": {"cancel_sync": True}}
        )

    async def radtest(self, loc: str, network_id: str) -> RadiusAnswer:
        """Test its RADIUS server; CT's refusal is a CTInvalidError with its sentence."""
        return await self._api.change("networks.radtest", "POST", _route(loc, network_id) + "/radtest", {}, _radius)

    async def _changed(self, name: str, loc: str, id_: str, **fields: object) -> Network:
        return await self._api.change(name, "PATCH", _route(loc, id_), {"network": fields}, _network)


def _route(loc: str, id_: str) -> str:
    return path("/locations/{}/networks/{}", loc, id_)


def _with_key(body: bytes) -> NetworkDetails:
    return NetworkDetails(network=_network(body), key=_key(body))


def _radius(body: bytes) -> RadiusAnswer:
    """An empty body is an acceptance without a word."""
    row = decode(body, RadiusRow) if body.strip() else RadiusRow()
    return RadiusAnswer(success=row.success, message=clean(text(row.message)) or None)
