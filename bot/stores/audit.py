"""The audit: who did what, when, and how it ended (`guarantees.md` O2)."""

from typing import Any

import structlog
from redis.asyncio import Redis

from bot.log import scrub_text
from bot.stores.redis import guarded

log = structlog.get_logger("audit")

_STREAM = "ct:audit"  # no time to live: kept by length, because an audit must not forget in quiet times
_LENGTH = 100_000


class Audit:
    """A Redis stream of flat rows; each row is a log line as well, written first."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @guarded
    async def record(self, event: str, **fields: object) -> None:
        """Write one row; raises StoreDownError, after which nothing that needs the row may happen."""
        row: dict[str, str] = {name: scrub_text(str(value)) for name, value in fields.items() if value is not None}
        log.info(event, audit=True, **row)
        entry: Any = {"event": event, **row}
        await self._redis.xadd(_STREAM, entry, maxlen=_LENGTH, approximate=True)

    @guarded
    async def tail(self, n: int) -> list[dict[str, str]]:
        """The newest `n` rows, oldest first; `at` is Redis's time in ms."""
        found: Any = await self._redis.xrevrange(_STREAM, count=n)
        return [
            {"at": entry.decode().partition("-")[0]} | {k.decode(): v.decode() for k, v in row.items()}
            for entry, row in reversed(found)
        ]
