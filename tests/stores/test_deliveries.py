"""Each delivery is first once (S2)."""

import asyncio

from redis.asyncio import Redis

from bot.stores.deliveries import Deliveries
from bot.stores.redis import connect


async def test_s2_one_of_many_copies_is_the_first(redis: Redis, redis_url: str) -> None:
    other = connect(redis_url)
    stores = [Deliveries(redis), Deliveries(other)]
    for delivery in range(20):
        firsts = await asyncio.gather(*(store.first(f"v0={delivery}") for store in stores for _ in range(5)))

        assert sum(firsts) == 1
    await other.aclose()


async def test_s2_a_delivery_is_forgotten_after_a_quarter_of_an_hour_and_is_not_stored_itself(redis: Redis) -> None:
    await Deliveries(redis).first("v0=signature")
    (key,) = await redis.keys("*")

    assert isinstance(key, bytes)
    assert b"signature" not in key
    assert 890 < await redis.ttl(key) <= 900
