"""T6: a store that does not take a renewed pair delays its use, and loses nothing."""

import asyncio

import pytest

from bot.errors import StoreDownError
from tests.services.replicas import ANA, Replica, World, world_of


async def _refresh_into_an_outage(world: World, replica: Replica) -> None:
    """CT answers the refresh when the store has just stopped taking writes."""
    world.ct.practice.tokens.kill_access()
    world.fault("delay", delay=0.2, after=True)
    caller = asyncio.ensure_future(replica.me())
    await world.until_ct_refreshes()
    await replica.refuse_writes()
    with pytest.raises(StoreDownError):
        await caller


async def test_t6_no_call_is_made_with_an_unsaved_token(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="on_use") as world:
        replica = world.replica()
        await world.link(replica)
        await _refresh_into_an_outage(world, replica)
        with pytest.raises(StoreDownError):
            await replica.me()
        unsaved = world.ct.practice.tokens.rows[-1]
        used = unsaved.previous is None
        await replica.accept_writes()
        await replica.settle()
        await replica.me()

        assert not used
        assert world.refreshes == 1
        assert unsaved.previous is None


async def test_t6_the_pair_is_saved_as_soon_as_the_store_is_back(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="immediate") as world:
        replica, other = world.replica(), world.replica()
        gen = await world.link(replica)
        await _refresh_into_an_outage(world, replica)
        await replica.accept_writes()
        await replica.settle()
        record = await other.tokens.load(ANA)

        assert record is not None
        assert record.gen != gen
        assert (await other.me()).email == "ana@venues.example"
        assert world.refreshes == 1


async def test_t6_after_a_minute_it_is_given_up_and_said(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="on_use") as world:
        replica = world.replica(save_for=0.05, lock=0.3)
        await world.link(replica)
        await _refresh_into_an_outage(world, replica)
        await replica.settle()
        await replica.accept_writes()

        assert (await replica.me()).email == "ana@venues.example"
        assert world.kinds_told() == []


async def test_t6_a_full_store_still_takes_a_renewed_pair(redis_url: str) -> None:
    """Giving the lock back makes the room that the save needs."""
    async with world_of(redis_url, refresh_mode="immediate") as world:
        replica = world.replica()
        await world.link(replica, due=True)
        world.fault("delay", delay=0.2, after=True)
        caller = asyncio.ensure_future(replica.me())
        await world.until_ct_refreshes()
        await replica.redis.config_set("maxmemory", 1)
        await caller

        assert world.refreshes == 1
        assert world.count("/api/", status=401) == 0
