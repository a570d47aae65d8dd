"""A reboot at the practice CT, from the request to its end (ct-api.md 4, 6.4, 6.5)."""

from typing import Any

import httpx
import pytest

from bot.sandbox.ct.box import Box, Job, moment
from bot.sandbox.ct.heartbeats import heartbeats
from tests.sandbox.ct_caller import Caller, practising

SENTENCE = "This device can't be rebooted right now."


async def _life(caller: Caller, slug: str, *ages: float) -> list[dict[str, Any]]:
    """The box at these seconds after now."""
    start, seen = caller.clock.now, []
    for age in ages:
        caller.clock.now = start + age
        seen.append(await caller.box(slug))
    return seen


async def _counts(caller: Caller) -> dict[str, Any]:
    counts: dict[str, Any] = (await caller.http.get("/_practice/log")).json()["counts"]
    return counts


@pytest.mark.parametrize("form", ["patch", "post"])
async def test_a_reboot_goes_down_and_comes_back_with_proof(form: str) -> None:
    async with practising(reboot_seconds=100, heartbeat_seconds=10) as caller:
        slug = caller.slug("Lobby AP-3")
        before = await caller.box(slug)
        if form == "patch":
            answer = await caller.patch_box(slug, action="reboot")
        else:
            answer = await caller.http.post(f"/api/v1/boxes/{slug}/reboot", headers=caller.bearer())
        sent = caller.clock.now
        life = await _life(caller, slug, 1, 20, 50, 99, 101, 200, 1200)

        assert answer.status_code == 200
        assert [box["state"] for box in life] == [
            "processing",
            "rebooting",
            "offline",
            "offline",
            "online",
            "online",
            "online",
        ]
        assert [box["allowed_job"] for box in life] == [False, False, False, False, True, True, True]
        assert [box["clients_online"] for box in life] == [14, 0, 0, 0, 7, 11, 14]
        assert all(box["uptime_seconds"] >= before["uptime_seconds"] for box in life[:4])
        assert life[3]["last_heartbeat"] <= sent + 15
        assert life[4]["last_heartbeat"] == sent + 100
        assert life[4]["uptime_seconds"] == 60
        assert life[4]["uptime"].split("up")[1].startswith(" 1 min")


async def test_the_old_life_may_send_one_more_heartbeat_after_the_request() -> None:
    async with practising(reboot_seconds=100, heartbeat_seconds=5) as caller:
        slug = caller.slug("Lobby AP-3")
        await caller.patch_box(slug, action="reboot")
        sent = caller.clock.now
        [late] = await _life(caller, slug, 30)

        assert late["last_heartbeat"] > sent
        assert late["uptime_seconds"] > 41 * 86_400


@pytest.mark.parametrize(
    ("shows", "words"),
    [
        ("offline", ["processing", "rebooting", "offline"]),
        ("rebooting", ["processing", "rebooting", "rebooting"]),
        ("nothing", ["processing", "online", "online"]),
    ],
)
async def test_a_reboot_may_never_show_as_offline(shows: str, words: list[str]) -> None:
    async with practising(reboot_seconds=100, reboot_shows=shows) as caller:
        slug = caller.slug("Lobby AP-3")
        await caller.patch_box(slug, action="reboot")
        life = await _life(caller, slug, 1, 20, 50)

        assert [box["state"] for box in life] == words
        assert not any(box["allowed_job"] for box in life)


async def test_a_box_that_never_comes_back_is_offline_for_good() -> None:
    async with practising(reboot_seconds=100, reboot_shows="nothing") as caller:
        slug = caller.slug("Roof Bar")
        await caller.patch_box(slug, action="reboot")
        life = await _life(caller, slug, 50, 101, 100_000)

        assert [box["state"] for box in life] == ["online", "offline", "offline"]
        assert life[1]["last_heartbeat"] == life[2]["last_heartbeat"]


async def test_a_box_that_never_restarts_goes_on_counting_its_uptime() -> None:
    async with practising(reboot_seconds=100, heartbeat_seconds=10) as caller:
        slug = caller.slug("Spa")
        before = await caller.box(slug)
        answer = await caller.patch_box(slug, action="reboot")
        life = await _life(caller, slug, 50, 150)

        assert answer.status_code == 200
        assert [box["state"] for box in life] == ["processing", "online"]
        assert life[1]["uptime_seconds"] == before["uptime_seconds"] + 150
        assert life[1]["clients_online"] == before["clients_online"]


