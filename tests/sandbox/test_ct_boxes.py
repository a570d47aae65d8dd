"""Boxes in full at the practice CT: jobs in time, edits, transfers, adding and removing (ct-api.md 3.2, 4)."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.ct import PracticeCT
from tests.sandbox.ct_caller import IVY, OLEG, Caller, Clock, practising

HOTEL, CAFE = "Harbour Hotel", "Café Nord"
MAC = "04-18-D6-FF-FF-01"


async def _states(caller: Caller, slug: str, *moments: float) -> list[tuple[str, bool]]:
    """State and allowed_job as many seconds after now as each number says."""
    start, seen = caller.clock.now, []
    for seconds in moments:
        caller.clock.now = start + seconds
        box = await caller.box(slug)
        seen.append((box["state"], box["allowed_job"]))
    return seen


async def _add(caller: Caller, at: str = CAFE, **fields: Any) -> httpx.Response:
    box = {"calledstationid": MAC, "description": "Porch AP-7", **fields}
    return await caller.send("POST", "/boxes", {"location_id": caller.place(at), "box": box})


async def test_a_reset_forgets_the_box_and_meets_it_anew() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug = caller.slug("Bar AP-1")
        await caller.patch_box(slug, action="reset")
        seen = await _states(caller, slug, 0, 20, 60, 101)
        box = await caller.box(slug)
        [operation] = (await caller.get(f"/boxes/{slug}/operations"))["operations"]

        assert seen == [("processing", False), ("new", False), ("initializing", False), ("online", True)]
        assert box["uptime_seconds"] <= 61
        assert (operation["operation_type"], operation["status"]) == ("reset", "SUCCESS")


async def test_a_reset_of_an_offline_box_waits_for_its_next_start() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug = caller.slug("Terrace AP-4")
        accepted = await caller.patch_box(slug, action="reset")
        waiting = await _states(caller, slug, 0, 5000)
        jobs = await caller.get(f"/boxes/{slug}/jobs")
        await caller.http.patch(f"/_practice/boxes/{slug}", json={"state": "online"})
        seen = await _states(caller, slug, 1, 20, 60, 101)
        [operation] = (await caller.get(f"/boxes/{slug}/operations"))["operations"]

        assert accepted.status_code == 200
        assert waiting == [("offline", False), ("offline", False)]
        assert [job["job_type"] for job in jobs] == ["reset"]
        assert [state for state, _ in seen] == ["processing", "new", "initializing", "online"]
        assert operation["status"] == "SUCCESS"


async def test_a_resync_keeps_the_box_busy_and_is_refused_meanwhile() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug = caller.slug("Bar AP-1")
        await caller.patch_box(slug, action="resync")
        again = await caller.patch_box(slug, action="resync")
        jobs = await caller.get(f"/boxes/{slug}/jobs")
        seen = await _states(caller, slug, 0, 101)

        assert again.status_code == 422
        assert [job["job_type"] for job in jobs] == ["resync"]
        assert seen == [("processing", False), ("online", True)]
        assert await caller.get(f"/boxes/{slug}/jobs") == []


@pytest.mark.parametrize(
    ("resync", "states", "statuses"),
    [
        ("unmarked", ["online"] * 4, ["NEW", "PENDING", "SUCCESS", "SUCCESS"]),
        ("fails", ["processing", "processing", "online", "online"], ["NEW", "PENDING", "FAIL", "FAIL"]),
        ("never_back", ["processing", "processing", "offline", "offline"], ["NEW", "PENDING", "PENDING", "FAIL"]),
        ("never_ends", ["processing"] * 4, ["NEW", "PENDING", "PENDING", "PENDING"]),
    ],
)
async def test_a_resync_may_go_otherwise(resync: str, states: list[str], statuses: list[str]) -> None:
    async with practising(reboot_seconds=100, heartbeat_seconds=10, resync=resync) as caller:
        slug = caller.slug("Bar AP-1")
        await caller.patch_box(slug, action="resync")
        seen, told, heard = [], [], []
        for seconds in (1, 90, 30, 200):
            caller.clock.now += seconds
            box = await caller.box(slug)
            seen.append(box["state"])
            heard.append(caller.clock.now - box["last_heartbeat"])
            told.append((await caller.get(f"/boxes/{slug}/operations"))["operations"][0]["status"])

        assert (seen, told) == (states, statuses)
        assert (heard[-1] > 200) is (resync == "never_back")


async def test_a_reset_asked_for_at_the_box_is_confirmed_or_withdrawn() -> None:
    async with practising() as caller:
        one, other = caller.slug("Bar AP-1"), caller.slug("Kitchen AP-2")
        for slug in (one, other):
            await caller.http.patch(f"/_practice/boxes/{slug}", json={"reset_confirmation": True})
        await caller.patch_box(one, action="cancel")
        confirmed = await caller.patch_box(other, action="reset")

        assert (await caller.box(one))["reset_confirmation"] is False
        assert (confirmed.json()["reset_confirmation"], confirmed.json()["state"]) == (False, "processing")


async def test_edits_are_kept_and_refused_at_their_fields() -> None:
    async with practising() as caller:
        slug = caller.slug("Bar AP-1")
        changed = await caller.patch_box(slug, tags="bar,guests", is_monitored=False, tx_power_2=12, timezone="UTC")
        wrong: list[tuple[str, Any, str]] = [
            ("description", "Bar", "is too short (minimum is 5 characters)"),
            ("description", "x" * 101, "is too long (maximum is 100 characters)"),
            ("description", "kitchen ap-2", "has already been taken"),
            ("description", None, "can't be blank"),
            ("channel", 14, "must be less than or equal to 13"),
            ("timezone", ["UTC"], "is not included in the list"),
            ("zone_id", 1, "is invalid"),
            ("ignored", 1, "is not included in the list"),
        ]
        for name, value, message in wrong:
            answer = await caller.patch_box(slug, **{name: value})

            assert answer.status_code == 422
            assert answer.json()["errors"][name][0] == message
        row = changed.json()
        [version] = (await caller.get(f"/boxes/{slug}/versions"))["versions"]

        assert (row["tags"], row["is_monitored"], row["tx_power_2"], row["timezone"]) == (
            "bar,guests",
            False,
            "12",
            "UTC",
        )
        assert version["changeset"]["tx_power_2"] == ["17", 12]


async def test_a_box_is_transferred_within_its_account_only() -> None:
    async with practising() as caller:
        box = caller.ct.world.named("Ballroom")
        own = (await caller.get("/locations", short="yep", q="café nord"))[0]["unique_id"]
        foreign = caller.ct.world.locations[caller.place("Oleg's Corner")].unique_id
        refused = await caller.patch_box(box.slug, transfer_to=foreign)
        by_slug = await caller.patch_box(box.slug, transfer_to=caller.place(CAFE))
        moved = await caller.patch_box(box.slug, transfer_to=own)
        here = await caller.get("/boxes", location_id=caller.place(CAFE))
        there = await caller.get("/boxes", location_id=caller.place(HOTEL))

        assert refused.json() == by_slug.json() == {"errors": {"transfer_to": ["is invalid"]}}
        assert (moved.json()["location_name"], moved.json()["zone_id"]) == (CAFE, None)
        assert (here["_links"]["total_entries"], there["_links"]["total_entries"]) == (7, 39)


async def test_a_box_is_added_and_makes_contact_after_a_while() -> None:
    async with practising(arrival_seconds=30, reboot_seconds=100) as caller:
        made = await _add(caller)
        box = made.json()
        seen = await _states(caller, box["slug"], 0, 29, 31, 131)
        found = (await caller.get("/boxes", q=MAC.lower()))["boxes"]

        assert (made.status_code, box["last_heartbeat"], box["calledstationid"]) == (201, None, MAC)
        assert [state for state, _ in seen] == ["new", "new", "initializing", "online"]
        assert [one["slug"] for one in found] == [box["slug"]]


async def test_a_box_that_is_not_plugged_in_stays_new_and_a_foreign_one_shows_splash_pages_only() -> None:
    async with practising(arrival_seconds=0) as caller:
        slug = (await _add(caller)).json()["slug"]
        meraki = await _add(caller, calledstationid="88-15-44-00-00-01", description="Meraki", is_cucumber=False)

        assert await _states(caller, slug, 0, 99_999) == [("new", False)] * 2
        assert meraki.json()["state"] == "splash_only"


async def test_a_box_is_refused_at_the_field_that_is_wrong() -> None:
    async with practising() as caller:
        taken = caller.ct.world.named("Ballroom").mac
        wrong: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
            ({"calledstationid": ""}, {"calledstationid": ["can't be blank"]}),
            ({"calledstationid": "04:18:D6:FF:FF:01"}, {"calledstationid": ["is invalid"]}),
            ({"calledstationid": "04-18-d6-ff-ff-01"}, {"calledstationid": ["is invalid"]}),
            ({"calledstationid": taken}, {"calledstationid": ["has already been taken"]}),
            ({"description": None}, {"description": ["can't be blank"]}),
            ({"description": "Hi"}, {"description": ["is too short (minimum is 5 characters)"]}),
            ({"description": "Bar AP-1"}, {"description": ["has already been taken"]}),
            ({"zone_id": 3}, {"zone_id": ["is invalid"]}),
        ]
        for fields, errors in wrong:
            answer = await _add(caller, **fields)

            assert (answer.status_code, answer.json()) == (422, {"errors": errors})
        homeless = await caller.send("POST", "/boxes", {"box": {"calledstationid": MAC, "description": "Porch"}})
        unknown = await caller.send("POST", "/boxes", {"location_id": "x", "box": {"calledstationid": MAC}})

        assert homeless.json() == {"errors": {"location_id": ["can't be blank"]}}
        assert unknown.status_code == 404


async def test_a_free_plan_has_no_room_for_a_sixth_box() -> None:
    async with practising() as caller:
        body = {"location_id": caller.place("Oleg's Corner"), "box": {"calledstationid": MAC, "description": "Sixth"}}
        answer = await caller.send("POST", "/boxes", body, who=OLEG)

        assert "plan allows" in answer.json()["errors"]["base"][0]


async def test_a_box_is_deleted_for_good() -> None:
    async with practising() as caller:
        slug = caller.slug("Bar AP-1")
        gone = await caller.send("DELETE", f"/boxes/{slug}")

        assert (gone.status_code, gone.content) == (204, b"")
        assert (await caller.send("GET", f"/boxes/{slug}")).status_code == 404
        assert (await caller.send("DELETE", f"/boxes/{slug}")).status_code == 404


async def test_a_speed_test_runs_for_a_while_on_generation_3() -> None:
    async with practising(speedtest_seconds=10) as caller:
        slug = next(box.slug for box in caller.ct.world.boxes.values() if box.v == "3" and box.is_cucumber)
        started = await caller.send("POST", f"/boxes/{slug}/speedtests")
        running = await caller.box(slug)
        twice = await caller.send("POST", f"/boxes/{slug}/speedtests")
        caller.clock.now += 10
        done, listed = await caller.box(slug), await caller.get(f"/boxes/{slug}/speedtests")
        newer = await caller.send("POST", f"/boxes/{caller.slug('Lobby AP-3')}/speedtests")

        assert (started.status_code, twice.status_code, newer.status_code) == (201, 422, 422)
        assert (running["speedtest_running"], running["latest_speedtest"]) == (True, None)
        assert done["speedtest_running"] is False
        assert 8 <= done["latest_speedtest"]["result"] <= 95
        assert listed == [done["latest_speedtest"]]


def _upgradable(caller: Caller) -> Any:
    """A box of Ana's that may be upgraded."""
    return next(
        box
        for box in caller.ct.world.boxes_of(caller.ct.world.people[0])
        if box.next_firmware and box.v == "4" and box.state == "online" and box.is_cucumber
    )


