"""What Redis says of itself, and how it answers: for the doctor. `ct:doctor:{<id>}`, ten seconds to live.

A managed Redis may forbid INFO or CONFIG: what it does not tell is None. No text holds a key, an argument, a password.
"""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.stores.redis import Script, guarded

_LIFE_MS = 10_000
_PINGS = 7

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Configuration:
    """INFO as redis-py reads it, and `appendfsync`, which only CONFIG tells."""

    info: dict[str, Any] | None
    appendfsync: str | None

    def text(self, name: str) -> str | None:
        """A field of INFO as text."""
        return None if self.info is None or name not in self.info else str(self.info[name])

    def number(self, name: str) -> int | None:
        """A field of INFO as a whole number."""
        value = self.text(name)
        return int(value) if value is not None and value.isdigit() else None


@dataclass(frozen=True, slots=True)
class Exercise:
    """Round trips in seconds; for what was refused, the word that Redis begins its refusal with (`MISCONF`, `OOM`)."""

    pings: tuple[float, ...] = ()
    write: float | None = None
    write_refused: str | None = None
    script_refused: str | None = None
    ahead: float | None = field(default=None)  # seconds by which Redis's clock is ahead of ours


class Probe:
    """Asks and tries."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._time = Script(redis, "return redis.call('TIME')")

    @staticmethod
    def _key(name: str) -> str:
        return f"ct:doctor:{{{name}}}"

    @guarded
    async def configuration(self) -> Configuration:
        """What it says of itself; raises StoreDownError when it does not answer at all."""
        await self._redis.ping()
        info: dict[str, Any] | None = await _unless_refused(self._redis.info)
        told: dict[Any, Any] | None = await _unless_refused(lambda: self._redis.config_get("appendfsync"))
        return Configuration(info or None, (told or {}).get("appendfsync"))

    @guarded
    async def exercise(self) -> Exercise:
        """Some pings, a write to a key of our own, a script."""
        pings = tuple([await self._timed(self._redis.ping) for _ in range(_PINGS)])
        key = self._key(secrets.token_hex(8))
        write, write_refused = await self._tried(lambda: self._redis.set(key, b"1", px=_LIFE_MS))
        ahead, script_refused = None, None
        before = time.time()
        try:
            seconds, micros = await self._time([])
            ahead = int(seconds) + int(micros) / 1e6 - (before + time.time()) / 2
        except ResponseError as error:
            script_refused = _word(error)
        return Exercise(pings, write, write_refused, script_refused, ahead)

    async def _timed(self, work: Callable[[], Awaitable[Any]]) -> float:
        began = time.perf_counter()
        await work()
        return time.perf_counter() - began

    async def _tried(self, work: Callable[[], Awaitable[Any]]) -> tuple[float | None, str | None]:
        try:
            return await self._timed(work), None
        except ResponseError as error:
            return None, _word(error)


async def _unless_refused(work: Callable[[], Awaitable[T]]) -> T | None:
    """What was asked for; None where this Redis, or our user of it, may not say."""
    try:
        return await work()
    except ResponseError:
        return None


_NAMES = {"NoPermissionError": "NOPERM", "ReadOnlyError": "READONLY", "OutOfMemoryError": "OOM"}


def _word(error: ResponseError) -> str:
    """redis-py takes the word off the errors that have a class of their own."""
    first = str(error).partition(" ")[0]
    return _NAMES.get(type(error).__name__) or (first if first.isupper() and first.isascii() else type(error).__name__)
