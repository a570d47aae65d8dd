"""Boxes: what is asked, what is understood, and how a reboot is sent."""

import json

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.ct import Box, CTInvalidError, CTNotFoundError, CTResponseError, CTServerError, CTUser, Heartbeat
from tests.ct.conftest import Counted
from tests.ct.stub import Seen, Stub

PATCH, POST = "PATCH /api/v1/boxes/b1", "POST /api/v1/boxes/b1/reboot"
FULL = {
    "id": 7,
    "slug": "lobby-ap-3",
    "calledstationid": "AA-BB-CC-DD-EE-FF",
    "description": "Lobby AP-3",
    "state": "online",
    "allowed_job": True,
    "last_heartbeat": 1795400000,
    "is_cucumber": True,
    "v": "4",
    "machine_type": "ubnt-unifi",
    "location_id": 1813,
    "location_slug": "grand-hotel",
    "location_name": "Grand Hotel",
    "zone_id": 3,
    "zone_name": None,
    "tags": "lobby, ground floor,,",
    "wan_ip": "10.0.0.7",
    "public_ip": "198.51.100.7",
    "uptime": " 10:00:00 up 3 days",
    "uptime_seconds": "259200",
    "connection_status": 9.1,
    "clients_online": 3,
    "metadata": {"online": 12, "ssids": ["Guest"], "zone_name": "Ground"},
    "firmware_version": "B_160201_01",
    "next_firmware": "",
    "ignored": None,
    "is_monitored": "false",
    "reset_confirmation": False,
    "upgrade_processing": 1,
    "created_at": "2015-10-31T08:00:00Z",
    "timezone": "Europe/London",
    "ssh_passwd": "canary",
    "health": {"ct": True},
}


async def test_a_box_is_read_with_ids_as_text_and_numbers_from_text(ana: CTUser, stub: Stub) -> None:
    stub.tells(FULL)

    assert await ana.boxes.get("lobby-ap-3") == Box(
        id="7",
        slug="lobby-ap-3",
        mac="AA-BB-CC-DD-EE-FF",
        name="Lobby AP-3",
        state="online",
        allowed_job=True,
        last_heartbeat=1795400000,
        is_cucumber=True,
        generation="4",
        machine_type="ubnt-unifi",
        location_id="1813",
        location_slug="grand-hotel",
        location_name="Grand Hotel",
        zone_id="3",
        zone_name="Ground",
        tags=("lobby", "ground floor"),
        wan_ip="10.0.0.7",
        public_ip="198.51.100.7",
        uptime=" 10:00:00 up 3 days",
        uptime_seconds=259200,
        connection_status="9.1",
        clients_online=12,
        firmware_version="B_160201_01",
        next_firmware=None,
        ignored=False,
        is_monitored=False,
        reset_confirmation=False,
        upgrade_processing=True,
        created_at=1446278400,
        timezone="Europe/London",
    )
    assert stub.seen[0].query == {"metadata": "true"}
    assert stub.seen[0].headers["authorization"] == "Bearer canary-access-token"


async def test_a_box_with_nothing_but_an_id_is_still_a_box(ana: CTUser, stub: Stub) -> None:
    stub.tells({"id": 7, "slug": None})

    assert await ana.boxes.get("7") == Box(id="7", slug="7", mac="", name="7", state="unknown")


async def test_a_box_without_a_name_is_called_by_its_mac(ana: CTUser, stub: Stub) -> None:
    stub.tells({"slug": "b1", "mac": "AA-BB-CC-00-00-01", "description": "", "tags": ["a", " "]})
    box = await ana.boxes.get("b1")

    assert (box.name, box.mac, box.tags) == ("AA-BB-CC-00-00-01", "AA-BB-CC-00-00-01", ("a",))


async def test_the_old_word_for_ct_firmware_counts(ana: CTUser, stub: Stub) -> None:
    stub.tells({"slug": "b1", "is_polkaspots": False})

    assert (await ana.boxes.get("b1")).is_cucumber is False


async def test_an_unknown_state_is_shown_raw(ana: CTUser, stub: Stub) -> None:
    stub.tells({"slug": "b1", "state": "meditating"})

    assert (await ana.boxes.get("b1")).state == "meditating"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"id": None, "slug": ""},
        {"slug": {"a": 1}},
        {"slug": "b1", "last_heartbeat": "yesterday"},
        {"slug": "b1", "last_heartbeat": 10**400},
        {"slug": "b1", "last_heartbeat": []},
        {"slug": "b1", "uptime_seconds": "long"},
        {"slug": "b1", "metadata": "none"},
        [],
        "b1",
    ],
    ids=str,
)
async def test_a_box_of_another_shape_is_refused(ana: CTUser, stub: Stub, told: object) -> None:
    stub.answer = lambda _: Response(json.dumps(told), media_type="application/json")
    with pytest.raises(CTResponseError) as raised:
        await ana.boxes.get("b1")

    assert raised.value.maybe_acted
    assert stub.asked == ["GET /api/v1/boxes/b1"]


async def test_a_list_asks_for_what_was_given_and_for_nothing_else(ana: CTUser, stub: Stub) -> None:
    stub.tells({"boxes": []})
    await ana.boxes.list()
    await ana.boxes.list(location="grand-hotel", state="offline", q="a+b & ü", page=3, per=50)

    assert stub.seen[0].query == {"page": "1", "per": "25"}
    assert stub.seen[1].query == {
        "location_id": "grand-hotel",
        "state": "offline",
        "q": "a+b & ü",
        "page": "3",
        "per": "50",
    }


