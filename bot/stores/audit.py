"""The audit: who did what, when, and how it ended (`guarantees.md` O2)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import structlog
from redis.asyncio import Redis

from bot.log import scrub_text
from bot.stores.redis import guarded

log = structlog.get_logger("audit")

STREAM = "ct:audit"  # no time to live: kept by length, because an audit must not forget in quiet times
LENGTH = 100_000
_AT_ONCE, _MOST_LOOKED_AT = 500, 10_000


def row_of(event: str, **fields: object) -> dict[str, str]:
    """One row: with the reference of what is being done, without what is None, without secrets."""
    fields = structlog.contextvars.get_contextvars() | fields
    return {"event": event} | {name: scrub_text(str(value)) for name, value in fields.items() if value is not None}


def say(row: dict[str, str]) -> None:
    """The same row as a log line."""
    log.info(**row, audit=True)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of the audit, newest first. `until`: how far back was looked (ms), None where nothing older is left."""

    rows: list[dict[str, str]]
    until: int | None


class Audit:
    """A Redis stream of flat rows; each row is a log line as well, written first, and carries its reference.

    What happens to an operation is written by `OperationStore`, together with its record.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @guarded
    async def record(self, event: str, **fields: object) -> None:
        """Write one row; raises StoreDownError, after which nothing that needs the row may happen."""
        entry: Any = row_of(event, **fields)
        say(entry)
        await self._redis.xadd(STREAM, entry, maxlen=LENGTH, approximate=True)

    @guarded
    async def tail(self, n: int) -> list[dict[str, str]]:
        """The newest `n` rows, oldest first; `at` is Redis's time in ms."""
        found: Any = await self._redis.xrevrange(STREAM, count=n)
        return [_row(entry, row) for entry, row in reversed(found)]

    @guarded
    async def about(self, things: Collection[str], *, tag: str, most: int = 200) -> Found:
        """The newest rows about boxes or locations (slugs) that people of one installation (`tag`) wrote.

        It looks at the newest ten thousand rows and no further, a few hundred at a time.
        """
        rows: list[dict[str, str]] = []
        newest, looked = "+", 0
        while looked < _MOST_LOOKED_AT:
            found: Any = await self._redis.xrevrange(STREAM, max=newest, count=_AT_ONCE)
            told = [_row(entry, row) for entry, row in found]
            rows += [row for row in told if row.get("box") in things and row.get("user", "").startswith(f"{tag}:")]
            if len(rows) >= most:
                rows = rows[:most]
                return Found(rows, int(rows[-1]["at"]))
            if len(found) < _AT_ONCE:
                return Found(rows, None)
            newest, looked = f"({found[-1][0].decode()}", looked + len(found)
        return Found(rows, int(newest[1:].partition("-")[0]))


def _row(entry: bytes, row: dict[bytes, bytes]) -> dict[str, str]:
    return {"at": entry.decode().partition("-")[0]} | {k.decode(): v.decode() for k, v in row.items()}