async def test_a_box_may_come_back_without_an_uptime() -> None:
    async with practising(reboot_seconds=100) as caller:
        slugs = [caller.slug("Reading Room"), caller.slug("Bar AP-1")]
        await caller.http.patch(f"/_practice/boxes/{slugs[1]}", json={"reboot": "back_without_uptime"})
        for slug in slugs:
            await caller.patch_box(slug, action="reboot")
        caller.clock.now += 101
        for slug in slugs:
            box = await caller.box(slug)

            assert box["state"] == "online"
            assert box["uptime"] is None
            assert "uptime_seconds" not in box


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("array", {"errors": [SENTENCE]}),
        ("object", {"errors": {"reboot_action": [SENTENCE]}}),
        ("base", {"errors": {"base": [SENTENCE]}}),
        ("message", {"message": SENTENCE}),
        ("message_array", {"message": [SENTENCE]}),
        ("message_objects", {"message": [{"base": SENTENCE}]}),
        ("raw", SENTENCE),
        ("empty", ""),
    ],
)
async def test_a_refusal_has_every_shape_that_the_dashboard_copes_with(shape: str, body: Any) -> None:
    async with practising(refusal=shape) as caller:
        slug = caller.slug("Ballroom")
        answer = await caller.patch_box(slug, action="reboot")

        assert answer.status_code == 422
        assert (answer.text if isinstance(body, str) else answer.json()) == body
        assert (await caller.box(slug))["state"] == "online"
        assert (await _counts(caller))["reboots_acted"] == {}


async def test_a_refusal_by_role_is_403() -> None:
    async with practising(reboot="forbidden") as caller:
        answer = await caller.patch_box(caller.slug("Bar AP-1"), action="reboot")

        assert answer.status_code == 403


async def test_a_lost_answer_is_500_and_the_box_reboots_all_the_same() -> None:
    async with practising() as caller:
        slug = caller.slug("Wine Cellar")
        answer = await caller.patch_box(slug, action="reboot")

        assert answer.status_code == 500
        assert (await caller.box(slug))["state"] == "processing"
        assert (await _counts(caller))["reboots_acted"] == {slug: 1}


@pytest.mark.parametrize(("outcome", "state"), [("dropped", "processing"), ("dropped_unacted", "online")])
async def test_the_connection_may_break_after_the_request(outcome: str, state: str) -> None:
    async with practising(reboot=outcome) as caller:
        slug = caller.slug("Bar AP-1")
        with pytest.raises(httpx.TransportError):
            await caller.patch_box(slug, action="reboot")

        assert (await caller.box(slug))["state"] == state
        assert (await _counts(caller))["reboots"] == {slug: 1}


async def test_an_answer_may_come_too_late_and_the_box_reboots() -> None:
    async with practising(reboot="late", late_seconds=0.2) as caller:
        slug = caller.slug("Bar AP-1")
        with pytest.raises(httpx.ReadTimeout):
            await caller.http.patch(
                f"/api/v1/boxes/{slug}", json={"box": {"action": "reboot"}}, headers=caller.bearer(), timeout=0.1
            )
        in_time = await caller.patch_box(caller.slug("Street AP-6"), action="reboot")

        assert (await caller.box(slug))["state"] == "processing"
        assert in_time.json()["state"] == "processing"


@pytest.mark.parametrize(("by", "patch", "post"), [("patch", 200, 404), ("post", 404, 200), ("both", 200, 200)])
async def test_one_form_of_reboot_may_not_exist(by: str, patch: int, post: int) -> None:
    async with practising(reboot_by=by) as caller:
        one, two = caller.slug("Bar AP-1"), caller.slug("Street AP-6")
        patched = await caller.patch_box(one, action="reboot")
        posted = await caller.http.post(f"/api/v1/boxes/{two}/reboot", headers=caller.bearer())

        assert (patched.status_code, posted.status_code) == (patch, post)