async def test_operations_are_read_as_ct_orders_them(ana: CTUser, stub: Stub) -> None:
    row = {"id": 2, "operation_type": "reboot", "user": "ana", "created_at": 5, "completed_at": None, "status": "NEW"}
    stub.tells({"operations": [row], "_links": {"current_page": 2, "total_pages": 3, "total_entries": 21}})
    page = await ana.boxes.operations("b1", page=2)
    operation = page.items[0]

    assert (operation.id, operation.kind, operation.user, operation.status) == ("2", "reboot", "ana", "NEW")
    assert (operation.created_at, operation.completed_at) == (5, None)
    assert (page.current_page, page.total_pages, page.total_entries) == (2, 3, 21)
    assert stub.seen[0].query == {"page": "2", "per": "10"}


async def test_heartbeats_come_sorted(ana: CTUser, stub: Stub) -> None:
    stub.tells({"heartbeats": {"1795400060": 0, "1795400000": 1, "1795400120": True}})

    assert await ana.boxes.heartbeats("b1") == [
        Heartbeat(at=1795400000, heard=True),
        Heartbeat(at=1795400060, heard=False),
        Heartbeat(at=1795400120, heard=True),
    ]


@pytest.mark.parametrize(
    "told", [{}, {"heartbeats": {"noon": 1}}, {"heartbeats": [1]}, {"heartbeats": {"1": 7}}], ids=str
)
async def test_heartbeats_of_another_shape_are_refused(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)
    with pytest.raises(CTResponseError):
        await ana.boxes.heartbeats("b1")


# Reboots


async def test_a_reboot_is_one_patch(ana: CTUser, stub: Stub) -> None:
    stub.tells(FULL)
    await ana.boxes.reboot("b1")

    assert stub.asked == [PATCH]
    assert json.loads(stub.seen[0].body) == {"box": {"action": "reboot"}}


@pytest.mark.parametrize("answer", [Response(status_code=204), Response(status_code=202), JSONResponse({}, 201)])
async def test_any_2xx_of_cts_own_is_an_acceptance(ana: CTUser, stub: Stub, answer: Response) -> None:
    stub.says(answer)
    await ana.boxes.reboot("b1")

    assert stub.asked == [PATCH]


async def test_a_page_in_place_of_an_acceptance_leaves_the_outcome_open(ana: CTUser, stub: Stub) -> None:
    stub.says(PlainTextResponse("<html>Sign in to the hotel's Wi-Fi</html>"))
    with pytest.raises(CTResponseError) as raised:
        await ana.boxes.reboot("b1")

    assert raised.value.maybe_acted
    assert stub.asked == [PATCH]


@pytest.mark.parametrize("status", [404, 405])
async def test_where_the_patch_route_is_missing_the_post_route_is_used_and_remembered(
    ana: CTUser, stub: Stub, status: int
) -> None:
    stub.answer = lambda request: Response(status_code=status if request.method == "PATCH" else 204)
    await ana.boxes.reboot("b1")
    await ana.boxes.reboot("b1")

    assert stub.asked == [PATCH, POST, POST]
    assert stub.seen[1].body == b""


async def test_a_remembered_route_that_went_away_is_left_again(ana: CTUser, stub: Stub) -> None:
    stub.answer = lambda request: Response(status_code=404 if request.method == "PATCH" else 204)
    await ana.boxes.reboot("b1")
    stub.answer = lambda request: Response(status_code=404 if request.method == "POST" else 204)
    await ana.boxes.reboot("b1")
    await ana.boxes.reboot("b1")

    assert stub.asked == [PATCH, POST, POST, PATCH, PATCH]


async def test_a_box_that_is_gone_changes_nothing_about_the_routes(ana: CTUser, stub: Stub, counted: Counted) -> None:
    stub.says(Response(status_code=404))
    with pytest.raises(CTNotFoundError) as raised:
        await ana.boxes.reboot("b1")
    stub.says(Response(status_code=204))
    await ana.boxes.reboot("b1")

    assert not raised.value.maybe_acted
    assert stub.asked == [PATCH, POST, PATCH]
    assert [one[:2] for one in counted] == [
        ("boxes.reboot", "404"),
        ("boxes.reboot_by_post", "404"),
        ("boxes.reboot", "ok"),
    ]


async def test_a_post_that_failed_after_the_404_is_told_as_it_is(ana: CTUser, stub: Stub) -> None:
    stub.answer = lambda request: Response(status_code=404 if request.method == "PATCH" else 500)
    with pytest.raises(CTServerError) as raised:
        await ana.boxes.reboot("b1")

    assert raised.value.maybe_acted
    assert stub.asked == [PATCH, POST]


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422, 429, 500, 502, 503, 504])
async def test_after_anything_but_a_404_no_second_route_is_tried(ana: CTUser, stub: Stub, status: int) -> None:
    stub.says(JSONResponse({"errors": ["No."]}, status))
    with pytest.raises(Exception, match=str(status)):
        await ana.boxes.reboot("b1")

    assert stub.asked == [PATCH]


async def test_a_refusal_says_cts_words(ana: CTUser, stub: Stub) -> None:
    def refuse(_: Seen) -> Response:
        return JSONResponse({"errors": {"base": ["This device can't be rebooted right now."]}}, 422)

    stub.answer = refuse
    with pytest.raises(CTInvalidError) as raised:
        await ana.boxes.reboot("b1")

    assert raised.value.messages == ["This device can't be rebooted right now."]
    assert not raised.value.maybe_acted
