"""Zones and networks."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import Response

from bot.ct import (
    CTInvalidError,
    CTRequestError,
    CTResponseError,
    CTServerError,
    CTUser,
    Network,
    RadiusAnswer,
    Zone,
    network_problems,
)
from bot.sandbox.ct import PracticeCT
from tests.ct.stub import Stub

PLACE = "/api/v1/locations/grand-hotel"
NETWORK = f"{PLACE}/networks/9"
FULL = {
    "id": 9,
    "ssid": "Grand Guests",
    "active": True,
    "access_type": "password",
    "encryption_type": "psk2",
    "encryption_key": "canary-key",
    "ssid_hidden": False,
    "captive_portal_enabled": True,
    "zone_id": 7,
    "band_selection": "dual",
    "content_filter": "Off",
    "bandwidth_limit": "20",
    "vlan_id": "",
    "state": None,
    "created_at": 5,
}
Act = Callable[[CTUser], Awaitable[Any]]

ACTS: dict[str, tuple[Act, str, dict[str, Any]]] = {
    "switch": (lambda ana: ana.networks.switch("grand-hotel", "9", active=False), "PATCH", {"active": False}),
    "ssid": (lambda ana: ana.networks.edit("grand-hotel", "9", ssid=" Bar "), "PATCH", {"ssid": "Bar"}),
    "password": (
        lambda ana: ana.networks.edit("grand-hotel", "9", password="canary-new"),
        "PATCH",
        {"encryption_key": "canary-new"},
    ),
    "share": (
        lambda ana: ana.networks.share("grand-hotel", "9", by="sms", to="+44 131 496 0000"),
        "PATCH",
        {"action": "share", "share_type": "sms", "share_to": "+44 131 496 0000"},
    ),
    "cancel_sync": (lambda ana: ana.networks.cancel_sync("grand-hotel", "9"), "PATCH", {"cancel_sync": True}),
}


async def test_zones_come_with_what_is_in_them(ana: CTUser, stub: Stub) -> None:
    row = {"id": 7, "zone_name": "Ground", "zone_description": "", "boxes": "4", "networks": 2, "created_at": 5}
    stub.tells({"zones": [row, {"id": "8"}], "_info": {"total": 2}})

    assert await ana.zones.list("grand-hotel", q="g") == [
        Zone(id="7", name="Ground", boxes=4, networks=2, created_at=5),
        Zone(id="8", name="8"),
    ]
    assert stub.asked == [f"GET {PLACE}/zones"]
    assert stub.seen[0].query == {"q": "g"}


@pytest.mark.parametrize("told", [{}, {"zones": [{}]}, {"zones": 7}], ids=str)
async def test_zones_of_another_shape_are_refused(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)
    with pytest.raises(CTResponseError):
        await ana.zones.list("grand-hotel")


async def test_networks_are_listed_without_their_passwords(ana: CTUser, stub: Stub) -> None:
    stub.tells([FULL, {"id": 10}])
    networks = await ana.networks.list("grand-hotel")

    assert networks == [
        Network(
            id="9",
            ssid="Grand Guests",
            active=True,
            access_type="password",
            encryption_type="psk2",
            hidden=False,
            captive_portal=True,
            zone_id="7",
            band="dual",
            content_filter="Off",
            bandwidth_mbps=20,
            vlan_id=None,
            state=None,
            created_at=5,
        ),
        Network(id="10"),
    ]
    assert "canary" not in repr(networks)
    assert stub.asked == [f"GET {PLACE}/networks"]


@pytest.mark.parametrize("wrap", [lambda row: row, lambda row: {"network": row}])
async def test_a_password_is_read_only_where_it_is_asked_for_and_not_printed(
    ana: CTUser, stub: Stub, wrap: Callable[[object], object]
) -> None:
    stub.tells(wrap(FULL))
    details = await ana.networks.details("grand-hotel", "9")

    assert details.network.ssid == "Grand Guests"
    assert details.key == "canary-key"
    assert "canary" not in f"{details!r} {details}"
    assert stub.asked == [f"GET {NETWORK}"]


async def test_an_open_network_has_no_password(ana: CTUser, stub: Stub) -> None:
    stub.tells({**FULL, "encryption_key": None})

    assert (await ana.networks.details("grand-hotel", "9")).key is None


async def test_a_network_without_an_id_is_refused(ana: CTUser, stub: Stub) -> None:
    stub.tells([{"ssid": "x"}])
    with pytest.raises(CTResponseError):
        await ana.networks.list("grand-hotel")


@pytest.mark.parametrize("name", ACTS)
async def test_a_change_is_one_request(ana: CTUser, stub: Stub, name: str) -> None:
    act, method, fields = ACTS[name]
    stub.tells(FULL)
    await act(ana)

    assert stub.asked == [f"{method} {NETWORK}"]
    assert json.loads(stub.seen[0].body) == {"network": fields}


@pytest.mark.parametrize("status", [422, 502])
@pytest.mark.parametrize("name", ACTS)
async def test_a_change_is_never_repeated(ana: CTUser, stub: Stub, name: str, status: int) -> None:
    act, method, _ = ACTS[name]
    stub.tells({"errors": {"ssid": ["is odd"]}}, status)
    with pytest.raises((CTInvalidError, CTServerError)) as raised:
        await act(ana)

    assert stub.asked == [f"{method} {NETWORK}"]
    assert raised.value.maybe_acted is (status == 502)
    assert raised.value.fields == {"ssid": ["Ssid is odd"]}


async def test_a_change_of_nothing_is_not_sent(ana: CTUser, stub: Stub) -> None:
    with pytest.raises(CTRequestError):
        await ana.networks.edit("grand-hotel", "9")

    assert stub.asked == []


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"success": true, "message": "Access-\\u202eAccept"}', RadiusAnswer(success=True, message="Access- Accept")),
        (b'{"message": ""}', RadiusAnswer()),
        (b"", RadiusAnswer()),
        (b" ", RadiusAnswer()),
    ],
)
async def test_a_radius_test_says_what_ct_says(ana: CTUser, stub: Stub, body: bytes, answer: RadiusAnswer) -> None:
    stub.says(Response(body, media_type="application/json"))

    assert await ana.networks.radtest("grand-hotel", "9") == answer
    assert stub.asked == [f"POST {NETWORK}/radtest"]


@pytest.mark.parametrize(
    ("ssid", "password", "wrong"),
    [
        (None, None, set()),
        ("Bar", "12345678", set()),
        ("x" * 32, "x" * 32, set()),
        ("", "1234567", {"ssid", "encryption_key"}),
        (" ", "x" * 33, {"ssid", "encryption_key"}),
        ("é" * 17, None, {"ssid"}),
        ("\ud800", None, set()),
    ],
)
def test_names_are_counted_in_bytes_and_passwords_in_characters(
    ssid: str | None, password: str | None, wrong: set[str]
) -> None:
    assert set(network_problems(ssid=ssid, password=password)) == wrong


# At the practice CT


async def test_networks_are_changed_at_the_practice_ct(practice_ct: tuple[PracticeCT, str], visitor: CTUser) -> None:
    loc = (await visitor.locations.list(q="Harbour Hotel")).items[0].slug
    staff = next(one for one in await visitor.networks.list(loc) if one.access_type == "password")
    renamed = await visitor.networks.edit(loc, staff.id, ssid="Crew", password="correct horse")
    details = await visitor.networks.details(loc, staff.id)
    await visitor.networks.share(loc, staff.id, by="email", to="kim@venues.example")
    await visitor.networks.cancel_sync(loc, staff.id)
    off = await visitor.networks.switch(loc, staff.id, active=False)
    with pytest.raises(CTInvalidError) as refused:
        await visitor.networks.edit(loc, staff.id, password="short")
    with pytest.raises(CTInvalidError):
        await visitor.networks.radtest(loc, staff.id)

    assert (renamed.ssid, renamed.state, details.key) == ("Crew", "processing", "correct horse")
    assert off.active is False
    assert list(refused.value.fields) == ["encryption_key"]
    assert [share["share_to"] for share in practice_ct[0].practice.shares] == ["kim@venues.example"]


async def test_zones_of_the_practice_ct_are_read(visitor: CTUser) -> None:
    loc = (await visitor.locations.list(q="Harbour Hotel")).items[0].slug

    assert all(zone.name and zone.boxes is not None for zone in await visitor.zones.list(loc))
