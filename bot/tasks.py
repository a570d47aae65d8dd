"""Background work with an owner: bounded, drained at shutdown, and never silently lost."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")

_CANCEL_AGAIN = 0.5  # seconds


class TaskSet:
    """A bounded set of running tasks. The only place that calls `create_task`."""

    def __init__(self, *, limit: int = 1000) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._limit = limit
        self._closed = False

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def has_room(self) -> bool:
        return not self._closed and len(self._tasks) < self._limit

    def spawn(
        self, work: Coroutine[Any, Any, T], *, name: str, expected: tuple[type[Exception], ...] = ()
    ) -> asyncio.Task[T]:
        """Start `work` and keep it until it ends; an exception in it is logged, never lost.

        `expected`: no faults of ours, but trouble that whoever waits for the task is told of: a line, no traceback.
        """
        task = asyncio.create_task(work, name=name)  # noqa: TID251 - this is the one place
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(task, expected))
        return task

    def _ended(self, task: asyncio.Task[Any], expected: tuple[type[Exception], ...]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or not (error := task.exception()):
            return
        if isinstance(error, expected):
            log.warning("task ended in trouble", task=task.get_name(), error=str(error))
        else:
            log.error("task failed", task=task.get_name(), exc_info=error)

    async def drain(self, *, timeout: float) -> int:
        """Take no more work, wait `timeout` seconds at most, cancel the rest; returns how many were cancelled.

        What the last tasks spawn is waited for, and cancelled, as they are: a command may be renewing a token. Who
        lives on is cancelled again: `asyncio.wait_for`, which redis-py sends with, loses a cancellation on Python 3.11
        when what it waits for is done in the same moment.
        """
        self._closed = True
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while self._tasks and (left := until - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        cut: set[asyncio.Task[Any]] = set()
        while late := set(self._tasks):
            cut |= late
            for task in late:
                task.cancel()
            await asyncio.wait(late, timeout=_CANCEL_AGAIN)
        return len(cut)
