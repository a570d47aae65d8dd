"""Due work comes when it is due, to one claimer, and comes back if it is not done."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.stores.due import DueItem, DueQueue


@pytest.fixture
def queue(redis: Redis) -> DueQueue:
    return DueQueue(redis)


async def test_an_item_is_claimed_when_it_is_due_and_not_before(queue: DueQueue) -> None:
    await queue.add("follow-up", "op:1 with a space", b"\x00\xff", delay=0.05)
    early = await queue.claim(limit=10, visibility=5)
    await asyncio.sleep(0.06)
    items = await queue.claim(limit=10, visibility=5)

    assert early == []
    assert [(item.kind, item.id, item.payload) for item in items] == [("follow-up", "op:1 with a space", b"\x00\xff")]


async def test_a_claimed_item_is_hidden_for_its_visibility_time(queue: DueQueue) -> None:
    await queue.add("revoke", "a", b"", delay=0)
    await queue.claim(limit=10, visibility=0.05)
    hidden = await queue.claim(limit=10, visibility=5)
    await asyncio.sleep(0.06)

    assert hidden == []
    assert len(await queue.claim(limit=10, visibility=5)) == 1


async def test_each_item_goes_to_one_of_many_claimers(queue: DueQueue) -> None:
    for n in range(40):
        await queue.add("revoke", str(n), b"", delay=0)
    claims = await asyncio.gather(*(queue.claim(limit=3, visibility=30) for _ in range(20)))

    assert sorted(int(item.id) for items in claims for item in items) == list(range(40))


async def _claim_one(queue: DueQueue, visibility: float = 30) -> DueItem:
    (item,) = await queue.claim(limit=10, visibility=visibility)
    return item


async def test_a_done_item_is_gone(queue: DueQueue) -> None:
    await queue.add("revoke", "a", b"x", delay=0)
    await queue.done(await _claim_one(queue))

    assert await queue.depth() == (0, 0)


async def test_a_later_item_keeps_its_payload(queue: DueQueue) -> None:
    await queue.add("revoke", "a", b"x", delay=0)
    await queue.later(await _claim_one(queue), delay=0)

    assert (await _claim_one(queue)).payload == b"x"


async def test_an_item_added_anew_survives_the_end_of_the_old_one(queue: DueQueue) -> None:
    await queue.add("revoke", "a", b"old", delay=0)
    item = await _claim_one(queue)
    await queue.add("revoke", "a", b"new", delay=0)
    await queue.done(item)
    await queue.later(item, delay=60)

    assert (await _claim_one(queue)).payload == b"new"


async def test_a_slow_claimer_cannot_end_what_another_claimed_after_it(queue: DueQueue) -> None:
    await queue.add("revoke", "a", b"", delay=0)
    slow = await _claim_one(queue, visibility=0.01)
    await asyncio.sleep(0.02)
    await _claim_one(queue)
    await queue.done(slow)

    assert await queue.depth() == (1, 0)


async def test_depth_tells_all_items_and_the_overdue_ones(queue: DueQueue) -> None:
    await queue.add("revoke", "a", b"", delay=60)
    await queue.add("revoke", "b", b"", delay=-1)

    assert await queue.depth() == (2, 1)


async def test_a_removed_item_is_gone_even_when_claimed(queue: DueQueue) -> None:
    await queue.add("revoke", "a", b"", delay=0)
    item = await _claim_one(queue)
    await queue.remove("revoke", "a")
    await queue.later(item, delay=0)

    assert await queue.depth() == (0, 0)


async def test_hastening_again_and_again_puts_nothing_off(queue: DueQueue) -> None:
    for _ in range(4):
        await queue.hasten("outbox", "C01", delay=0.2)
        await asyncio.sleep(0.1)

    assert [item.id for item in await queue.claim(limit=5, visibility=20)] == ["C01"]


async def test_what_is_hastened_while_it_is_claimed_is_done_once_more(queue: DueQueue) -> None:
    await queue.hasten("outbox", "C01", delay=0)
    (item,) = await queue.claim(limit=5, visibility=20)
    await queue.hasten("outbox", "C01", delay=0)
    await queue.done(item)

    assert [again.id for again in await queue.claim(limit=5, visibility=20)] == ["C01"]


async def test_what_is_due_late_is_hastened(queue: DueQueue) -> None:
    await queue.add("outbox", "C01", b"", delay=60)
    await queue.hasten("outbox", "C01", delay=0)

    assert [item.id for item in await queue.claim(limit=5, visibility=20)] == ["C01"]
