"""So many in an hour for a person, so many in a day for a workspace; what is refused is not counted."""

import asyncio

from redis.asyncio import Redis

from bot.identity import SlackUser
from bot.stores.ceilings import DAY, HOUR, CeilingStore

ANA, LEE, ELSEWHERE = SlackUser("T1", "U1"), SlackUser("T1", "U2"), SlackUser("T2", "U1")


async def test_a_person_reaches_theirs_and_others_do_not(redis: Redis) -> None:
    store = CeilingStore(redis)

    took = [await store.take(ANA, hourly=2, daily=9, op_id=f"a{n}") for n in range(3)]

    assert took == [None, None, "person"]
    assert await store.take(LEE, hourly=2, daily=9, op_id="b") is None


async def test_a_workspace_reaches_its_own_and_another_does_not(redis: Redis) -> None:
    store = CeilingStore(redis)
    await store.take(ANA, hourly=9, daily=2, op_id="a")
    await store.take(LEE, hourly=9, daily=2, op_id="b")

    assert await store.take(LEE, hourly=9, daily=2, op_id="c") == "workspace"
    assert await store.take(ELSEWHERE, hourly=9, daily=2, op_id="d") is None


async def test_what_is_refused_or_only_asked_about_is_not_counted(redis: Redis) -> None:
    store = CeilingStore(redis)
    for _ in range(3):
        assert await store.take(ANA, hourly=5, daily=5, count=6) == "person"
        assert await store.take(ANA, hourly=9, daily=5, count=6) == "workspace"
        assert await store.take(ANA, hourly=5, daily=5, count=5) is None

    assert await redis.keys("*") == []


async def test_fifty_at_once_do_not_pass_it(redis: Redis) -> None:
    store = CeilingStore(redis)

    took = await asyncio.gather(*(store.take(ANA, hourly=20, daily=100, op_id=str(n)) for n in range(50)))

    assert took.count(None) == 20


async def test_an_hour_later_there_is_room_again(redis: Redis) -> None:
    store = CeilingStore(redis)
    await store.take(ANA, hourly=1, daily=9, op_id="a")
    (hour,) = await redis.keys("*:hour:*")
    (day,) = await redis.keys("*:day:*")
    await redis.zincrby(hour, -HOUR - 1, "a")

    assert await store.take(ANA, hourly=1, daily=9, op_id="b") is None
    assert 0 < await redis.ttl(hour) <= HOUR
    assert HOUR < await redis.ttl(day) <= DAY


async def test_what_is_given_back_counts_no_more_and_nothing_else_goes(redis: Redis) -> None:
    store = CeilingStore(redis)
    await store.take(ANA, hourly=2, daily=2, op_id="sent")
    await store.take(ANA, hourly=2, daily=2, op_id="refused")

    await store.give_back(ANA, "refused")

    took = [await store.take(ANA, hourly=2, daily=2, op_id=f"a{n}") for n in range(2)]
    assert took == [None, "person"]