@pytest.mark.parametrize(
    "name", ["Terrace AP-4", "Pool House", "Archive", "Children's Corner", "Dormitory", "Stalls North", "Wheel House"]
)
async def test_a_box_that_takes_no_job_is_not_rebooted(name: str) -> None:
    async with practising() as caller:
        slug = caller.slug(name)
        answer = await caller.patch_box(slug, action="reboot")

        assert (await caller.box(slug))["allowed_job"] is False
        assert answer.status_code == 422


async def test_a_second_reboot_is_refused_while_the_first_runs_unless_the_switch_is_off() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug = caller.slug("Bar AP-1")
        first = await caller.patch_box(slug, action="reboot")
        second = await caller.patch_box(slug, action="reboot")
        caller.ct.switches.set({"refuses_busy": False})
        third = await caller.patch_box(slug, action="reboot")

        assert (first.status_code, second.status_code, third.status_code) == (200, 422, 200)
        assert (await _counts(caller))["reboots"] == {slug: 3}
        assert (await _counts(caller))["reboots_acted"] == {slug: 2}


async def test_a_box_can_be_rebooted_again_after_it_came_back() -> None:
    async with practising(reboot_seconds=100, heartbeat_seconds=10) as caller:
        slug = caller.slug("Bar AP-1")
        await caller.patch_box(slug, action="reboot")
        caller.clock.now += 500
        await caller.patch_box(slug, action="reboot")
        life = await _life(caller, slug, 10, 120)

        assert life[0]["uptime_seconds"] == 470
        assert life[1]["uptime_seconds"] == 80


async def test_operations_tell_who_did_what_and_how_it_ended() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug = caller.slug("Lobby AP-3")
        old = await caller.get(f"/boxes/{slug}/operations")
        await caller.patch_box(slug, who="kim@venues.example", action="reboot")
        statuses = []
        for age in (0, 10, 95):
            caller.clock.now += age
            statuses.append((await caller.get(f"/boxes/{slug}/operations"))["operations"][0])
        one = await caller.get(f"/boxes/{slug}/operations/{statuses[0]['id']}")

        assert [row["status"] for row in old["operations"]] == ["SUCCESS"]
        assert [row["status"] for row in statuses] == ["NEW", "PENDING", "SUCCESS"]
        assert statuses[0]["completed_at"] is None
        assert statuses[2]["completed_at"] == 1_800_000_100
        assert (one["operation_type"], one["user"]) == ("reboot", "kim")


async def test_an_operation_that_never_ended_well_fails() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug = caller.slug("Spa")
        await caller.patch_box(slug, action="reboot")
        caller.clock.now += 301
        rows = (await caller.get(f"/boxes/{slug}/operations"))["operations"]
        unknown = await caller.http.get(f"/api/v1/boxes/{slug}/operations/1", headers=caller.bearer())

        assert rows[0]["status"] == "FAIL"
        assert unknown.status_code == 404


async def test_reset_and_resync_take_the_box_a_while_and_cancel_clears_the_question() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug, down = caller.slug("Bar AP-1"), caller.slug("Terrace AP-4")
        reset = await caller.patch_box(slug, action="reset")
        resync = await caller.patch_box(down, action="resync")
        posted = await caller.http.post(f"/api/v1/boxes/{down}/reset", headers=caller.bearer())
        await caller.http.patch(f"/_practice/boxes/{slug}", json={"reset_confirmation": True})
        cancel = await caller.patch_box(slug, action="cancel")
        unknown = await caller.patch_box(slug, action="explode")

        assert reset.json()["state"] == "processing"
        assert resync.status_code == 422
        assert posted.status_code == 200
        assert cancel.json()["reset_confirmation"] is False
        assert unknown.status_code == 422


