"""Each delivery is first once (S2)."""

import asyncio

from redis.asyncio import Redis

from bot.identity import SlackUser
from bot.stores.deliveries import Deliveries, Delivery
from bot.stores.redis import connect

ANA, LEE, NAMESAKE = SlackUser("T1", "U1"), SlackUser("T1", "U2"), SlackUser("T2", "U1")


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


async def test_s2_one_of_many_copies_of_a_command_is_taken(redis: Redis, redis_url: str) -> None:
    other = connect(redis_url)
    stores = [Deliveries(redis, per_minute=1000), Deliveries(other, per_minute=1000)]
    for delivery in range(20):
        taken = await asyncio.gather(*(store.take(f"t{delivery}", ANA) for store in stores for _ in range(5)))

        assert sorted(taken, key=lambda one: one.value) == [Delivery.SEEN] * 9 + [Delivery.FIRST]
    await other.aclose()


async def test_s5_half_a_minutes_turns_at_once_for_each_and_the_rest_is_told_once(redis: Redis) -> None:
    store = Deliveries(redis, per_minute=30)
    taken = [await store.take(f"t{number}", ANA) for number in range(40)]
    others = [await store.take("x", LEE), await store.take("y", NAMESAKE)]

    assert taken == [Delivery.FIRST] * 15 + [Delivery.TOO_FAST] + [Delivery.TOO_FAST_STILL] * 24
    assert others == [Delivery.FIRST] * 2


async def test_s5_in_a_flood_the_store_is_not_asked_before_the_next_turn(redis: Redis) -> None:
    now = 0.0
    store = Deliveries(redis, per_minute=30, clock=lambda: now)
    for number in range(16):
        await store.take(f"t{number}", ANA)
    told_only = store.too_fast(ANA)
    await store.take("one more", ANA)

    assert not told_only
    assert store.too_fast(ANA)
    assert not store.too_fast(LEE)
    now = 1.0
    assert store.too_fast(ANA)
    now = 2.01  # a turn every two seconds
    assert not store.too_fast(ANA)


async def test_s5_a_rest_gives_turns_back_one_by_one(redis: Redis) -> None:
    store = Deliveries(redis, per_minute=30)
    for number in range(16):
        await store.take(f"t{number}", ANA)
    taken = float(await redis.hget("ct:rate:{T1}:T1:U1", "taken") or 0)
    await redis.hset("ct:rate:{T1}:T1:U1", "taken", f"{taken - 4000:.0f}")

    assert [await store.take(f"u{number}", ANA) for number in range(3)] == [
        *([Delivery.FIRST] * 2),
        Delivery.TOO_FAST_STILL,
    ]


async def test_a_script_that_redis_forgot_is_sent_anew(redis: Redis) -> None:
    store = Deliveries(redis)
    await store.take("a", ANA)
    await redis.script_flush()

    assert await store.take("b", ANA) is Delivery.FIRST


async def test_what_is_kept_of_a_person_fades_and_holds_no_delivery(redis: Redis) -> None:
    await Deliveries(redis).take("trigger", ANA)
    keys = await redis.keys("*")

    assert not any("trigger" in str(key) for key in keys)
    assert all([0 < await redis.ttl(key) <= 900 for key in keys])
