"""Who runs on this Redis, whether they are of one mind, and whether anybody picks up what is due."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot import __version__
from bot.doctor import replicas
from bot.settings import Settings
from bot.stores.due import DueQueue
from bot.stores.replicas import Replica, Replicas
from tests.stage import settings_for, staged

ONE = Replica("a", __version__, ("test",))


@pytest.fixture
def settings() -> Settings:
    return settings_for("http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1", "redis://127.0.0.1:1/0")


def test_nobody_is_unknown_and_says_how_to_start_one(settings: Settings) -> None:
    found = replicas.together([], settings)

    assert (found.verdict, found.todo) == ("unknown", "Start one: ct-bot serve.")


def test_replicas_that_are_alike_are_fine(settings: Settings) -> None:
    assert replicas.together([ONE], settings).seen == f"1 runs, version {__version__}"
    assert replicas.together([ONE, Replica("b", __version__, ("test",))], settings).seen.endswith("all alike")


def test_replicas_without_a_key_in_common_are_wrong(settings: Settings) -> None:
    found = replicas.together([ONE, Replica("b", __version__, ("new",))], settings)

    assert found.verdict == "wrong"
    assert "no data key in common" in found.seen


def test_a_key_being_rotated_is_no_fault(settings: Settings) -> None:
    """They write with the newest that all of them can read."""
    found = replicas.together([ONE, Replica("b", __version__, ("new", "test"))], settings)

    assert found.verdict == "warning"
    assert "other data keys than these settings" in found.seen


def test_another_version_is_a_warning(settings: Settings) -> None:
    found = replicas.together([ONE, Replica("b", "0.0.9", ("test",))], settings)

    assert found.verdict == "warning"
    assert f"version 0.0.9 and {__version__}" in found.seen


@pytest.mark.parametrize(
    ("total", "late_by", "running", "verdict", "said"),
    [
        (0, 0.0, True, "fine", "nothing waits"),
        (1, 0.0, True, "fine", "1 item waits, none late"),
        (3, 4.0, True, "fine", "3 items wait, none late"),
        (3, 30.0, True, "warning", "the oldest 30 s late"),
        (3, 3000.0, True, "wrong", "the oldest 3,000 s late"),
        (3, 3000.0, False, "warning", "the oldest 3,000 s late"),
    ],
)
def test_due_work_is_late_when_nobody_picks_it_up(
    total: int, late_by: float, running: bool, verdict: str, said: str
) -> None:
    found = replicas.work(total, late_by, running=running)

    assert (found.verdict, said in found.seen) == (verdict, True)


async def test_who_announced_themselves_is_there_until_they_leave(redis: Redis) -> None:
    who, other = Replicas(redis), Replica("b", "0.0.9", ("k1", "k0"))
    await who.announce(ONE)
    await who.announce(other)
    await who.announce(ONE)
    both = await who.all()
    await who.leave(ONE)

    assert sorted(both, key=lambda one: one.id) == [ONE, other]
    assert await who.all() == [other]
    assert 0 < await redis.ttl("ct:replicas") <= 60


async def test_who_has_been_silent_is_left_out_and_so_is_what_cannot_be_read(redis: Redis) -> None:
    seconds, _ = await redis.time()
    await redis.zadd("ct:replicas", {b'{"id":"old","version":"1","keys":[]}': (seconds - 20) * 1000})
    await redis.zadd("ct:replicas", {b"\x00from another version": (seconds + 1) * 1000})
    await Replicas(redis).announce(ONE)

    assert await Replicas(redis).all() == [ONE]


async def test_how_late_the_oldest_item_is_goes_by_redis_own_clock(redis: Redis) -> None:
    queue = DueQueue(redis)
    empty = await queue.late_by()
    await queue.add("follow-up", "later", b"", delay=60)
    not_yet = await queue.late_by()
    await queue.add("follow-up", "now", b"", delay=0)
    await asyncio.sleep(0.05)

    assert (empty, not_yet) == (0, 0)
    assert 0.04 < await queue.late_by() < 5


async def test_every_replica_of_a_bot_announces_itself_and_leaves_at_the_end(redis: Redis, redis_url: str) -> None:
    who = Replicas(redis)
    async with staged(redis, redis_url, replicas=2, locations=1, boxes=1):
        async with asyncio.timeout(5):
            while len(found := await who.all()) < 2:
                await asyncio.sleep(0.01)

    assert {(one.version, one.keys) for one in found} == {(__version__, ("test",))}
    assert await who.all() == []
