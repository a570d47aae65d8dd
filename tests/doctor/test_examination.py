"""The examination as a whole: bounded, unbreakable, without a trace, without a secret."""

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import fields, replace

import pytest
from pytest_mock import MockerFixture
from redis.asyncio import Redis

from bot.crypto import DataKey
from bot.doctor import examination
from bot.doctor.examination import Doctor, examined
from bot.doctor.findings import About, Finding, Group, Verdict, of
from bot.settings import Policy, Secret, Settings
from tests.doctor.answering import brief
from tests.stage import settings_for, staged
from tests.valkey import ValkeyProcess

AWAY = "http://127.0.0.1:1"
CANARY = "canary-7f3a9c"


def canaries(settings: Settings) -> Settings:
    """Every secret is one that a test can look for."""
    return replace(
        settings,
        slack_bot_token=Secret(f"xoxb-{CANARY}"),
        slack_app_token=Secret(f"xapp-{CANARY}") if settings.socket_mode else None,
        slack_signing_secret=Secret(CANARY),
        slack_client_secret=Secret(CANARY),
        ct_client_secret=Secret(CANARY),
        ct_bot_data_keys=(DataKey("k1", CANARY.encode().ljust(32, b"0")),),
    )


def secrets(settings: Settings) -> list[str]:
    """The values that no line may hold."""
    values = [getattr(settings, field.name) for field in fields(settings)]
    return [str(value) for value in values if isinstance(value, Secret)]


async def test_a_bot_that_runs_is_examined_without_a_trace(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, locations=1, boxes=1) as stage:
        before = set(await redis.keys("*"))
        found = (await Doctor(stage.settings, Policy(), inside=False).examine()).findings
        left = [
            key for key in set(await redis.keys("*")) - before if await redis.ttl(key) > 60 or await redis.ttl(key) < 0
        ]

        assert {name for name, verdict in brief(found).items() if verdict == "wrong"} == set()
        assert {finding.group for finding in found} == set(Group) - {Group.YOU, Group.PAYLOADS}
        assert left == []
        assert [call["method"] for call in await stage.workspace.calls() if call["method"].startswith("chat.")] == []
        assert (await stage.counts())["token"] == {"authorization_code": 1}
        assert [secret for secret in secrets(stage.settings) if secret in repr(found)] == []


async def test_with_everything_away_every_group_still_says_something_within_seconds() -> None:
    settings = settings_for(AWAY, AWAY, "https://127.0.0.1:1", "redis://127.0.0.1:1/0")
    began = time.monotonic()

    found = (await Doctor(settings, Policy(), inside=False).examine()).findings

    assert time.monotonic() - began < 10
    assert {finding.group for finding in of(found, Verdict.WRONG)} == {
        *(Group.REDIS, Group.CT, Group.SLACK, Group.ADDRESS),
    }
    assert all(finding.todo for finding in of(found, Verdict.WRONG, Verdict.WARNING))


@pytest.mark.parametrize("socket_mode", [False, True])
async def test_no_line_holds_a_secret(redis: Redis, redis_url: str, socket_mode: bool) -> None:
    async with staged(redis, redis_url, locations=1, boxes=1, socket_mode=socket_mode) as stage:
        wrong = canaries(stage.settings)
        away = replace(canaries(settings_for(AWAY, AWAY, AWAY, f"redis://u:{CANARY}@127.0.0.1:1/0")))
        said = [
            finding
            for settings in (wrong, away)
            for finding in (await Doctor(settings, Policy(), inside=False).examine()).findings
        ]

    assert len(of(said, Verdict.WRONG)) > 8
    assert CANARY not in repr(said)
    assert str(wrong.ct_bot_data_keys[0].key) not in repr(said)


async def test_a_frozen_redis_is_given_up(redis_url: str, valkey: ValkeyProcess) -> None:
    settings = settings_for(AWAY, AWAY, AWAY, redis_url)
    valkey.signal(signal.SIGSTOP)
    try:
        async with asyncio.timeout(10):
            found = (await Doctor(settings, Policy(), inside=True).examine()).findings
    finally:
        valkey.signal(signal.SIGCONT)

    assert "does not answer: no answer in time" in [finding.seen for finding in found]


async def test_a_check_that_hangs_or_breaks_is_a_finding_and_the_others_go_on(mocker: MockerFixture) -> None:
    async def hangs() -> Sequence[Finding]:
        await asyncio.Event().wait()
        return []

    async def breaks() -> Sequence[Finding]:
        raise KeyError(CANARY)

    async def works() -> Sequence[Finding]:
        return [About(Group.BOT, "Work").fine("well")]

    mocker.patch.object(examination, "_LONGEST", 0.05)
    mocker.patch.object(examination, "log")

    hung, broken, well = await examined({Group.REDIS: [hangs], Group.CT: [breaks], Group.BOT: [works]})

    assert (hung.group, hung.verdict) == (Group.REDIS, Verdict.WRONG)
    assert (broken.group, broken.verdict) == (Group.CT, Verdict.UNKNOWN)
    assert "KeyError" in broken.seen
    assert CANARY not in repr(broken)
    assert well.verdict == "fine"


async def test_checks_run_at_the_same_time() -> None:
    both = asyncio.Barrier(2)

    async def meets() -> Sequence[Finding]:
        await both.wait()
        return []

    async with asyncio.timeout(5):
        assert await examined({Group.CT: [meets], Group.SLACK: [meets]}) == []


async def test_who_asks_while_one_examination_runs_gets_that_one_and_who_asks_later_a_new_one() -> None:
    doctor = Doctor(settings_for(AWAY, AWAY, AWAY, "redis://127.0.0.1:1/0"), Policy(), inside=True)

    first, second = await asyncio.gather(doctor.examine(), doctor.examine())
    third = await doctor.examine()

    assert first is second
    assert third is not first
