"""What one may ask of a box: each is one request, sent once."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response

from bot.ct import (
    BoxDetails,
    CTInvalidError,
    CTRequestError,
    CTResponseError,
    CTServerError,
    CTUser,
    Health,
    Radio,
    Speedtest,
    Wan,
    normal_mac,
)
from bot.sandbox.ct import PracticeCT
from tests.ct.stub import Stub

BOX, PLACE = "/api/v1/boxes/b1", "/api/v1/locations/grand-hotel"
Act = Callable[[CTUser], Awaitable[Any]]

ACTS: dict[str, tuple[Act, str, dict[str, Any] | None]] = {
    "mute": (lambda ana: ana.boxes.mute("b1", True), f"PATCH {BOX}", {"box": {"ignored": True}}),
    "unmute": (lambda ana: ana.boxes.mute("b1", False), f"PATCH {BOX}", {"box": {"ignored": False}}),
    "monitor": (lambda ana: ana.boxes.monitor("b1", False), f"PATCH {BOX}", {"box": {"is_monitored": False}}),
    "resync": (lambda ana: ana.boxes.resync("b1"), f"PATCH {BOX}", {"box": {"action": "resync"}}),
    "reset": (lambda ana: ana.boxes.reset("b1"), f"PATCH {BOX}", {"box": {"action": "reset"}}),
    "cancel_reset": (lambda ana: ana.boxes.cancel_reset("b1"), f"PATCH {BOX}", {"box": {"action": "cancel"}}),
    "rename": (lambda ana: ana.boxes.rename("b1", " Bar "), f"PATCH {BOX}", {"box": {"description": "Bar"}}),
    "tag": (lambda ana: ana.boxes.tag("b1", ["bar", " ", "roof "]), f"PATCH {BOX}", {"box": {"tags": "bar,roof"}}),
    "move": (lambda ana: ana.boxes.move("b1", "7"), f"PATCH {BOX}", {"box": {"zone_id": 7}}),
    "move out": (lambda ana: ana.boxes.move("b1", None), f"PATCH {BOX}", {"box": {"zone_id": None}}),
    "transfer": (lambda ana: ana.boxes.transfer("b1", "u-1"), f"PATCH {BOX}", {"box": {"transfer_to": "u-1"}}),
    "speedtest": (lambda ana: ana.boxes.speedtest("b1"), f"POST {BOX}/speedtests", None),
    "upgrade": (
        lambda ana: ana.boxes.upgrade("grand-hotel", "b1", version="B_2"),
        f"POST {PLACE}/payloads",
        {"payload": {"box_ids": ["b1"], "version": "B_2", "upgrade": True}},
    ),
    "upgrade tonight": (
        lambda ana: ana.boxes.upgrade("grand-hotel", "b1", version="B_2", at=1795400000),
        f"POST {PLACE}/payloads",
        {"payload": {"box_ids": ["b1"], "version": "B_2", "upgrade": True, "scheduled": 1795400000}},
    ),
    "cancel_upgrade": (lambda ana: ana.boxes.cancel_upgrade("b1"), f"DELETE {BOX}/upgrades", None),
}


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_is_one_request(ana: CTUser, stub: Stub, name: str) -> None:
    act, asked, body = ACTS[name]
    stub.says(Response(status_code=204))
    await act(ana)

    assert stub.asked == [asked]
    assert (json.loads(stub.seen[0].body) if stub.seen[0].body else None) == body


@pytest.mark.parametrize("status", [422, 503])
@pytest.mark.parametrize("name", ACTS)
async def test_an_act_is_never_repeated(ana: CTUser, stub: Stub, name: str, status: int) -> None:
    act, asked, _ = ACTS[name]
    stub.tells({"errors": {"base": ["Not now."]}}, status)
    with pytest.raises((CTInvalidError, CTServerError)) as raised:
        await act(ana)

    assert stub.asked == [asked]
    assert raised.value.maybe_acted is (status == 503)


async def test_a_reset_is_sent_by_the_older_route_where_the_newer_is_missing(ana: CTUser, stub: Stub) -> None:
    stub.answer = lambda request: Response(status_code=404 if request.method == "PATCH" else 204)
    await ana.boxes.reset("b1")

    assert stub.asked == [f"PATCH {BOX}", f"POST {BOX}/reset"]


async def test_the_blank_that_older_rails_sends_for_nothing_is_an_acceptance(ana: CTUser, stub: Stub) -> None:
    stub.says(Response(" ", 200))
    await ana.boxes.mute("b1", True)

    assert stub.asked == [f"PATCH {BOX}"]


async def test_a_tag_with_a_comma_is_not_sent(ana: CTUser, stub: Stub) -> None:
    with pytest.raises(CTRequestError):
        await ana.boxes.tag("b1", ["bar, roof"])

    assert stub.asked == []


# Adding a box


async def test_a_box_is_added_with_one_post(ana: CTUser, stub: Stub) -> None:
    stub.says(JSONResponse({"slug": "bar-1", "id": 8, "state": "new"}, 201))
    made = await ana.boxes.add("grand-hotel", mac="aabb.ccdd.eeff", name=" Bar AP ", zone_id="7")
    await ana.boxes.add("grand-hotel", mac="aa:bb:cc:dd:ee:ff", name="Bar AP")

    assert (made.slug, made.state) == ("bar-1", "new")
    assert stub.asked == ["POST /api/v1/boxes"] * 2
    box = {"calledstationid": "AA-BB-CC-DD-EE-FF", "description": "Bar AP"}
    assert json.loads(stub.seen[0].body) == {"location_id": "grand-hotel", "box": {**box, "zone_id": 7}}
    assert json.loads(stub.seen[1].body) == {"location_id": "grand-hotel", "box": box}


async def test_a_box_that_may_have_been_added_is_not_asked_for_again(ana: CTUser, stub: Stub) -> None:
    stub.says(Response("<html>"))
    with pytest.raises(CTResponseError) as raised:
        await ana.boxes.add("grand-hotel", mac="AABBCCDDEEFF", name="Bar AP")

    assert raised.value.maybe_acted
    assert stub.asked == ["POST /api/v1/boxes"]


@pytest.mark.parametrize("mac", ["", "AA-BB-CC-DD-EE", "AA-BB-CC-DD-EE-FF-00", "GG-BB-CC-DD-EE-FF", "a" * 999])
async def test_what_is_no_hardware_address_is_not_sent(ana: CTUser, stub: Stub, mac: str) -> None:
    with pytest.raises(CTRequestError):
        await ana.boxes.add("grand-hotel", mac=mac, name="Bar AP")

    assert stub.asked == []


@given(st.binary(min_size=6, max_size=6), st.sampled_from(["", ":", "-", " ", "."]))
def test_every_usual_spelling_becomes_cts_own(address: bytes, separator: str) -> None:
    spelled = address.hex(separator) if separator else address.hex()

    assert normal_mac(spelled) == address.hex("-").upper()


# A box in full


async def test_a_box_in_full_has_its_tests_radio_and_address(ana: CTUser, stub: Stub) -> None:
    stub.tells(
        {
            "slug": "b1",
            "metadata": {"online": 3},
            "health": {"icmp_ip": True, "icmp_host": "false", "mtu_check": 1, "ct": "ok", "splash": None, "sync": "?"},
            "channel": "6",
            "channel_5": 36,
            "ht_mode_2": "HT20",
            "ht_mode_5": "",
            "tx_power_2": "17",
            "tx_power_5": "auto",
            "dual_band": True,
            "is_ac": False,
            "wan_proto": "static",
            "wan_ipaddr": "10.0.0.7",
            "wan_netmask": "255.255.255.0",
            "wan_gateway": "10.0.0.1",
            "wan_dns_1": "10.0.0.1",
            "wan_dns_2": "",
            "wan_mtu": "1500",
            "latest_speedtest": {"result": "41.5", "timestamp": 1795400000},
            "speedtest_running": True,
            "upgrade_scheduled": {"when": 1795500000},
            "serial_number": "SN1",
            "socketman_version": "1.4.2",
            "development_mode": "Beta",
            "official": True,
            "ssh_passwd": "canary",
            "radius_secret": "canary",
        }
    )
    found = await ana.boxes.details("b1")

    assert found == BoxDetails(
        box=found.box,
        health=Health(icmp_ip=True, icmp_host=False, mtu_check=True, ct=True),
        radio=Radio(channel=6, channel_5=36, ht_mode_2="HT20", tx_power_2=17, dual_band=True, is_ac=False),
        wan=Wan(
            proto="static", ip="10.0.0.7", netmask="255.255.255.0", gateway="10.0.0.1", dns=("10.0.0.1",), mtu=1500
        ),
        latest_speedtest=Speedtest(result=41.5, at=1795400000),
        speedtest_running=True,
        upgrade_at=1795500000,
        serial_number="SN1",
        agent_version="1.4.2",
        firmware_track="Beta",
        official=True,
    )
    assert (found.box.slug, found.box.clients_online) == ("b1", 3)
    assert "canary" not in repr(found)
    assert stub.seen[0].query == {"metadata": "true"}


@pytest.mark.parametrize("nothing", [None, False, {}, [], "none"])
async def test_a_box_that_never_tested_itself_has_no_results(ana: CTUser, stub: Stub, nothing: object) -> None:
    stub.tells({"slug": "b1", "health": nothing, "latest_speedtest": nothing, "upgrade_scheduled": nothing})
    found = await ana.boxes.details("b1")

    assert found == BoxDetails(box=found.box)


async def test_speed_tests_come_as_ct_orders_them(ana: CTUser, stub: Stub) -> None:
    stub.tells([{"result": 41.5, "timestamp": 5}, {"result": None, "created_at": 4}, {"result": "1e999"}])

    assert await ana.boxes.speedtests("b1") == [Speedtest(result=41.5, at=5), Speedtest(at=4), Speedtest()]
    assert stub.asked == [f"GET {BOX}/speedtests"]


async def test_a_box_has_a_history(ana: CTUser, stub: Stub) -> None:
    stub.tells({"versions": [{"id": 1, "changeset": {"description": ["a", "b"]}}]})
    page = await ana.boxes.versions("b1", page=2)

    assert page.items[0].changes[0].after == "b"
    assert stub.asked == [f"GET {BOX}/versions"]
    assert stub.seen[0].query == {"page": "2", "per": "25"}


# At the practice CT


async def test_a_box_is_changed_at_the_practice_ct(practice_ct: tuple[PracticeCT, str], visitor: CTUser) -> None:
    ct = practice_ct[0]
    box = next(
        one.slug
        for one in ct.world.boxes.values()
        if one.v == "4" and one.next_firmware and ct.practice.moment(one).allowed_job and one.is_cucumber
    )
    before = await visitor.boxes.details(box)
    assert before.box.location_slug is not None
    assert before.box.next_firmware is not None
    tonight = int(ct.practice.clock()) + 3600
    await visitor.boxes.mute(box, True)
    await visitor.boxes.monitor(box, False)
    await visitor.boxes.rename(box, "Renamed by a test")
    await visitor.boxes.tag(box, ["bar", "roof"])
    await visitor.boxes.upgrade(before.box.location_slug, box, version=before.box.next_firmware, at=tonight)
    after = await visitor.boxes.details(box)
    await visitor.boxes.cancel_upgrade(box)
    await visitor.boxes.resync(box)
    history = await visitor.boxes.versions(box)
    jobs = await visitor.boxes.operations(box)

    assert (after.box.ignored, after.box.is_monitored, after.box.tags) == (True, False, ("bar", "roof"))
    assert (after.box.name, after.upgrade_at) == ("Renamed by a test", tonight)
    assert after.health is not None
    assert "description" in {change.field for version in history.items for change in version.changes}
    assert "resync" in {job.kind for job in jobs.items}
    assert (await visitor.boxes.details(box)).upgrade_at is None


async def test_a_box_is_added_and_transferred_at_the_practice_ct(visitor: CTUser) -> None:
    first, second = (await visitor.locations.list(per=5)).items[:2]
    assert second.unique_id is not None
    made = await visitor.boxes.add(first.slug, mac="02:00:5e:10:00:01", name="Added by a test")
    with pytest.raises(CTInvalidError) as taken:
        await visitor.boxes.add(first.slug, mac="02:00:5e:10:00:01", name="Added by a test")
    await visitor.boxes.transfer(made.slug, second.unique_id)

    assert taken.value.fields
    assert (await visitor.boxes.get(made.slug)).location_slug == second.slug
