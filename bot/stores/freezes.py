"""The freeze: while `ct:freeze:{all}` stands, nothing is rebooted. No time to live: whoever froze lifts it again."""

from collections.abc import Awaitable
from typing import cast

from redis.asyncio import Redis

from bot.stores.redis import Script, guarded

_KEY = "ct:freeze:{all}"
_SET = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
"""


class FreezeStore:
    """One freeze for the whole bot: it is the switch for when all is on fire."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._set = Script(redis, _SET)

    @guarded
    async def begin(self, data: bytes) -> bool:
        """False when there is a freeze already; it stays as it is."""
        return bool(await self._set([_KEY], data))

    @guarded
    async def find(self) -> bytes | None:
        """The freeze that stands, if any."""
        return await cast("Awaitable[bytes | None]", self._redis.get(_KEY))

    @guarded
    async def end(self) -> bool:
        """False when there was none."""
        return bool(await self._redis.delete(_KEY))
