"""`ct-bot links`: counting, sealing anew and ending everybody's links while the bot runs."""

import base64
import secrets
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.sandbox.slack.person import Workspace
from bot.sandbox.stage import Stage
from tests.processes.test_doctor import port_of, run
from tests.processes.test_serve import linked, stage_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage_in(tmp_path_factory.mktemp("stage"), boxes=(2, 4)) as stage:
        yield stage


async def test_links_are_counted_sealed_anew_and_ended_while_the_bot_runs(stage: Stage) -> None:
    settings = stage.settings(port_of(stage))
    old = settings["CT_BOT_DATA_KEYS"]
    new = f"fresh:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    both = settings | {"CT_BOT_DATA_KEYS": f"{new},{old}"}
    async with Workspace(stage.slack_url) as slack:
        ana = await linked(slack)
        counted, early = run(settings, "links"), run(both, "links", "rewrap")
        await start_anew(stage, f"{new},{old}")
        rewrapped, again = run(both, "links", "rewrap"), run(both, "links", "rewrap")
        now = run(both, "links")
        back = run(settings | {"CT_BOT_DATA_KEYS": f"{old},{new}"}, "links", "rewrap")
        lost = run(settings | {"CT_BOT_DATA_KEYS": new}, "links", "rewrap")
        serves = await ana.type("/ct whoami", timeout=15)
        asked = run(settings, "links", "end")
        ended = run(settings, "links", "end", "--yes")
        after = await ana.type("/ct whoami", timeout=15)

    assert counted.stdout == "1 links\n  1 active, sealed with the data key demo\n"
    assert early.returncode == 1
    assert early.stdout.startswith("A bot runs without the data key fresh: to them, every link would be lost.")
    assert rewrapped.stdout == "1 links are sealed anew with the first data key; 0 were already.\n"
    assert again.stdout == "0 links are sealed anew with the first data key; 1 were already.\n"
    assert "sealed with the data key fresh" in now.stdout
    assert "1 links cannot be opened with the keys in CT_BOT_DATA_KEYS" in lost.stdout
    assert back.stdout.startswith("1 links are sealed anew")
    assert "ana@venues.example" in serves.text
    assert (asked.returncode, asked.stdout) == (
        1,
        "Nothing was done. Type 'end all links' when asked, or give --yes.\n",
    )
    assert ended.stdout.startswith("1 links are ended.")
    assert "not connected" in after.text or "Connect CT" in after.text
    assert all(one.stderr == "" for one in (counted, early, rewrapped, again, now, back, lost, asked, ended))


async def start_anew(stage: Stage, keys: str) -> None:
    """The same bot with other data keys; its predecessor has left."""
    stage.bots[0].send_signal(signal.SIGTERM)
    await stage.bots[0].wait()
    stage._kept["key"] = keys
    await stage.start_bot()


async def test_without_slack_or_redis_it_says_so_in_one_line(stage: Stage) -> None:
    settings = stage.settings(port_of(stage))
    no_slack = run(settings | {"SLACK_API_URL": "http://127.0.0.1:1/api/"}, "links")
    no_redis = run(settings | {"REDIS_URL": "redis://127.0.0.1:1"}, "links")

    assert (no_slack.returncode, no_redis.returncode) == (2, 2)
    assert "Slack does not say whose links these are" in no_slack.stderr
    assert "store (Redis) is not answering" in no_redis.stderr
    assert no_slack.stderr.count("\n") == no_redis.stderr.count("\n") == 1
