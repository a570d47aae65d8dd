"""Logs at the practice CT (ct-api.md 3.10)."""

from typing import Any

import pytest

from bot.sandbox.ct.log_lines import HOSTILE
from tests.sandbox.ct_caller import OLEG, Caller, practising

LOBBY, SILENT, SPLASH = "Lobby AP-3", "Terrace AP-4", "Archive"


def _asked(caller: Caller, name: str = LOBBY, *, minutes: int = 15, ago: int = 0, **more: Any) -> dict[str, Any]:
    box = caller.ct.world.named(name)
    end = int(caller.clock.now) - ago
    place = caller.ct.world.locations[box.location_slug].id
    return {"location_id": place, "ap_mac": box.mac, "start_time": end - minutes * 60, "end_time": end, **more}


async def _rows(caller: Caller, name: str = LOBBY, **more: Any) -> list[dict[str, Any]]:
    answer = await caller.get("/logs", **_asked(caller, name, per=100, **more))
    rows: list[dict[str, Any]] = answer["data"]
    return rows


async def test_lines_are_of_the_span_newest_first_and_the_same_each_time() -> None:
    async with practising() as caller:
        rows = await _rows(caller)
        stamps = [row["timestamp"] / 1000 for row in rows]

        assert 15 <= len(rows) <= 90
        assert stamps == sorted(stamps, reverse=True)
        assert caller.clock.now - 900 <= stamps[-1] <= stamps[0] <= caller.clock.now
        assert {row["ap_mac"] for row in rows} == {caller.ct.world.named(LOBBY).mac}
        assert any(row["message"] == HOSTILE[2] for row in rows)
        assert rows == await _rows(caller)


async def test_switches_turn_the_order_the_severities_and_the_links() -> None:
    async with practising(logs_order="oldest", logs_severity="number", logs_links=True) as caller:
        answer = await caller.get("/logs", **_asked(caller, per=10))
        stamps = [row["timestamp"] for row in answer["data"]]

        assert stamps == sorted(stamps)
        assert all(row["severity"] in range(8) for row in answer["data"])
        assert answer["_links"]["total_pages"] > 1


async def test_a_search_and_pages_narrow_the_list() -> None:
    async with practising(logs_a_minute=1) as caller:
        every = await _rows(caller, minutes=30)
        some = await _rows(caller, minutes=30, q="CHILLI")
        second = (await caller.get("/logs", **_asked(caller, minutes=30, per=5, page=2)))["data"]

        assert some == [row for row in every if "chilli" in row["message"]]
        assert some
        assert second == every[5:10]


@pytest.mark.parametrize(("minutes", "status"), [(4, 422), (5, 200), (60, 200), (61, 422)])
async def test_a_span_is_five_minutes_to_an_hour(minutes: int, status: int) -> None:
    async with practising() as caller:
        answer = await caller.http.get("/api/v1/logs", params=_asked(caller, minutes=minutes), headers=caller.bearer())

        assert answer.status_code == status


async def test_what_is_missing_or_of_others_is_not_answered() -> None:
    async with practising() as caller:
        good = _asked(caller)
        slug = caller.ct.world.named(LOBBY).location_slug
        wrong: list[tuple[dict[str, Any], int]] = [
            ({**good, "location_id": slug}, 404),
            ({name: value for name, value in good.items() if name != "location_id"}, 404),
            ({**good, "ap_mac": "00-00-00-00-00-00"}, 404),
            ({name: value for name, value in good.items() if name != "start_time"}, 422),
            ({**good, "end_time": "soon"}, 422),
        ]
        for params, status in wrong:
            answer = await caller.http.get("/api/v1/logs", params=params, headers=caller.bearer())
            assert answer.status_code == status, params
        foreign = await caller.http.get("/api/v1/logs", params=good, headers=caller.bearer(OLEG))

        assert foreign.status_code == 404


async def test_a_box_that_is_silent_logged_until_then() -> None:
    async with practising() as caller:
        heard = caller.ct.practice.moment(caller.ct.world.named(SILENT)).last_heartbeat or 0
        before = await _rows(caller, SILENT, ago=int(caller.clock.now) - heard)

        assert await _rows(caller, SILENT) == []
        assert before
        assert max(row["timestamp"] for row in before) <= heard * 1000
        assert await _rows(caller, SPLASH) == []


@pytest.mark.parametrize(("word", "status"), [("api_token_401", 401), ("api_token_403", 403)])
async def test_logs_may_want_the_dashboards_own_token(word: str, status: int) -> None:
    async with practising(logs_auth=word) as caller:
        asked = _asked(caller)
        refused = await caller.http.get("/api/v1/logs", params=asked, headers=caller.bearer())
        token = (await caller.get("/me.json"))["api_token"]
        read = await caller.http.get("/api/v1/logs", params={**asked, "access_token": token})
        metrics = await caller.http.get(
            "/api/v1/metrics", params={**asked, "type": "device.load"}, headers=caller.bearer()
        )

        assert (refused.status_code, read.status_code, metrics.status_code) == (status, 200, 200)