async def _upgrade(caller: Caller, box: Any, **fields: Any) -> httpx.Response:
    body = {"payload": {"box_ids": [box.slug], "version": box.next_firmware, "upgrade": True, **fields}}
    return await caller.send("POST", f"/locations/{box.location_slug}/payloads", body)


async def test_an_upgrade_takes_its_time_and_changes_the_firmware() -> None:
    async with practising(upgrade_seconds=100) as caller:
        box = _upgradable(caller)
        started = await _upgrade(caller, box)
        seen = await _states(caller, box.slug, 1, 50)
        during = await caller.box(box.slug)
        busy = await _upgrade(caller, box)
        caller.clock.now += 60
        done = await caller.box(box.slug)

        assert started.status_code == 201
        assert [state for state, _ in seen] == ["processing", "upgrading"]
        assert (during["upgrade_processing"], busy.status_code) == (True, 422)
        assert (done["state"], done["firmware_version"], done["next_firmware"]) == ("online", "B_160301_01", None)
        assert (done["upgrade_processing"], done["uptime_seconds"] < 120) == (False, True)


async def test_an_upgrade_may_fail() -> None:
    async with practising(upgrade_seconds=100, upgrade="fails") as caller:
        box = _upgradable(caller)
        before = box.firmware_version
        await _upgrade(caller, box)
        caller.clock.now += 101
        after = await caller.box(box.slug)
        [operation] = (await caller.get(f"/boxes/{box.slug}/operations"))["operations"]

        assert (after["firmware_version"], after["next_firmware"]) == (before, "B_160301_01")
        assert operation["status"] == "FAIL"


