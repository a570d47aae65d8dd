"""`ct-bot serve` as it really runs: processes of their own, real-looking settings, real kills."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import cast

import httpx
import pytest
from redis.asyncio import Redis

from bot.sandbox.browser import Browser
from bot.sandbox.slack.person import Person, Workspace
from bot.sandbox.stage import Stage

QUICK = {
    "poll": 0.3,
    "slow_poll": 0.5,
    "people": 1.0,
    "never_restarted": 20.0,
    "not_back": 20.0,
    "cut_off": 2.0,
    "recovery": 3.0,
    "card_grace": 1.0,
}
LOBBY = "lobby-ap-3-4c0412"
ASK = "/ct reboot lobby ap-3 because guests cannot log in"
YES = "Reboot Lobby AP-3"


def stage_in(folder: Path, **how: object) -> Stage:
    return Stage(data=folder, pace=QUICK, reboot_seconds=3.0, heartbeat_seconds=0.3, **how)  # type: ignore[arg-type]


async def linked(slack: Workspace) -> Person:
    ana = slack.person("ana", "noc")
    await ana.type("/ct link", timeout=15)
    page = await ana.click("Connect CT", timeout=15)
    async with Browser() as browser:
        link = page.links["Go to the Connect Page"]
        await browser.link(link, ct_login="ana@venues.example", slack_user="U01ANA")
    await ana.sees("Linked as", timeout=15)
    return ana


async def reboots(stage: Stage) -> dict[str, int]:
    async with httpx.AsyncClient(trust_env=False) as http:
        return dict((await http.get(f"{stage.ct_url}/_practice/log")).json()["counts"]["reboots"])


async def turn(stage: Stage, **switches: object) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        (await http.patch(f"{stage.ct_url}/_practice/switches", json=switches)).raise_for_status()


async def sending(folder: Path) -> None:
    """Wait until the call is under way: the record says so before the socket is touched."""
    async with Redis(unix_socket_path=str(folder / "valkey" / "socket")) as redis:
        for _ in range(500):
            keys = await redis.keys("ct:op:*")
            if keys and await cast("Awaitable[bytes]", redis.hget(keys[0], "state")) == b"sending":
                await asyncio.sleep(0.3)
                return
            await asyncio.sleep(0.01)
    raise AssertionError("nothing was ever sent")


async def kill(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def test_a_second_replica_finishes_what_a_killed_one_began(tmp_path: Path) -> None:
    async with stage_in(tmp_path, replicas=2) as stage, Workspace(stage.slack_url) as slack:
        ana = await linked(slack)
        await ana.type(ASK, timeout=15)
        await ana.click(YES, timeout=15)
        await ana.sees("is rebooting Lobby AP-3", timeout=15)
        await kill(stage.bots[0])

        back = await ana.sees("Lobby AP-3 is back.", timeout=40)

        assert "✓ Restart proved" in back.text
        assert await reboots(stage) == {LOBBY: 1}


async def test_r6_killed_while_sending_it_is_never_sent_again_and_watched_to_its_end(tmp_path: Path) -> None:
    async with stage_in(tmp_path) as stage, Workspace(stage.slack_url) as slack:
        ana = await linked(slack)
        await turn(stage, reboot="late", late_seconds=20)
        await ana.type(ASK, timeout=15)
        await ana.click(YES, wait=False)
        await sending(tmp_path)
        await kill(stage.bots[0])
        await turn(stage, reboot="back")
        await stage.start_bot()

        back = await ana.sees("Lobby AP-3 is back.", timeout=40)

        assert "✗ No answer from CT" in back.text
        assert await reboots(stage) == {LOBBY: 1}


async def test_a_resync_whose_bot_was_killed_while_sending_is_never_sent_again_and_followed(tmp_path: Path) -> None:
    route = f"/api/v1/boxes/{LOBBY}"
    fault = {"kind": "drop", "method": "PATCH", "prefix": route, "after": True, "delay": 20.0}
    async with stage_in(tmp_path) as stage, Workspace(stage.slack_url) as slack:
        ana = await linked(slack)
        async with httpx.AsyncClient(trust_env=False, base_url=stage.ct_url) as http:
            (await http.post("/_practice/faults", json=fault)).raise_for_status()
            await ana.type("/ct resync lobby ap-3", timeout=15)
            await ana.click("Resync", wait=False)
            await sending(tmp_path)
            await kill(stage.bots[0])
            await stage.start_bot()

            await ana.sees("Lobby AP-3 is through with the resync", timeout=40, channel="app")

            counts = (await http.get("/_practice/log")).json()["counts"]
        assert counts["routes"][f"PATCH {route}"] == 1


async def test_sigterm_drains_and_leaves_in_order(tmp_path: Path) -> None:
    async with stage_in(tmp_path) as stage, Workspace(stage.slack_url) as slack:
        ana = await linked(slack)
        await turn(stage, reboot="late", late_seconds=1.5)
        await ana.type(ASK, timeout=15)
        await ana.click(YES, wait=False)
        await sending(tmp_path)
        stage.bots[0].send_signal(signal.SIGTERM)

        code = await asyncio.wait_for(stage.bots[0].wait(), 25)

        assert code == 0
        await ana.sees("is rebooting Lobby AP-3", timeout=5)
        await stage.start_bot()
        await ana.sees("Lobby AP-3 is back.", timeout=40)
        assert await reboots(stage) == {LOBBY: 1}


async def test_two_replicas_in_socket_mode(tmp_path: Path) -> None:
    async with stage_in(tmp_path, replicas=2, socket_mode=True) as stage, Workspace(stage.slack_url) as slack:
        ana = await linked(slack)
        seen = [await ana.type("/ct status", timeout=15) for _ in range(4)]

        await kill(stage.bots[0])
        await asyncio.sleep(0.5)
        after = await ana.type("/ct status", timeout=15, until="412 boxes")

        assert all("412 boxes" in one.text for one in seen)
        assert "412 boxes" in after.text
        assert await slack.refusals() == []


async def test_u2_no_token_rests_in_the_clear_or_is_printed(tmp_path: Path) -> None:
    async with stage_in(tmp_path) as stage, Workspace(stage.slack_url) as slack:
        ana = await linked(slack)
        for text in ("status", "boxes", "box lobby ap-3", "location café nord", "whoami"):
            await ana.type(f"/ct {text}", timeout=15)
        async with httpx.AsyncClient(trust_env=False) as http:
            metrics = (await http.get(f"{stage.bot_url}/metrics")).content
        said = json.dumps(await slack.calls()).encode()
        secrets = set(re.findall(rb"\b[0-9a-f]{64}\b", (tmp_path / "ct.json").read_bytes())) | {
            value.encode() for name, value in stage.settings(1).items() if "SECRET" in name or "TOKEN" in name
        }
        secrets |= {key.split(":")[1].encode() for key in stage.settings(1)["CT_BOT_DATA_KEYS"].split(",")}
        places = {
            "log": (tmp_path / "bot.log").read_bytes(),
            "store": b"".join(p.read_bytes() for p in (tmp_path / "valkey").rglob("*") if p.is_file()),
            "metrics": metrics,
            "slack": said,
        }

        found = [(where, secret[:8]) for where, text in places.items() for secret in secrets if secret in text]
        canaries = [where for where, text in places.items() if b"canary" in text]

        assert len(secrets) >= 6
        assert found == []
        assert canaries == []


async def test_l6_killed_while_a_typed_code_waits_it_is_entered_after_the_restart(tmp_path: Path) -> None:
    """And none of it needs what Sign in with Slack needs."""
    async with stage_in(tmp_path, link_proof="typed_code") as stage, Workspace(stage.slack_url) as slack:
        ana = slack.person("ana", "noc")
        await ana.type("/ct link", timeout=15)
        link = (await ana.click("Connect CT", timeout=15)).links["Go to the Connect Page"]
        async with Browser() as browser:
            page = await browser.link(link, ct_login="ana@venues.example", slack_user="U01ANA")
        (code,) = re.findall(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$", page, re.MULTILINE)
        await kill(stage.bots[0])
        await stage.start_bot()
        await ana.click("Enter the Code", timeout=15)
        await ana.submit({"code": code})

        await ana.sees("Linked as ana@venues.example", timeout=15)
        assert code.encode() not in (tmp_path / "bot.log").read_bytes()
        assert await slack.refusals() == []


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        (
            {"link_proof": "typed_code", "allowed_teams": ["T02ORBIT"]},
            "CT_BOT_POLICY: link_proof typed_code is for one workspace alone",
        ),
        ({"link_proof": "state"}, "CT_BOT_POLICY: link_proof must be slack or typed_code."),
    ],
)
def test_o3_a_typed_code_for_several_workspaces_ends_the_start_with_one_line(
    tmp_path: Path, policy: dict[str, object], line: str
) -> None:
    settings = stage_in(tmp_path).settings(3999)
    Path(settings["CT_BOT_POLICY"]).write_text(json.dumps(policy))

    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], env=settings, capture_output=True, text=True, timeout=30
    )

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith(f"ct-bot: {line}")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"CT_CLIENT_ID": None}, "CT_CLIENT_ID is missing"),
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is empty"),
        ({"PUBLIC_URL": "http://bot.example.com"}, "PUBLIC_URL must be https"),
        ({"CT_BOT_DATA_KEYS": "k1:short"}, "CT_BOT_DATA_KEYS key k1"),
        ({"REDIS_URL": "localhost"}, "REDIS_URL must start with redis://"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_line(tmp_path: Path, change: dict[str, str | None], line: str) -> None:
    settings = stage_in(tmp_path).settings(3999)
    for name, value in change.items():
        settings.pop(name) if value is None else settings.update({name: value})

    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], env=settings, capture_output=True, text=True, timeout=30
    )

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith(f"ct-bot: {line}")
