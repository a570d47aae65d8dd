"""T1, T2: however many commands find a token expired or dead, it is refreshed once and nobody notices."""

import asyncio

import pytest

from bot.ct import CTUser, Me
from tests.services.replicas import ANA, world_of


@pytest.mark.parametrize("mode", ["immediate", "on_use"])
async def test_t1_one_refresh_for_200_calls_at_expiry(redis_url: str, mode: str) -> None:
    async with world_of(redis_url, refresh_mode=mode) as world:
        one, two = world.replica(), world.replica()
        await world.link(one, due=True)
        people = await asyncio.gather(*(replica.me() for replica in (one, two) for _ in range(100)))

        assert {me.email for me in people} == {"ana@venues.example"}
        assert world.refreshes == 1
        assert world.count("/api/", status=401) == 0


@pytest.mark.parametrize("mode", ["immediate", "on_use"])
async def test_t2_one_refresh_for_200_calls_with_a_dead_token(redis_url: str, mode: str) -> None:
    runs = 0

    async def work(user: CTUser) -> Me:
        nonlocal runs
        runs += 1
        return await user.me()

    async with world_of(redis_url, refresh_mode=mode) as world:
        one, two = world.replica(), world.replica()
        await world.link(one)
        world.ct.practice.tokens.kill_access()
        await asyncio.gather(*(r.sessions.call(ANA, work) for r in (one, two) for _ in range(100)))

        assert world.refreshes == 1
        assert runs <= 400
        assert world.kinds_told() == []
