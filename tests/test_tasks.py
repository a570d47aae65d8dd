"""Background work has an owner: bounded, drained, never silently lost."""

import asyncio
import contextlib

import pytest
import structlog

from bot.tasks import TaskSet


async def nothing() -> None:
    """Ends at once."""


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_task_is_kept_until_it_ends() -> None:
    tasks = TaskSet()

    task = tasks.spawn(asyncio.sleep(0, "result"), name="work")

    assert len(tasks) == 1
    assert await task == "result"
    await asyncio.sleep(0)
    assert len(tasks) == 0


async def test_there_is_room_up_to_the_limit() -> None:
    tasks = TaskSet(limit=2)
    tasks.spawn(for_ever(), name="one")
    room = [tasks.has_room]
    tasks.spawn(for_ever(), name="two")
    room.append(tasks.has_room)

    assert room == [True, False]
    assert await tasks.drain(timeout=0) == 2


async def test_an_error_is_logged_with_the_name_of_the_task() -> None:
    async def fails() -> None:
        raise ValueError("no")

    tasks = TaskSet()
    with structlog.testing.capture_logs() as logs:
        tasks.spawn(fails(), name="directory")
        await tasks.drain(timeout=1)

    assert [(row["event"], row["task"]) for row in logs] == [("task failed", "directory")]


async def test_trouble_that_was_expected_is_one_line() -> None:
    async def fails() -> None:
        raise ValueError("CT is away")

    tasks = TaskSet()
    with structlog.testing.capture_logs() as logs:
        tasks.spawn(fails(), name="directory", expected=(ValueError,))
        await tasks.drain(timeout=1)

    assert logs == [
        {"log_level": "warning", "event": "task ended in trouble", "task": "directory", "error": "CT is away"}
    ]


async def test_draining_waits_for_what_ends_in_time() -> None:
    done = []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append(1)

    tasks = TaskSet()
    tasks.spawn(work(), name="work")

    assert await tasks.drain(timeout=5) == 0
    assert done == [1]
    assert not tasks.has_room


async def test_draining_waits_for_what_the_last_tasks_spawn() -> None:
    done = []
    tasks = TaskSet()

    async def second() -> None:
        await asyncio.sleep(0.01)
        done.append("second")

    async def first() -> None:
        tasks.spawn(second(), name="second")

    tasks.spawn(first(), name="first")

    assert await tasks.drain(timeout=5) == 0
    assert done == ["second"]


async def test_draining_cancels_what_is_late_and_says_how_much() -> None:
    tasks = TaskSet()
    late = [tasks.spawn(for_ever(), name="late") for _ in range(3)]

    with structlog.testing.capture_logs() as logs:
        cut = await tasks.drain(timeout=0.01)

    assert cut == 3
    assert all(task.cancelled() for task in late)
    assert logs == []


async def test_draining_an_idle_set_ends_at_once() -> None:
    tasks = TaskSet()

    assert await tasks.drain(timeout=60) == 0


async def test_a_task_that_cleans_up_when_cancelled_is_waited_for() -> None:
    cleaned = []

    async def careful() -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(0)
            cleaned.append(1)

    tasks = TaskSet()
    task = tasks.spawn(careful(), name="careful")
    await asyncio.sleep(0)

    await tasks.drain(timeout=0)

    assert cleaned == [1]
    with pytest.raises(asyncio.CancelledError):
        task.result()


async def test_who_loses_a_cancellation_is_cancelled_again() -> None:
    """What `asyncio.wait_for` does on Python 3.11; the bot then hung at its end, until it was killed."""

    async def loop_of_the_bot() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    tasks = TaskSet()
    task = tasks.spawn(loop_of_the_bot(), name="gauges")
    await asyncio.sleep(0)

    async with asyncio.timeout(10):
        assert await tasks.drain(timeout=0) == 1
    assert task.cancelled()
