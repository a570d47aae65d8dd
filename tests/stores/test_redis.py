"""The way to Redis: quick to fail, and failures leave by one door without their arguments."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.errors import StoreDownError
from bot.stores.redis import CONNECTIONS, connect, guarded


class _Shelf:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @guarded
    async def put(self, value: str) -> None:
        await self._redis.set("shelf", value)

    @guarded
    async def misuse(self, value: str) -> None:
        await self._redis.lpush("shelf", value)

    @guarded
    async def stumble(self) -> None:
        raise ValueError("ours")

    @guarded
    async def run_out(self) -> None:
        raise RuntimeError("ours")

    @guarded
    async def lose_the_line(self) -> None:
        """As uvloop has it; row D3 makes it happen for real."""
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")


async def test_an_unreachable_redis_is_a_store_that_is_down() -> None:
    client = connect("redis://:s3cret@127.0.0.1:1/0")
    with pytest.raises(StoreDownError) as down:
        await _Shelf(client).put("planted")
    await client.aclose()

    assert "s3cret" not in str(down.value)
    assert "planted" not in str(down.value)
    assert down.value.__cause__ is not None


async def test_a_refusal_of_redis_is_a_store_that_is_down(redis: Redis) -> None:
    await _Shelf(redis).put("x")
    with pytest.raises(StoreDownError) as down:
        await _Shelf(redis).misuse("planted")

    assert "planted" not in str(down.value)


async def test_an_error_of_our_own_stays_itself(redis: Redis) -> None:
    with pytest.raises(ValueError, match="ours"):
        await _Shelf(redis).stumble()
    with pytest.raises(RuntimeError, match="ours"):
        await _Shelf(redis).run_out()


async def test_a_connection_reset_under_a_command_is_a_store_that_is_down(redis: Redis) -> None:
    with pytest.raises(StoreDownError):
        await _Shelf(redis).lose_the_line()


async def test_more_callers_than_connections_wait_their_turn(redis: Redis) -> None:
    answers = await asyncio.gather(*(redis.ping() for _ in range(5 * CONNECTIONS)))

    assert all(answers)
    assert len(answers) == 5 * CONNECTIONS