@pytest.mark.parametrize(
    ("upgrade", "seen"),
    [
        ("late_version", [("online", False, "B_160201_01"), ("online", False, "B_160301_01")]),
        ("never_back", [("offline", False, "B_160201_01")] * 2),
        ("never_ends", [("upgrading", True, "B_160201_01")] * 2),
    ],
)
async def test_an_upgrade_may_go_otherwise(upgrade: str, seen: list[tuple[str, bool, str]]) -> None:
    async with practising(upgrade_seconds=100, upgrade=upgrade) as caller:
        box = _upgradable(caller)
        box.firmware_version = "B_160201_01"
        await _upgrade(caller, box)
        shown = []
        for seconds in (101, 50):
            caller.clock.now += seconds
            now = await caller.box(box.slug)
            shown.append((now["state"], now["upgrade_processing"], now["firmware_version"]))

        assert shown == seen


async def test_an_upgrade_is_planned_moved_and_cancelled() -> None:
    async with practising(upgrade_seconds=100) as caller:
        box = _upgradable(caller)
        now = int(caller.clock.now)
        tonight, tomorrow = now + 6 * 3600, now + 30 * 3600
        await _upgrade(caller, box, scheduled=tonight)
        planned = await caller.box(box.slug)
        moved = await caller.send("PATCH", f"/boxes/{box.slug}/upgrades", {"scheduled": tomorrow})
        too_far = await caller.send(
            "PATCH", f"/boxes/{box.slug}/upgrades", {"upgrade": {"scheduled": now + 31 * 86_400}}
        )
        quiet = await _states(caller, box.slug, 6 * 3600 + 50)
        cancelled = await caller.send("DELETE", f"/boxes/{box.slug}/upgrades")
        twice = await caller.send("DELETE", f"/boxes/{box.slug}/upgrades")
        past = await _upgrade(caller, box, scheduled=now - 5)
        await _upgrade(caller, box, scheduled=int(caller.clock.now) + 60)
        later = await _states(caller, box.slug, 59, 100, 161)

        assert planned["upgrade_scheduled"] == {"when": tonight}
        assert moved.json()["upgrade_scheduled"] == {"when": tomorrow}
        assert quiet == [("online", True)]
        assert (too_far.status_code, past.status_code) == (422, 422)
        assert (cancelled.status_code, twice.status_code) == (204, 404)
        assert [state for state, _ in later] == ["online", "upgrading", "online"]


