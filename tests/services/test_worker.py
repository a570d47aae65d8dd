"""The worker runs due work, on any replica, through failures and outages."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.services.worker import Handler, Worker
from bot.stores.due import DueItem, DueQueue
from bot.stores.redis import connect
from bot.tasks import TaskSet
from tests.valkey import ValkeyProcess


class Bench:
    """Workers on one queue, and what they did."""

    def __init__(self, redis: Redis) -> None:
        self.queue = DueQueue(redis)
        self.tasks = TaskSet()
        self.did: list[str] = []
        self.workers: list[Worker] = []

    def work(self, handler: Handler, *, visibility: float = 0.2) -> Worker:
        worker = Worker(
            queue=self.queue, handlers={"x": handler}, tasks=self.tasks, visibility=visibility, interval=0.01
        )
        self.workers.append(worker)
        self.tasks.spawn(worker.run(), name="worker")
        return worker

    async def note(self, item: DueItem) -> float | None:
        self.did.append(item.id)
        return None

    async def until(self, true: Callable[[], bool] | Callable[[], Awaitable[bool]], *, within: float = 5) -> None:
        async with asyncio.timeout(within):
            while True:
                seen = true()
                if seen if isinstance(seen, bool) else await seen:
                    return
                await asyncio.sleep(0.005)

    async def is_empty(self) -> bool:
        return await self.queue.depth() == (0, 0)

    async def stop(self) -> int:
        for worker in self.workers:
            worker.stop()
        return await self.tasks.drain(timeout=5)


async def test_each_item_is_done_once_by_one_of_two_workers(redis: Redis) -> None:
    bench = Bench(redis)
    for n in range(50):
        await bench.queue.add("x", str(n), b"", delay=0)
    bench.work(bench.note)
    bench.work(bench.note)
    await bench.until(bench.is_empty)
    late = await bench.stop()

    assert sorted(map(int, bench.did)) == list(range(50))
    assert late == 0


async def test_an_item_comes_again_when_its_handler_says_so(redis: Redis) -> None:
    bench = Bench(redis)

    async def twice(item: DueItem) -> float | None:
        bench.did.append(item.id)
        return 0.02 if len(bench.did) < 2 else None

    await bench.queue.add("x", "a", b"", delay=0)
    bench.work(twice)
    await bench.until(bench.is_empty)
    await bench.stop()

    assert bench.did == ["a", "a"]


async def test_a_handler_that_fails_or_hangs_is_tried_again_after_the_visibility_time(redis: Redis) -> None:
    bench = Bench(redis)

    async def third_time_lucky(item: DueItem) -> float | None:
        bench.did.append(item.id)
        if len(bench.did) == 1:
            raise RuntimeError("a bug")
        if len(bench.did) == 2:
            await asyncio.sleep(60)
        return None

    await bench.queue.add("x", "a", b"", delay=0)
    with capture_logs() as logs:
        bench.work(third_time_lucky, visibility=0.05)
        await bench.until(bench.is_empty)
        await bench.stop()

    assert len(bench.did) == 3
    assert sum(line["event"].startswith("due work failed") for line in logs) == 2


async def test_work_of_an_unknown_kind_is_left_for_another_version(redis: Redis) -> None:
    bench = Bench(redis)
    await bench.queue.add("y", "a", b"", delay=0)
    bench.work(bench.note)

    async def put_off() -> bool:
        return await bench.queue.depth() == (1, 0) and not await bench.queue.claim(limit=1, visibility=1)

    await bench.until(put_off)
    await asyncio.sleep(0.25)
    await bench.stop()

    assert await bench.queue.depth() == (1, 0)


async def test_no_more_than_sixteen_items_run_at_once(redis: Redis) -> None:
    bench = Bench(redis)
    running, most = 0, 0

    async def count(_item: DueItem) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1

    for n in range(40):
        await bench.queue.add("x", str(n), b"", delay=0)
    bench.work(count, visibility=5)
    await bench.until(bench.is_empty)
    await bench.stop()

    assert most == 16


async def test_the_depth_is_there_for_the_metrics(redis: Redis) -> None:
    bench = Bench(redis)
    await bench.queue.add("x", "a", b"", delay=60)
    worker = bench.work(bench.note)
    await bench.until(lambda: worker.depth == 1)
    await bench.stop()

    assert worker.late == 0


@pytest.fixture
def own_valkey() -> Iterator[ValkeyProcess]:
    server = ValkeyProcess()
    server.start()
    yield server
    server.stop()


async def test_an_outage_is_logged_once_when_it_begins_and_once_when_it_ends(own_valkey: ValkeyProcess) -> None:
    client = connect(own_valkey.url)
    bench = Bench(client)
    with capture_logs() as logs:
        bench.work(bench.note)
        await bench.until(lambda: bench.workers[0].depth == 0)
        await bench.queue.add("x", "before", b"", delay=0)
        await bench.until(lambda: bench.did == ["before"])
        own_valkey.signal(signal.SIGKILL)
        await asyncio.sleep(0.1)
        own_valkey.start()
        await bench.queue.add("x", "after", b"", delay=0)
        await bench.until(lambda: "after" in bench.did)
        await bench.until(bench.is_empty)
        await bench.stop()
    await client.aclose()
    events = [line["event"] for line in logs]

    assert events.count("due work stands still") == 1
    assert events.count("due work goes on") == 1


async def test_an_outage_in_the_middle_of_a_handler_leaves_its_item(own_valkey: ValkeyProcess) -> None:
    client = connect(own_valkey.url)
    bench = Bench(client)

    async def cut_the_wire(item: DueItem) -> None:
        bench.did.append(item.id)
        if len(bench.did) == 1:
            own_valkey.signal(signal.SIGKILL)

    await bench.queue.add("x", "a", b"", delay=0)
    bench.work(cut_the_wire, visibility=0.05)
    await bench.until(lambda: bench.did == ["a"])
    await asyncio.sleep(0.05)
    own_valkey.start()
    await bench.until(bench.is_empty)
    await bench.stop()
    await client.aclose()

    assert bench.did == ["a", "a"]


async def test_a_bug_in_a_round_does_not_end_the_loop(redis: Redis) -> None:
    bench = Bench(redis)

    class Stumbling(DueQueue):
        async def claim(self, *, limit: int, visibility: float) -> list[DueItem]:
            if not bench.did:
                bench.did.append("stumbled")
                raise ValueError("a bug")
            return await super().claim(limit=limit, visibility=visibility)

    bench.queue = Stumbling(redis)
    await bench.queue.add("x", "a", b"", delay=0)
    with capture_logs() as logs:
        bench.work(bench.note)
        await bench.until(lambda: "a" in bench.did)
        await bench.stop()

    assert bench.did == ["stumbled", "a"]
    assert [line["event"] for line in logs] == ["a round of due work failed"]
