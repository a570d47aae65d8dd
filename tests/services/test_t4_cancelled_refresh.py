"""T4: whoever is cancelled in mid-refresh, the pair is not lost."""

import asyncio
import random

import pytest

from bot.errors import StoreDownError
from tests.services.replicas import ANA, world_of

RUNS = 15


@pytest.mark.parametrize("mode", ["immediate", "on_use"])
async def test_t4_cancelled_callers_lose_no_pair(redis_url: str, mode: str) -> None:
    async with world_of(redis_url, refresh_mode=mode) as world:
        replica = world.replica()
        await world.link(replica)
        for _ in range(RUNS):
            await world.let_timer_run_out(replica)
            world.fault("delay", delay=0.01, after=True)
            callers = [replica.tasks.spawn(replica.me(), name="command") for _ in range(5)]
            await asyncio.sleep(random.uniform(0, 0.025))
            for caller in callers:
                caller.cancel()
            await replica.settle()
            me = await replica.me()

            assert me.email == "ana@venues.example"
        assert world.kinds_told() == []
        assert world.count("/api/", status=401) == 0


async def test_t4_a_drain_waits_for_the_refresh(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="immediate") as world:
        replica, other = world.replica(), world.replica()
        gen = await world.link(replica, due=True)
        world.fault("delay", delay=0.2, after=True)
        caller = asyncio.ensure_future(replica.me())
        await world.until_ct_refreshes()
        cancelled = await replica.tasks.drain(timeout=5)
        await caller
        record = await other.tokens.load(ANA)

        assert cancelled == 0
        assert record is not None
        assert record.gen != gen


async def test_t4_a_drain_waits_for_a_refresh_that_begins_meanwhile(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="immediate") as world:
        replica, other = world.replica(), world.replica()
        gen = await world.link(replica, due=True)

        async def command() -> None:
            await asyncio.sleep(0.05)
            await replica.me()

        world.fault("delay", delay=0.1, after=True)
        caller = replica.tasks.spawn(command(), name="command")
        asyncio.get_running_loop().call_later(0.1, caller.cancel)
        cancelled = await replica.tasks.drain(timeout=20)
        record = await other.tokens.load(ANA)

        assert cancelled == 0
        assert record is not None
        assert record.gen != gen


async def test_t4_a_drain_that_runs_out_while_saving_saves_once_more(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="immediate") as world:
        replica = world.replica(save_every=30.0, ahead=10.0)
        gen = await world.link(replica, due=True)
        world.fault("delay", delay=0.2, after=True)
        caller = asyncio.ensure_future(replica.me())
        await world.until_ct_refreshes()
        await replica.refuse_writes()
        with pytest.raises(StoreDownError):
            await caller
        await replica.accept_writes()
        cancelled = await replica.tasks.drain(timeout=0)
        record = await replica.tokens.load(ANA)

        assert cancelled == 1
        assert record is not None
        assert record.gen != gen
