"""So many at once for each of many: one greedy caller waits for itself, not everybody for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(slots=True)
class _Row:
    free: asyncio.Semaphore
    users: int = 0


class Turns:
    """At most `most` at once for each key; who comes later waits. A key that nobody uses costs nothing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: dict[str, _Row] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @contextlib.asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Wait for a turn of `key`, and hold it as long as the block lasts."""
        row = self._rows.setdefault(key, _Row(asyncio.Semaphore(self._most)))
        row.users += 1
        try:
            async with row.free:
                yield
        finally:
            row.users -= 1
            if not row.users:
                del self._rows[key]
