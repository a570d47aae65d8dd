"""Messages that Slack has not taken yet: `ct:out:{<destination>}`, a list for each, oldest first, kept for a day.

Beside it `ct:out:{<destination>}:sender`, whoever is sending them now: some seconds, so that one that dies is replaced;
and `ct:out:{<destination>}:failing`, since when Slack has taken none of them: until it takes one, or a day.
"""

from collections.abc import Awaitable
from typing import cast

from redis.asyncio import Redis

from bot.stores.redis import Script, guarded

_DAY = 86_400
_MOST = 500  # for one destination: an outage of a day must not fill the store


_HOLD = """
local has = redis.call('GET', KEYS[1])
if has and has ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_FAILING = """
local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', now), 'NX', 'EX', ARGV[1])
return now - redis.call('GET', KEYS[1])
"""
_LET_GO = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class OutboxStore:
    """Sealed messages in their order; the caller opens them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._hold = Script(redis, _HOLD)
        self._let_go = Script(redis, _LET_GO)
        self._failing = Script(redis, _FAILING)

    @staticmethod
    def _key(to: str) -> str:
        return f"ct:out:{{{to}}}"

    @staticmethod
    def _sender_key(to: str) -> str:
        return f"ct:out:{{{to}}}:sender"

    @staticmethod
    def _failing_key(to: str) -> str:
        return f"ct:out:{{{to}}}:failing"

    @guarded
    async def failing(self, to: str) -> float:
        """Note that Slack did not take one; seconds since it began to take none."""
        return int(await self._failing([self._failing_key(to)], _DAY)) / 1000

    @guarded
    async def hold(self, to: str, sender: str, *, seconds: float) -> bool:
        """Be the one that sends to `to`, for so long from now; False while another is."""
        return bool(await self._hold([self._sender_key(to)], sender, round(seconds * 1000)))

    @guarded
    async def let_go(self, to: str, sender: str) -> None:
        """Let another send to it."""
        await self._let_go([self._sender_key(to)], sender)

    @guarded
    async def waits(self, to: str) -> bool:
        """True when something for `to` is waiting: what comes after it has to wait as well."""
        return bool(await self._redis.exists(self._key(to)))

    @guarded
    async def push(self, to: str, sealed: bytes) -> None:
        """Put a message behind those that wait; the oldest of very many is dropped."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.rpush(self._key(to), sealed)
        pipe.ltrim(self._key(to), -_MOST, -1)
        pipe.expire(self._key(to), _DAY)
        await pipe.execute()

    @guarded
    async def head(self, to: str) -> bytes | None:
        """The oldest message, left where it is."""
        return await cast("Awaitable[bytes | None]", self._redis.lindex(self._key(to), 0))

    @guarded
    async def drop(self, to: str, sealed: bytes, *, taken: bool) -> None:
        """Forget a message that was delivered, or never can be (not `taken`)."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.lrem(self._key(to), 1, cast("str", sealed))
        if taken:
            pipe.delete(self._failing_key(to))
        await pipe.execute()