async def test_an_edit_is_recorded_with_its_author() -> None:
    async with practising() as caller:
        slug = caller.slug("Bar AP-1")
        renamed = await caller.patch_box(slug, description="Bar AP-1b", ignored=True)
        same = await caller.patch_box(slug, description="Bar AP-1b")
        short = await caller.patch_box(slug, description="X")
        wrong = await caller.patch_box(slug, ignored="yes")
        empty = await caller.http.patch(f"/api/v1/boxes/{slug}", json=[], headers=caller.bearer())
        none = await caller.http.patch(f"/api/v1/boxes/{slug}", json={}, headers=caller.bearer())
        versions = (await caller.get(f"/boxes/{slug}/versions"))["versions"]

        assert renamed.json()["description"] == "Bar AP-1b"
        assert same.status_code == 200
        assert (short.status_code, wrong.status_code, empty.status_code, none.status_code) == (422, 422, 400, 422)
        assert [row["changeset"] for row in versions] == [
            {"description": ["Bar AP-1", "Bar AP-1b"], "ignored": [False, True]}
        ]
        assert versions[0]["whodunnit"] == "ana@venues.example"


async def test_status_is_one_while_the_box_is_online() -> None:
    async with practising() as caller:
        up = await caller.get(f"/boxes/{caller.slug('Bar AP-1')}/status")
        down = await caller.get(f"/boxes/{caller.slug('Terrace AP-4')}/status")

        assert (up, down) == ({"status": 1}, {"status": 0})


async def _heard(caller: Caller, slug: str) -> list[tuple[int, int]]:
    rows = (await caller.get(f"/boxes/{slug}/heartbeats"))["heartbeats"]
    return sorted((int(at), heard) for at, heard in rows.items())


async def test_heartbeats_show_the_gap_of_a_reboot() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug = caller.slug("Lobby AP-3")
        await caller.patch_box(slug, action="reboot")
        sent = int(caller.clock.now)
        caller.clock.now += 200
        rows = await _heard(caller, slug)

        assert (sent + 15, 0) in rows
        assert (sent + 100, 1) in rows
        assert min(rows)[0] >= sent + 200 - 86_400


async def test_heartbeats_end_with_silence_for_a_box_that_is_gone() -> None:
    async with practising() as caller:
        rows = await _heard(caller, caller.slug("Terrace AP-4"))
        never = await _heard(caller, caller.slug("Archive"))

        assert rows[-1] == (int(caller.clock.now) - (3 * 60 + 12) * 60, 0)
        assert never == []


@pytest.mark.parametrize("outcome", ["back", "never_back", "never_restarts", "back_without_uptime"])
def test_time_never_goes_backwards_for_a_box(outcome: str) -> None:
    box = Box(1, "b", "M", "B", "l", "ap", booted_at=0, back_at=30, guests=9)
    box.job = Job("reboot", 1000.0, 60, outcome, "offline")
    seen = [moment(box, 990 + step / 2, 7) for step in range(400)]
    heard = [one.last_heartbeat or 0 for one in seen]

    assert heard == sorted(heard)
    assert all(one.uptime is None or one.uptime >= 0 for one in seen)


async def test_heartbeats_show_each_of_two_reboots() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug, first = caller.slug("Bar AP-1"), int(caller.clock.now)
        await caller.patch_box(slug, action="reboot")
        caller.clock.now += 110
        await caller.patch_box(slug, action="reboot")
        caller.clock.now += 150
        rows = [(at - first, heard) for at, heard in await _heard(caller, slug) if at > first]

        assert rows == [(30, 0), (100, 1), (125, 0), (210, 1), (260, 1)]


def test_silences_that_overlap_are_one() -> None:
    now = 1_800_000_000.0
    gone = now - 7 * 3600
    box = Box(2, "b", "M", "B", "l", "ap", booted_at=gone + 70, back_at=gone + 200)
    rows = sorted(heartbeats(box, moment(box, now, 10), now, 10).items())

    assert [(at - int(gone), up) for at, up in rows if gone - 100 < at < gone + 300] == [(0, False), (200, True)]


async def test_heartbeats_of_a_box_that_never_came_back_end_with_silence() -> None:
    async with practising(reboot_seconds=100) as caller:
        slug = caller.slug("Roof Bar")
        await caller.patch_box(slug, action="reboot")
        sent = int(caller.clock.now)
        caller.clock.now += 1000

        assert (await _heard(caller, slug))[-1] == (sent + 15, 0)


async def test_a_body_that_is_not_json_is_a_bad_request() -> None:
    async with practising() as caller:
        path = f"/api/v1/boxes/{caller.slug('Bar AP-1')}"
        answer = await caller.http.patch(path, content=b"{", headers=caller.bearer())

        assert answer.status_code == 400
