"""The freeze: while `ct:freeze:{all}` stands, nothing is rebooted. No time to live: whoever froze lifts it again."""

from collections.abc import Awaitable
from typing import cast

from redis.asyncio import Redis

from bot.stores.redis import guarded

_KEY = "ct:freeze:{all}"


class FreezeStore:
    """One freeze for the whole bot: it is the switch for when all is on fire."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @guarded
    async def begin(self, data: bytes) -> bool:
        """False when there is a freeze already; it stays as it is."""
        return bool(await self._redis.set(_KEY, data, nx=True))

    @guarded
    async def find(self) -> bytes | None:
        """The freeze that stands, if any."""
        return await cast("Awaitable[bytes | None]", self._redis.get(_KEY))

    @guarded
    async def end(self) -> bool:
        """False when there was none."""
        return bool(await self._redis.delete(_KEY))
