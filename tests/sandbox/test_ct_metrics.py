"""Metrics at the practice CT (ct-api.md 3.13), and what else there is to look at (3.10, 3.14)."""

from typing import Any

import httpx
import pytest

from tests.sandbox.ct_caller import ANA, OLEG, Caller, practising

HOTEL = "Harbour Hotel"
DAY = 86_400


def _id(caller: Caller, at: str = HOTEL) -> int:
    return caller.ct.world.locations[caller.place(at)].id


async def _series(caller: Caller, kind: str, **params: Any) -> list[dict[str, Any]]:
    answer = await caller.get("/metrics", type=kind, location_id=_id(caller), **params)
    [row] = answer["data"]
    data: list[dict[str, Any]] = row["data"]
    return data


@pytest.mark.parametrize("unit", [1, 1000])
async def test_series_are_believable_and_have_their_unit_of_time(unit: int) -> None:
    kinds = ["devices.tx", "devices.rx"] if unit == 1 else ["device.usage", "clients.uniques", "device.load"]
    async with practising() as caller:
        now = int(caller.clock.now)
        for kind in kinds:
            for span in (3600, DAY, 7 * DAY, 30 * DAY):
                rows = await _series(caller, kind, start_time=now - span, end_time=now)
                stamps = [row["timestamp"] / unit for row in rows]

                assert 10 <= len(rows) <= 97
                assert stamps == sorted(stamps)
                assert now - span <= stamps[0] <= stamps[-1] <= now
                assert all(row["value"] >= 0 for row in rows)
                assert any(row["value"] > 0 for row in rows)


async def test_the_same_question_has_the_same_answer() -> None:
    async with practising() as caller:
        assert await _series(caller, "clients.uniques") == await _series(caller, "clients.uniques")


async def test_device_meta_counts_people_and_names_ssids() -> None:
    async with practising() as caller:
        lobby = caller.ct.world.named("Lobby AP-3")
        place = await caller.get("/metrics", type="device.meta", location_id=_id(caller, "Café Nord"))
        box = await caller.get("/metrics", type="device.meta", ap_mac=lobby.mac)

        assert (place["online"], box["online"]) == (30, 14)
        assert [row["ssid"] for row in place["ssids"]] == ["Café Nord Guests", "Café Nord Staff"]
        assert [row["ap_mac"] for row in box["meta"]] == [lobby.mac]


async def test_heartbeats_come_flat_in_milliseconds_and_unsorted() -> None:
    async with practising() as caller:
        terrace = caller.ct.world.named("Terrace AP-4")
        rows = (await caller.get("/metrics", type="device.heartbeats", ap_mac=terrace.mac))["data"]
        stamps = [row["timestamp"] for row in rows]
        many = await caller.send("GET", f"/metrics?type=device.heartbeats&location_id={_id(caller)}")

        assert stamps != sorted(stamps)
        assert max(rows, key=lambda row: row["timestamp"]) == {
            "timestamp": (int(caller.clock.now) - (3 * 60 + 12) * 60) * 1000,
            "value": False,
        }
        assert many.status_code == 422


async def test_stats_and_health_are_not_series() -> None:
    async with practising() as caller:
        stats = (await caller.get("/metrics", type="radius.stats", location_id=_id(caller)))["stats"]
        boxes = await caller.get("/metrics", type="device.health", location_id=_id(caller))
        people = await caller.get("/metrics", type="clients.health", location_id=_id(caller))

        assert 0 < stats["new"] < stats["uniques"] < stats["sessions"]
        assert stats["duration"]["avg"] > 0
        assert boxes["data"][0]["data"] == [{"key": "good", "value": 37}, {"key": "bad", "value": 3}]
        assert {row["key"] for row in people["data"][0]["data"]} == {"good", "bad"}


async def test_questions_that_cannot_be_answered() -> None:
    async with practising() as caller:
        now, id_ = int(caller.clock.now), _id(caller)
        wrong = {
            f"/metrics?type=clients.uniques&location_id={caller.place(HOTEL)}": 404,
            "/metrics?type=clients.uniques": 404,
            "/metrics?type=clients.uniques&ap_mac=00-00-00-00-00-00": 404,
            f"/metrics?type=weather&location_id={id_}": 422,
            f"/metrics?type=device.load&location_id={id_}&start_time=soon": 422,
            f"/metrics?type=device.load&location_id={id_}&start_time={now}&end_time={now - 5}": 422,
        }
        for path, status in wrong.items():
            assert (await caller.send("GET", path)).status_code == status, path
        assert (await caller.send("GET", f"/metrics?type=device.load&location_id={id_}", who=OLEG)).status_code == 404


async def test_a_free_plan_sees_seven_days() -> None:
    async with practising() as caller:
        now = int(caller.clock.now)
        corner = _id(caller, "Oleg's Corner")
        path = f"/metrics?type=clients.uniques&location_id={corner}&start_time="
        week = await caller.send("GET", f"{path}{now - 7 * DAY}", who=OLEG)
        month = await caller.send("GET", f"{path}{now - 30 * DAY}", who=OLEG)
        caller.ct.switches.set({"plan": "paid"})

        assert (week.status_code, month.status_code) == (200, 403)
        assert "upgrade your plan" in month.json()["errors"][0]
        assert (await caller.send("GET", f"{path}{now - 30 * DAY}", who=OLEG)).status_code == 200


@pytest.mark.parametrize(("word", "status"), [("api_token_401", 401), ("api_token_403", 403)])
async def test_metrics_may_want_the_dashboards_own_token(word: str, status: int) -> None:
    async with practising(metrics_auth=word) as caller:
        path = f"/api/v1/metrics?type=device.meta&location_id={_id(caller)}"
        refused = await caller.http.get(path, headers=caller.bearer())
        token = (await caller.get("/me.json"))["api_token"]
        read = await caller.http.get(f"{path}&access_token={token}")

        assert (refused.status_code, read.status_code) == (status, 200)


async def test_the_personal_token_is_good_for_metrics_alone() -> None:
    async with practising() as caller:
        token = (await caller.get("/me.json"))["api_token"]

        assert (await caller.http.get(f"/api/v1/boxes?access_token={token}")).status_code == 401
        assert (await caller.http.get(f"/api/v1/metrics?access_token={token}x")).status_code == 401


async def test_inventory_and_projects_are_listed() -> None:
    async with practising() as caller:
        mac = caller.ct.world.named("Archive").mac
        rows = (await caller.get("/inventories", q=mac))["inventories"]
        projects = (await caller.get("/projects"))["projects"]

        assert [(row["ap_mac"], row["state"]) for row in rows] == [(mac, "new")]
        assert [row["type"] for row in projects] == ["rw"]


async def _events(caller: Caller, **params: Any) -> httpx.Response:
    return await caller.http.get("/api/v1/events", params=params, headers=caller.bearer(ANA))


async def test_events_are_gone_unless_the_switch_brings_them_back() -> None:
    async with practising() as caller:
        gone = await _events(caller)
        caller.ct.switches.set({"events": True})
        await caller.patch_box(caller.slug("Bar AP-1"), action="reboot")
        rows = (await _events(caller)).json()["events"]
        alerts = (await _events(caller, level=2, object="box")).json()["events"]
        here = (await _events(caller, location_id=_id(caller))).json()["events"]

        assert gone.status_code == 404
        assert (rows[0]["event_type"], rows[0]["username"]) == ("reboot", "ana")
        assert {row["event_type"] for row in alerts} == {"offline"}
        assert {row["location_name"] for row in here} == {HOTEL}
