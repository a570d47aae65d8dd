"""Runs due work on this replica; every replica has one (`design.md` decision 7)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.errors import StoreDownError
from bot.log import about
from bot.stores.due import DueItem, DueQueue
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)

Handler = Callable[[DueItem], Awaitable[float | None]]
"""Does one item; returns the seconds until it is due again, or None: done. Must be safe to run twice."""

_CONCURRENCY = 16
_UNKNOWN_PAUSE = 60.0  # another version of the bot may know the kind
_DEPTH_EVERY = 5.0


class Worker:
    """Claims what is due and hands it to its handler, `_CONCURRENCY` at once.

    A handler that fails, hangs or dies leaves its item hidden for `visibility` seconds; then any replica takes it.
    """

    def __init__(
        self,
        *,
        queue: DueQueue,
        handlers: Mapping[str, Handler],
        tasks: TaskSet,
        visibility: float = 20.0,
        interval: float = 0.5,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._tasks = tasks
        self._visibility = visibility
        self._interval = interval
        self._stopped = asyncio.Event()
        self._busy = 0
        self._down_since: float | None = None
        self._measured = float("-inf")
        self.depth = 0  # items in the queue, all replicas together
        self.late = 0  # of these, due and not yet claimed

    def stop(self) -> None:
        """Claim nothing more; what is under way ends in the task set."""
        self._stopped.set()

    async def run(self) -> None:
        """Loop until `stop`; an outage of the store is logged once when it begins and once when it ends."""
        while not self._stopped.is_set():
            try:
                full = await self._round()
            except StoreDownError as error:
                self._outage_begins(error)
                full = False
            except Exception:
                log.exception("a round of due work failed")
                full = False
            else:
                self._outage_ends()
            if not full:
                await self._rest()

    async def _round(self) -> bool:
        """Claim once; True when there may be more to claim right now."""
        if time.monotonic() - self._measured >= _DEPTH_EVERY:
            self.depth, self.late = await self._queue.depth()
            self._measured = time.monotonic()
        free = _CONCURRENCY - self._busy
        if free <= 0 or not self._tasks.has_room:
            return False
        items = await self._queue.claim(limit=free, visibility=self._visibility)
        for item in items:
            self._busy += 1
            self._tasks.spawn(self._do(item), name=f"due {item.kind}").add_done_callback(self._freed)
        return len(items) == free

    def _freed(self, _task: object) -> None:
        self._busy -= 1

    async def _do(self, item: DueItem) -> None:
        with about():
            await self._handled(item)

    async def _handled(self, item: DueItem) -> None:
        handler = self._handlers.get(item.kind)
        try:
            if handler is None:
                log.warning("due work of an unknown kind", kind=item.kind)
                again: float | None = _UNKNOWN_PAUSE
            else:
                async with asyncio.timeout(self._visibility * 0.9):
                    again = await handler(item)
            await (self._queue.done(item) if again is None else self._queue.later(item, delay=again))
        except StoreDownError as error:
            log.warning("due work is left for later", kind=item.kind, id=item.id, error=str(error))
        except Exception:
            log.exception("due work failed, it will be tried again", kind=item.kind, id=item.id)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), self._interval)
        except TimeoutError:
            return

    def _outage_begins(self, error: StoreDownError) -> None:
        if self._down_since is None:
            self._down_since = time.monotonic()
            log.error("due work stands still", error=str(error))

    def _outage_ends(self) -> None:
        if self._down_since is not None:
            log.info("due work goes on", seconds=round(time.monotonic() - self._down_since, 1))
            self._down_since = None
