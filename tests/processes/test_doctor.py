"""`ct-bot doctor` and the start on a forgetful Redis, as they really run."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.sandbox.rehearsal import rehearse_on
from bot.sandbox.stage import Stage
from bot.slack.registry import load
from tests.processes.test_serve import stage_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
CANARY = "canary-4be1"
AWAY = "http://127.0.0.1:1"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One bot in HTTP mode."""
    async with stage_in(tmp_path_factory.mktemp("stage"), boxes=(2, 4)) as stage:
        yield stage


def port_of(stage: Stage) -> int:
    return int(stage.bot_url.rpartition(":")[2])


def run(settings: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.defpath, "COLUMNS": "100", **settings}
    return subprocess.run([sys.executable, "-m", "bot", *command], env=env, capture_output=True, text=True, timeout=40)


async def test_on_a_bot_that_runs_nothing_is_wrong(stage: Stage) -> None:
    ended = run(stage.settings(port_of(stage)), "doctor")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Settings\n  fine     Environment           complete; Slack is spoken to by HTTP\n")
    assert "\n0 wrong, 2 warnings, 3 unknown, " in ended.stdout
    assert "  fine     Replicas              1 runs, version " in ended.stdout


async def test_what_is_wrong_ends_it_with_1_and_no_secret_is_printed(stage: Stage) -> None:
    settings = stage.settings(port_of(stage))
    wrong = dict.fromkeys(("CT_CLIENT_SECRET", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"), CANARY)

    ended = run({**settings, **wrong, "SLACK_BOT_TOKEN": f"xoxb-{CANARY}"}, "doctor")

    assert ended.returncode == 1
    assert ended.stdout.count("  WRONG ") == 4
    assert CANARY not in ended.stdout + ended.stderr
    assert [value for name, value in settings.items() if "SECRET" in name and value in ended.stdout] == []


async def test_json_is_all_that_stands_on_stdout(stage: Stage) -> None:
    ended = run(stage.settings(port_of(stage)), "doctor", "--json")
    told = json.loads(ended.stdout)

    assert (ended.returncode, told["verdict"]) == (0, "warning")
    assert {row["group"] for row in told["findings"]} == {
        *("Settings", "Redis", "CT", "Slack", "Public address", "Bot"),
    }


async def test_without_a_bot_the_address_is_unknown_and_everything_else_is_looked_at(stage: Stage) -> None:
    settings = stage.settings(3999)
    another = {"PUBLIC_URL": AWAY, "REDIS_URL": f"{settings['REDIS_URL']}?db=1"}

    ended = run(settings | another, "doctor")

    assert "unknown  PUBLIC_URL            no answer: the connection was refused, and no bot runs" in ended.stdout
    assert "unknown  Replicas              no bot runs on this Redis" in ended.stdout
    assert ended.returncode == 0


async def test_with_everything_away_it_still_ends_by_itself(stage: Stage) -> None:
    hosts = ("CT_AUTH_URL", "CT_API_URL", "SLACK_API_URL", "SLACK_URL", "PUBLIC_URL")
    away = {**dict.fromkeys(hosts, AWAY), "REDIS_URL": f"redis://:{CANARY}@127.0.0.1:1/0"}

    ended = run(stage.settings(3999) | away, "doctor")

    assert ended.returncode == 1
    assert "Redis (127.0.0.1:1)" in ended.stdout
    assert CANARY not in ended.stdout + ended.stderr


async def test_settings_that_serve_refuses_end_it_with_2(stage: Stage) -> None:
    settings = stage.settings(3999)
    del settings["CT_CLIENT_ID"]

    ended = run({**settings, "PORT": "x"}, "doctor")

    assert ended.returncode == 2
    assert "WRONG    Environment  CT_CLIENT_ID is missing: App ID of the CT application." in ended.stdout
    assert "WRONG    Environment  PORT must be a number from 1 to 65535." in ended.stdout


async def test_a_policy_that_cannot_be_read_ends_it_with_2_and_hides_nothing_else(stage: Stage) -> None:
    ended = run({**stage.settings(port_of(stage)), "CT_BOT_POLICY": "/nowhere/policy.json"}, "doctor")

    assert ended.returncode == 2
    assert "CT_BOT_POLICY cannot be read: No such file or directory." in ended.stdout
    assert "fine     Application" in ended.stdout


async def test_d4_serve_ends_with_2_on_a_redis_that_would_lose_links(stage: Stage) -> None:
    settings = stage.settings(3999) | {"PUBLIC_URL": "https://bot.acme.example"}
    async with Redis(unix_socket_path=settings["REDIS_URL"].removeprefix("unix://")) as redis:
        await redis.config_set("appendonly", "no")
        await redis.config_set("maxmemory-policy", "allkeys-lru")
        try:
            ended = run(settings, "serve")
        finally:
            await redis.config_set("appendonly", "yes")
            await redis.config_set("maxmemory-policy", "noeviction")

    assert ended.returncode == 2
    first, second = ended.stderr.splitlines()
    assert first.startswith("ct-bot: Redis, Append-only file: it is off")
    assert second.startswith("ct-bot: Redis, Eviction: allkeys-lru")
    assert "redis_may_forget" in first


async def test_the_rehearsal_hears_what_the_bot_says_to_each_command(stage: Stage) -> None:
    spoken = await rehearse_on(stage, ["/ct box lobby ap-3", "/ct location new", "/ct unlink"])
    after = [(one.after, one.kind) for one in spoken]

    assert ("/ct box lobby ap-3", "blocks") in after
    assert ("/ct location new", "view") in after
    assert ("the Home tab", "view") in after
    assert len([one for one in after if one[0] == "Reboot Lobby AP-3"]) >= 2


async def test_every_command_is_rehearsed_as_its_example_has_it_and_unlinking_comes_last() -> None:
    typed = load().rehearsed()

    assert {command.example for command in load().visible()} <= set(typed)
    assert [text for text in typed if "unlink" in text] == typed[-1:]
