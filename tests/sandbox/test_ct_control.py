"""The controls of the practice CT, its log and its memory."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.ct import PracticeCT
from bot.sandbox.serving import serve
from tests.sandbox.ct_caller import ANA, CALLBACK, KIM, Clock, practising, sent_back


async def test_switches_are_read_and_set_while_it_runs() -> None:
    async with practising() as caller:
        answer = await caller.http.patch("/_practice/switches", json={"speed": "test", "expires_in": 60, "pkce": False})
        switches = (await caller.http.get("/_practice/switches")).json()

        assert answer.json() == switches
        assert (switches["reboot_seconds"], switches["heartbeat_seconds"]) == (1.5, 0.5)
        assert (switches["expires_in"], switches["pkce"]) == (60, False)


async def test_every_answer_tells_the_time_once_and_the_clock_can_be_wrong() -> None:
    async with practising() as caller:
        right = await caller.http.get("/api/v1/ping.json")
        await caller.http.patch("/_practice/switches", json={"clock_skew": 3600})
        wrong = await caller.http.get("/api/v1/ping.json")
        ahead = [parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time() for answer in (right, wrong)]

        assert len(right.headers.get_list("date")) == 1
        assert [round(seconds / 60) for seconds in ahead] == [0, 60]


@pytest.mark.parametrize(
    "wanted",
    [
        {"no_such": 1},
        {"reboot": "explode"},
        {"pkce": "yes"},
        {"expires_in": "soon"},
        {"expires_in": True},
        {"last_next_page": False},
        {"speed": "warp"},
    ],
)
async def test_a_wrong_switch_changes_nothing(wanted: dict[str, Any]) -> None:
    async with practising() as caller:
        before = (await caller.http.get("/_practice/switches")).json()
        answer = await caller.http.patch("/_practice/switches", json={"default_per": 3, **wanted})

        assert answer.status_code == 400
        assert answer.json()["error"]
        assert (await caller.http.get("/_practice/switches")).json() == before


async def test_the_log_counts_token_posts_and_reboots_and_keeps_no_secrets() -> None:
    async with practising() as caller:
        slug = caller.slug("Bar AP-1")
        row = caller.ct.issue(ANA)
        await caller.refresh(row.refresh or "")
        await caller.exchange("0" * 64)
        await caller.patch_box(slug, who=KIM, action="reboot")
        await caller.http.get("/api/v1/me.json", params={"access_token": row.access})
        log = (await caller.http.get("/_practice/log")).json()
        reboots = (await caller.http.get("/_practice/log", params={"action": "reboot"})).json()["rows"]
        tokens = (await caller.http.get("/_practice/log", params={"path": "/oauth/token"})).json()["rows"]

        assert log["counts"]["token"] == {"refresh_token": 1, "authorization_code": 1}
        assert log["counts"]["reboots"] == {slug: 1}
        assert log["counts"]["total"] == 4
        assert [(one["user"], one["status"], one["box"]) for one in reboots] == [(KIM, 200, slug)]
        assert [one["status"] for one in tokens] == [200, 401]
        assert row.access not in json.dumps(log)
        await caller.http.delete("/_practice/log")
        assert (await caller.http.get("/_practice/log")).json()["counts"]["total"] == 0


async def test_reset_brings_the_first_day_back() -> None:
    async with practising(expires_in=60) as caller:
        slug = caller.slug("Bar AP-1")
        token = caller.ct.issue(ANA).access
        await caller.http.patch("/_practice/switches", json={"expires_in": 10})
        await caller.patch_box(slug, action="reboot")
        await caller.http.post("/_practice/reset")

        assert (await caller.me(token)).status_code == 401
        assert (await caller.http.get("/_practice/switches")).json()["expires_in"] == 60
        assert (await caller.box(slug))["state"] == "online"


async def test_tokens_are_given_expired_and_revoked_on_request() -> None:
    async with practising() as caller:
        pair = (await caller.http.post("/_practice/tokens", json={"person": ANA, "expires_in": 5})).json()
        kim = (await caller.http.post("/_practice/tokens", json={"person": KIM})).json()
        fresh = await caller.me(pair["access_token"])
        expired = await caller.http.post("/_practice/tokens/expire", json={"person": ANA})
        stale = await caller.me(pair["access_token"])
        second = (await caller.refresh(pair["refresh_token"])).json()
        await caller.http.post("/_practice/tokens/revoke", json={"person": ANA, "access_only": True})
        killed = await caller.me(second["access_token"])
        third = (await caller.refresh(second["refresh_token"])).json()
        await caller.http.post("/_practice/tokens/revoke")
        dead = await caller.refresh(third["refresh_token"])

        assert pair["expires_in"] == 5
        assert fresh.status_code == 200
        assert expired.json() == {"expired": 1}
        assert (stale.status_code, killed.status_code) == (401, 401)
        assert dead.json()["error"] == "invalid_grant"
        assert (await caller.me(kim["access_token"])).status_code == 401


async def test_tokens_for_nobody_are_refused() -> None:
    async with practising() as caller:
        answer = await caller.http.post("/_practice/tokens", json={"person": "nobody@nowhere.example"})

        assert answer.status_code == 404


async def test_a_role_can_be_changed() -> None:
    async with practising() as caller:
        await caller.http.patch(f"/_practice/people/{KIM}", json={"role_id": 140})
        people = (await caller.http.get("/_practice/people")).json()["people"]
        wrong = await caller.http.patch(f"/_practice/people/{KIM}", json={"password": "x"})

        assert [person["role_id"] for person in people if person["email"] == KIM] == [140]
        assert (await caller.get("/me.json", who=KIM))["role_id"] == 140
        assert wrong.status_code == 400


async def test_the_applications_callback_can_be_changed() -> None:
    async with practising() as caller:
        other = "http://127.0.0.1:10/oauth/ct/callback"
        await caller.http.patch("/_practice/client", json={"redirect_uris": [CALLBACK, other]})
        wrong = await caller.http.patch("/_practice/client", json={"client_id": "x"})
        await caller.sign_in()
        answer = await caller.authorize(redirect_uri=other)

        assert ">Allow<" in answer.text
        assert wrong.status_code == 400


async def test_a_box_can_be_taken_down_changed_brought_back_and_removed() -> None:
    async with practising(heartbeat_seconds=10) as caller:
        slug = caller.slug("Bar AP-1")
        path = f"/_practice/boxes/{slug}"
        down = (await caller.http.patch(path, json={"state": "offline", "description": "<b>Bar</b>"})).json()
        caller.clock.now += 60
        still = (await caller.http.get(path)).json()
        up = (await caller.http.patch(path, json={"state": "online", "guests": 3, "extra": {"id": "12"}})).json()
        new = (await caller.http.patch(path, json={"state": "new"})).json()
        await caller.http.delete(path)
        gone = await caller.http.get(f"/api/v1/boxes/{slug}", headers=caller.bearer())

        assert (down["state"], down["description"]) == ("offline", "<b>Bar</b>")
        assert still["last_heartbeat"] == down["last_heartbeat"] == 1_800_000_000
        assert (up["state"], up["clients_online"], up["id"]) == ("online", 3, "12")
        assert up["last_heartbeat"] == 1_800_000_060
        assert new["last_heartbeat"] is None
        assert gone.status_code == 404
        assert (await caller.http.get(path)).status_code == 404


async def test_a_reboot_can_be_ended_at_once() -> None:
    async with practising(reboot_seconds=1000) as caller:
        slug = caller.slug("Bar AP-1")
        await caller.patch_box(slug, action="reboot")
        box = (await caller.http.patch(f"/_practice/boxes/{slug}", json={"job": None})).json()

        assert box["state"] == "online"


async def test_a_reboot_that_is_over_is_kept_when_something_else_changes() -> None:
    async with practising(reboot_seconds=100) as caller:
        back, gone = caller.slug("Bar AP-1"), caller.slug("Roof Bar")
        for slug in (back, gone):
            await caller.patch_box(slug, action="reboot")
        caller.clock.now += 200
        boxes = [
            (await caller.http.patch(f"/_practice/boxes/{slug}", json={"guests": 1})).json() for slug in (back, gone)
        ]

        assert [box["state"] for box in boxes] == ["online", "offline"]
        assert boxes[0]["uptime_seconds"] < 200


@pytest.mark.parametrize("wanted", [{"colour": "red"}, {"reboot": "explode"}, {"refusal": "loud"}, {"job": {}}])
async def test_a_box_takes_known_changes_only(wanted: dict[str, Any]) -> None:
    async with practising() as caller:
        answer = await caller.http.patch(f"/_practice/boxes/{caller.slug('Bar AP-1')}", json=wanted)

        assert answer.status_code == 400


async def test_the_controls_answer_on_this_machine_only() -> None:
    far = httpx.ASGITransport(PracticeCT().app, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=far, base_url="http://practice") as elsewhere:
        answer = await elsewhere.get("/_practice/switches")

        assert answer.status_code == 403


def _restarted(state: Path, clock: Clock) -> PracticeCT:
    return PracticeCT(redirect_uris=[CALLBACK], state=state, clock=clock)


async def test_links_and_changes_outlive_a_restart(tmp_path: Path) -> None:
    clock, state = Clock(), tmp_path / "data" / "ct.json"
    first = _restarted(state, clock)
    row, slug, gone = first.issue(ANA), first.world.named("Bar AP-1").slug, first.world.named("Street AP-6").slug
    async with serve(first.app) as url, httpx.AsyncClient(base_url=url, headers=_bearer(row.access)) as http:
        await http.patch(f"/api/v1/boxes/{slug}", json={"box": {"description": "Bar AP-1b"}})
        await http.patch(f"/api/v1/boxes/{slug}", json={"box": {"action": "reboot"}})
        await http.delete(f"/_practice/boxes/{gone}")
        await http.post("/login", data={"email": KIM, "password": "practice"})
        session = http.cookies
    clock.now += 5
    second = _restarted(state, clock)
    async with serve(second.app) as url, httpx.AsyncClient(base_url=url, headers=_bearer(row.access)) as http:
        http.cookies = session
        box = (await http.get(f"/api/v1/boxes/{slug}")).json()
        operations = (await http.get(f"/api/v1/boxes/{slug}/operations")).json()["operations"]
        versions = (await http.get(f"/api/v1/boxes/{slug}/versions")).json()["versions"]
        missing = await http.get(f"/api/v1/boxes/{gone}")
        home = await http.get("/")
        refreshed = await http.get("/api/v1/locations")

    assert (box["description"], box["state"]) == ("Bar AP-1b", "rebooting")
    assert len(operations) == len(versions) == 1
    assert missing.status_code == 404
    assert KIM in home.text
    assert refreshed.status_code == 200
    assert list(state.parent.iterdir()) == [state]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_code_outlives_a_restart_too(tmp_path: Path) -> None:
    clock, state = Clock(), tmp_path / "ct.json"
    query = {"client_id": "practice-ct-app", "redirect_uri": CALLBACK, "response_type": "code"}
    first = _restarted(state, clock)
    first.issue(ANA)
    async with serve(first.app) as url, httpx.AsyncClient(base_url=url) as http:
        await http.post("/login", data={"email": ANA, "password": "practice"})
        code = sent_back(await http.get("/oauth/authorize", params=query))["code"]
    second = _restarted(state, clock)
    form = {**query, "client_secret": "practice-ct-secret", "grant_type": "authorization_code", "code": code}
    async with serve(second.app) as url, httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/oauth/token", data=form)

    assert answer.status_code == 200


@pytest.mark.parametrize("kept", ["", "{}", '{"format": 0}'])
def test_a_state_file_that_makes_no_sense_is_passed_over(tmp_path: Path, kept: str) -> None:
    state = tmp_path / "ct.json"
    state.write_text(kept)

    assert len(_restarted(state, Clock()).world.locations) == 39


def test_a_world_of_another_size_starts_afresh(tmp_path: Path) -> None:
    state = tmp_path / "ct.json"
    big = PracticeCT(state=state)
    big.issue(ANA)
    big.practice.changed()
    small = PracticeCT(state=state, locations=2, boxes=9)

    assert small.practice.tokens.rows == []
    assert len(small.world.boxes) == 9 + 6


def test_the_command_prints_its_address_and_ends_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.sandbox.ct", "--redirect-uri", CALLBACK, "--expires-in", "60"]
    options = ["--state", str(tmp_path / "ct.json"), "--reboot-seconds", "2", "--boxes", "50", "--locations", "4"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        switches = httpx.get(f"{url}/_practice/switches").json()
        os.kill(process.pid, signal.SIGTERM)

        assert process.wait(timeout=10) == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert (switches["expires_in"], switches["reboot_seconds"]) == (60, 2.0)
