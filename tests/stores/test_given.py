"""Codes that were handed over: each once, by fingerprint, and not for ever."""

import asyncio
from typing import Any

from redis.asyncio import Redis

from bot.stores.given import GivenCodes


async def test_a_code_is_claimed_once_whoever_is_first(redis: Redis) -> None:
    store = GivenCodes(redis)

    won = await asyncio.gather(*(store.claim("T1", "hotel/batch", "k7m2p9", b"%d" % n) for n in range(8)))

    assert sum(won) == 1
    assert await store.all("T1", "hotel/batch") == {store.fingerprint("k7m2p9"): b"%d" % won.index(True)}
    assert await store.all("T2", "hotel/batch") == {}


async def test_a_code_that_was_released_can_be_claimed_again(redis: Redis) -> None:
    store = GivenCodes(redis)
    await store.claim("T1", "b", "code", b"x")

    await store.release("T1", "b", "code")

    assert await store.claim("T1", "b", "code", b"y")


async def test_no_code_rests_in_the_clear_and_everything_is_forgotten_in_the_end(redis: Redis) -> None:
    store = GivenCodes(redis)
    await store.claim("T1", "hotel/batch", "k7m2p9", b"x")
    keys: list[Any] = await redis.keys("*")
    [key] = keys
    kept: Any = await redis.dump(key)

    assert key.startswith(b"ct:given:{T1}:")
    assert b"hotel" not in key
    assert 89 * 86_400 < await redis.ttl(key) <= 90 * 86_400
    assert b"k7m2p9" not in kept
