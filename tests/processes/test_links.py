"""`ct-bot links`: counting, sealing anew and ending everybody's links while the bot runs."""

import base64
import secrets
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
    async with Workspace(stage.slack_url) as slack:
        ana = await linked(slack)
        counted = run(settings, "links")
        both = settings | {"CT_BOT_DATA_KEYS": f"{new},{old}"}
        rewrapped, again = run(both, "links", "rewrap"), run(both, "links", "rewrap")
        now = run(both, "links")
        stage_key_gone = run(settings | {"CT_BOT_DATA_KEYS": new}, "links", "rewrap")
        back = run(settings | {"CT_BOT_DATA_KEYS": f"{old},{new}"}, "links", "rewrap")
        serves = await ana.type("/ct whoami", timeout=15)
        asked = run(settings, "links", "end")
        ended = run(settings, "links", "end", "--yes")
        after = await ana.type("/ct whoami", timeout=15)

    assert counted.stdout == "1 links\n  1 active, sealed with the data key demo\n"
    assert rewrapped.stdout == "1 links are sealed anew with the first data key; 0 were already.\n"
    assert again.stdout == "0 links are sealed anew with the first data key; 1 were already.\n"
    assert "sealed with the data key fresh" in now.stdout
    assert stage_key_gone.stdout.startswith("0 links are sealed anew")
    assert back.stdout.startswith("1 links are sealed anew")
    assert "ana@venues.example" in serves.text
    assert (asked.returncode, asked.stdout) == (
        1,
        "Nothing was done. Type 'end all links' when asked, or give --yes.\n",
    )
    assert ended.stdout.startswith("1 links are ended.")
    assert "not connected" in after.text or "Connect CT" in after.text
    assert all(one.stderr == "" for one in (counted, rewrapped, again, now, back, asked, ended))


async def test_without_slack_or_redis_it_says_so_in_one_line(stage: Stage) -> None:
    settings = stage.settings(port_of(stage))
    no_slack = run(settings | {"SLACK_API_URL": "http://127.0.0.1:1/api/"}, "links")
    no_redis = run(settings | {"REDIS_URL": "redis://127.0.0.1:1"}, "links")

    assert (no_slack.returncode, no_redis.returncode) == (2, 2)
    assert "Slack does not say whose links these are" in no_slack.stderr
    assert "store (Redis) is not answering" in no_redis.stderr
    assert no_slack.stderr.count("\n") == no_redis.stderr.count("\n") == 1
