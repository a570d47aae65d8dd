"""Guests' devices."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import CTInvalidError, CTResponseError, CTServerError, CTUser
from tests.ct.stub import Seen, Stub

CLIENTS = "/api/v1/locations/grand-hotel/clients"
MAC = "8C-85-90-00-00-01"
FULL = {
    "id": 4,
    "client_mac": MAC,
    "name": "Till",
    "description": "At the bar",
    "device_name": "canary-owner",
    "splash_username": "canary-guest",
    "social_id": "canary-social",
    "manufacturer": "Apple",
    "online": True,
    "splash_status": "pass",
    "ssid": "Grand Guests",
    "ap_mac": "AA-BB-CC-00-00-01",
    "ip": "10.168.0.4",
    "channel": "44",
    "snr": 31,
    "signal": "-64",
    "txbitrate": 72000,
    "rxbitrate": "65000.5",
    "lastseen": 1795400000,
    "conn_type": "wireless",
    "blacklist": False,
    "whitelist": None,
}
Act = Callable[[CTUser], Awaitable[Any]]

ACTS: dict[str, tuple[Act, str, dict[str, Any]]] = {
    "block": (
        lambda ana: ana.clients.block("grand-hotel", "4", True),
        f"PATCH {CLIENTS}/4",
        {"client": {"blacklist": True}},
    ),
    "allow": (
        lambda ana: ana.clients.allow("grand-hotel", "4", False),
        f"PATCH {CLIENTS}/4",
        {"client": {"whitelist": False}},
    ),
    "logout": (
        lambda ana: ana.clients.logout("grand-hotel", "4", "b1"),
        f"POST {CLIENTS}/4/logout",
        {"box_id": "b1"},
    ),
}


async def test_a_device_is_read_without_its_owner(ana: CTUser, stub: Stub) -> None:
    stub.tells(FULL)
    client = await ana.clients.get("grand-hotel", MAC)

    assert (client.id, client.mac, client.name, client.description) == ("4", MAC, "Till", "At the bar")
    assert (client.manufacturer, client.online, client.splash_status) == ("Apple", True, "pass")
    assert (client.ssid, client.box_mac, client.ip) == ("Grand Guests", "AA-BB-CC-00-00-01", "10.168.0.4")
    assert (client.channel, client.snr, client.signal) == (44, 31, -64)
    assert (client.tx_kbps, client.rx_kbps, client.last_seen) == (72000, 65000, 1795400000)
    assert (client.conn_type, client.blocked, client.allowed) == ("wireless", False, None)
    assert "canary" not in str([getattr(client, name) for name in client.__struct_fields__])
    assert f"{client!r}" == "Client(…)"
    assert stub.asked == [f"GET {CLIENTS}/{MAC}"]


async def test_a_device_may_be_nothing_but_its_address(ana: CTUser, stub: Stub) -> None:
    stub.tells({"clients": [{"client_mac": MAC}], "_links": {"start": 1, "end": 2}})
    page = await ana.clients.list("grand-hotel")

    assert [client.id for client in page.items] == [MAC]
    assert stub.seen[0].query == {"page": "1", "per": "25", "v": "2", "client_type": "clients.list"}


async def test_devices_are_asked_for_by_box_words_and_time(ana: CTUser, stub: Stub) -> None:
    stub.tells({"clients": []})
    await ana.clients.list("grand-hotel", box_mac="AA-BB-CC-00-00-01", q="till", start=5, end=6, page=2, per=50)

    assert stub.seen[0].query == {
        "ap_mac": "AA-BB-CC-00-00-01",
        "q": "till",
        "start": "5",
        "end": "6",
        "page": "2",
        "per": "50",
        "v": "2",
        "client_type": "clients.list",
    }


async def test_all_devices_are_gathered_for_counting(ana: CTUser, stub: Stub) -> None:
    def paged(seen: Seen) -> Response:
        page = int(seen.query["page"])
        rows = [{"id": page * 1000 + number, "ssid": "Guests"} for number in range(100)]
        return JSONResponse({"clients": rows, "_links": {"total_pages": 3, "total_entries": 300}})

    stub.answer = paged
    listing = await ana.clients.all("grand-hotel")

    assert (len(listing.items), listing.complete) == (300, True)


async def test_a_device_without_an_id_is_refused(ana: CTUser, stub: Stub) -> None:
    stub.tells({"clients": [{"ssid": "Guests"}]})
    with pytest.raises(CTResponseError):
        await ana.clients.list("grand-hotel")


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_is_one_request(ana: CTUser, stub: Stub, name: str) -> None:
    act, asked, body = ACTS[name]
    stub.says(Response(status_code=204))
    await act(ana)

    assert stub.asked == [asked]
    assert json.loads(stub.seen[0].body) == body


@pytest.mark.parametrize("status", [422, 503])
@pytest.mark.parametrize("name", ACTS)
async def test_an_act_is_never_repeated(ana: CTUser, stub: Stub, name: str, status: int) -> None:
    act, asked, _ = ACTS[name]
    stub.tells({"message": "Not online."}, status)
    with pytest.raises((CTInvalidError, CTServerError)) as raised:
        await act(ana)

    assert stub.asked == [asked]
    assert raised.value.maybe_acted is (status == 503)


async def test_devices_are_found_and_changed_at_the_practice_ct(visitor: CTUser) -> None:
    loc = (await visitor.locations.list(q="Harbour Hotel")).items[0].slug
    devices = (await visitor.clients.all(loc)).items
    guest = next(one for one in devices if one.online and one.splash_status == "pass" and one.mac and one.box_mac)
    assert guest.mac is not None
    box = next(one for one in (await visitor.boxes.all(location=loc)).items if one.mac == guest.box_mac)
    await visitor.clients.logout(loc, guest.id, box.slug)
    held = await visitor.clients.get(loc, guest.mac)
    await visitor.clients.block(loc, guest.id, True)
    blocked = await visitor.clients.get(loc, guest.mac)
    await visitor.clients.block(loc, guest.id, False)
    await visitor.clients.allow(loc, guest.id, True)
    allowed = await visitor.clients.get(loc, guest.mac)
    with pytest.raises(CTInvalidError):
        await visitor.clients.logout(loc, guest.id, box.slug)

    assert held.splash_status == "dnat"
    assert (blocked.blocked, blocked.online) == (True, False)
    assert (allowed.blocked, allowed.allowed, allowed.splash_status) == (False, True, "pass")