async def test_an_upgrade_is_refused_where_there_is_none() -> None:
    async with practising() as caller:
        lobby = caller.ct.world.named("Lobby AP-3")
        box = _upgradable(caller)
        elsewhere = {"payload": {"box_ids": [box.slug], "upgrade": True}}
        statuses = [
            (await _upgrade(caller, lobby)).status_code,
            (await _upgrade(caller, box, version="B_999999_99")).status_code,
            (await _upgrade(caller, box, box_ids=[])).status_code,
            (await _upgrade(caller, box, box_ids=[box.slug, "x"])).status_code,
            (await caller.send("POST", f"/locations/{lobby.location_slug}/payloads", elsewhere)).status_code,
        ]

        assert statuses == [422] * 5


async def test_firmwares_are_a_bare_array() -> None:
    async with practising() as caller:
        rows = await caller.get("/firmwares", public="true")

        assert {row["description"] for row in rows} == {"B_160301_01"}
        assert len(await caller.get("/firmwares")) == 4 * len(rows)


async def test_a_command_is_answered_by_the_box_after_a_while() -> None:
    async with practising(payload_seconds=10) as caller:
        box = caller.ct.world.named("Lobby AP-3")
        path = f"/locations/{box.location_slug}/boxes/{box.slug}/payloads"
        commands = await caller.get("/commands")
        (shows_mac,) = [row["unique_id"] for row in commands if row["payload_description"] == "ifconfig"]
        one = await caller.get(f"/commands/{shows_mac}")
        sent = (await caller.send("POST", path, {"payload": {"command_id": one["unique_id"], "save": True}})).json()
        caller.clock.now += 10
        answered = await caller.get(f"{path}/{sent['id']}")
        unknown = await caller.send("POST", path, {"payload": {"command_id": "cmd-rm"}})
        down = caller.ct.world.named("Terrace AP-4")
        refused = await caller.send("POST", path.replace(box.slug, down.slug), {"payload": {"command_id": "cmd-ps"}})
        removed = await caller.send("DELETE", f"{path}/{sent['id']}")

        assert sent["body"] is None
        assert box.mac in answered["body"]
        assert (unknown.status_code, refused.status_code, removed.status_code) == (422, 422, 204)
        assert await caller.get(path) == []
        assert (await caller.send("GET", f"{path}/{sent['id']}")).status_code == 404
        assert (await caller.send("GET", "/commands/none")).status_code == 404


