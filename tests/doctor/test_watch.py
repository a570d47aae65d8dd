"""Row D4: the bot does not start on a Redis that would lose links, and finds out late where Redis was away."""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.app import create_app
from bot.doctor.watch import StoreWatch
from bot.errors import ConfigError
from bot.sandbox.serving import serve
from bot.settings import Policy, Settings
from bot.stores.probe import Configuration, Probe
from tests.stage import settings_for
from tests.valkey import ValkeyProcess

AWAY = "http://127.0.0.1:1"


@pytest.fixture
def real(redis_url: str) -> Settings:
    """For real: an address with https. CT and Slack are away, which keeps nobody from starting."""
    return settings_for(AWAY, AWAY, "https://bot.acme.example", redis_url)


async def ready(app: Any) -> dict[str, Any]:
    async with serve(app) as url, httpx.AsyncClient(trust_env=False) as http:
        return dict((await http.get(f"{url}/readyz")).json())


@pytest.fixture
async def _forgetful(redis: Redis) -> AsyncIterator[None]:
    await redis.config_set("appendonly", "no")
    yield
    await redis.config_set("appendonly", "yes")


@pytest.mark.usefixtures("_forgetful")
async def test_a_redis_without_aof_ends_the_start_with_one_line(real: Settings) -> None:
    with pytest.raises(ConfigError) as refused:
        async with create_app(real, policy=Policy()):
            raise AssertionError("it must not start")

    [line] = refused.value.problems
    assert line.startswith("Redis, Append-only file: it is off: a restart of Redis forgets links")
    assert "Set appendonly yes" in line
    assert line.endswith('If that is meant, say so in the policy file: "redis_may_forget": true.')


async def test_every_reason_gets_its_line(real: Settings, redis: Redis) -> None:
    await redis.config_set("maxmemory-policy", "allkeys-random")
    await redis.config_set("appendfsync", "no")

    with pytest.raises(ConfigError) as refused:
        async with create_app(real, policy=Policy()):
            raise AssertionError("it must not start")

    assert [line.split(":")[0] for line in refused.value.problems] == ["Redis, appendfsync", "Redis, Eviction"]


@pytest.mark.usefixtures("_forgetful")
async def test_it_starts_where_the_policy_says_that_redis_may_forget(real: Settings) -> None:
    async with create_app(real, policy=Policy(redis_may_forget=True)) as app:
        assert "redis durability" not in (await ready(app))["not_ready"]


@pytest.mark.usefixtures("_forgetful")
async def test_it_starts_on_loopback_whatever_redis_is(real: Settings) -> None:
    async with create_app(replace(real, public_url="http://127.0.0.1:3000"), policy=Policy()) as app:
        assert "redis durability" not in (await ready(app))["not_ready"]


async def test_a_redis_that_keeps_everything_is_started_on(real: Settings) -> None:
    async with create_app(real, policy=Policy()) as app:
        assert (await ready(app))["not_ready"] == ["slack"]


async def test_a_redis_that_is_away_does_not_keep_it_from_starting(real: Settings, valkey: ValkeyProcess) -> None:
    valkey.signal(signal.SIGKILL)
    try:
        async with create_app(real, policy=Policy()) as app:
            assert (await ready(app))["not_ready"] == ["redis", "slack"]
    finally:
        valkey.start()


class Told(Probe):
    """Says what the test wants, and how often it was asked. `last`: one answer is left."""

    def __init__(self, redis: Redis, *answers: Configuration | None) -> None:
        super().__init__(redis)
        self.answers = list(answers)
        self.asked = 0
        self.last = asyncio.Event()

    async def configuration(self) -> Configuration:
        self.asked += 1
        answer = self.answers.pop(0)
        if len(self.answers) == 1:
            self.last.set()
        if answer is None:
            return await Probe(Redis(port=1)).configuration()
        return answer


GOOD = Configuration({"aof_enabled": 1, "maxmemory_policy": "noeviction"}, "always")
BAD = Configuration({"aof_enabled": 0, "maxmemory_policy": "noeviction"}, "always")
SILENT = Configuration(None, None)


async def test_what_comes_back_bad_is_logged_once_and_the_bot_is_ready_when_it_is_put_right(redis: Redis) -> None:
    probe = Told(redis, None, BAD, BAD, GOOD)
    watch = StoreWatch(probe, may_forget=False, again=0.01)
    with capture_logs() as logs:
        await watch.at_start()
        running = asyncio.ensure_future(watch.run())
        await asyncio.wait_for(probe.last.wait(), 5)
        unready = watch.keeps
        await asyncio.wait_for(running, 5)

    assert (unready, watch.keeps) == (False, True)
    assert [line["why"][:28] for line in logs if line["log_level"] == "error"] == ["Redis, Append-only file: it "]


async def test_a_redis_that_may_not_say_is_started_on_with_warnings(redis: Redis) -> None:
    watch = StoreWatch(Told(redis, SILENT), may_forget=False)
    with capture_logs() as logs:
        await watch.at_start()
    await asyncio.wait_for(watch.run(), 1)

    assert watch.keeps
    assert {line["log_level"] for line in logs} == {"warning"}
    assert len(logs) == 3


async def test_where_it_may_forget_nobody_asks(redis: Redis) -> None:
    probe = Told(redis, BAD)
    watch = StoreWatch(probe, may_forget=True)
    await watch.at_start()
    await asyncio.wait_for(watch.run(), 1)

    assert probe.asked == 0
    assert watch.keeps