async def test_muted_boxes_may_be_left_out_of_the_offline_list() -> None:
    async with practising() as caller:
        await caller.patch_box(caller.slug("Terrace AP-4"), ignored=True)
        with_muted = await caller.get("/boxes", state="offline")
        caller.ct.switches.set({"lists_muted": False})
        without = await caller.get("/boxes", state="offline")

        assert (len(with_muted["boxes"]), len(without["boxes"])) == (5, 4)


async def test_an_observer_and_another_account_change_no_box() -> None:
    async with practising() as caller:
        box = caller.ct.world.named("Lobby AP-3")
        place = box.location_slug
        tries: list[tuple[str, str, Any]] = [
            ("PATCH", f"/boxes/{box.slug}", {"box": {"tags": "x"}}),
            ("PATCH", f"/boxes/{box.slug}", {"box": {"action": "reset"}}),
            ("POST", f"/boxes/{box.slug}/reset", None),
            ("DELETE", f"/boxes/{box.slug}", None),
            ("POST", f"/boxes/{box.slug}/speedtests", None),
            ("DELETE", f"/boxes/{box.slug}/upgrades", None),
            ("POST", f"/locations/{place}/payloads", {"payload": {"box_ids": [box.slug], "upgrade": True}}),
            ("POST", f"/locations/{place}/boxes/{box.slug}/payloads", {"payload": {"command_id": "cmd-ps"}}),
            ("POST", "/boxes", {"location_id": place, "box": {"calledstationid": MAC, "description": "Porch"}}),
        ]
        ivys = [(await caller.send(method, path, body, who=IVY)).status_code for method, path, body in tries]
        olegs = [(await caller.send(method, path, body, who=OLEG)).status_code for method, path, body in tries]

        assert ivys == [403] * 9
        assert olegs == [404] * 9


async def test_nothing_is_detected_from_a_server() -> None:
    async with practising() as caller:
        assert (await caller.send("POST", "/boxes/detect", {"location_id": caller.place(CAFE)})).json() == []
        assert (await caller.send("POST", "/boxes/detect", {"location_id": "x"})).status_code == 404


async def test_added_moved_and_deleted_boxes_outlive_a_restart(tmp_path: Path) -> None:
    state, clock = tmp_path / "ct.json", Clock()
    first = Caller(PracticeCT(state=state, clock=clock), clock, httpx.AsyncClient())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(first.ct.app), base_url="http://ct") as first.http:
        added = (await _add(first)).json()["slug"]
        target = first.ct.world.locations[first.place(CAFE)].unique_id
        await first.patch_box(first.slug("Ballroom"), transfer_to=target)
        await first.send("DELETE", f"/boxes/{first.slug('Bar AP-1')}")
    second = PracticeCT(state=state, clock=clock)
    names = [box.description for box in second.world.boxes_at(second.world.locations[first.place(CAFE)])]

    assert second.world.boxes[added].planned == first.ct.world.boxes[added].planned
    assert "Ballroom" in names
    assert "Bar AP-1" not in names
    assert not any(
        box.description == "Ballroom" for box in second.world.boxes_at(second.world.locations[first.place(HOTEL)])
    )
