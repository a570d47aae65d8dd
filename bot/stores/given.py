"""Codes that were handed over: `ct:given:{<tag>}:<batch>`, a hash from code to whom it was given.

Ninety days to live after the last one; the batch and its codes stand there as fingerprints.
"""

import hashlib
from typing import Any

from redis.asyncio import Redis

from bot.stores.redis import guarded

_TTL = 90 * 86_400

_CLAIM = """
local first = redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return first
"""


class GivenCodes:
    """Who got which code; each is given once."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._claim = redis.register_script(_CLAIM)

    @staticmethod
    def _key(tag: str, batch: str) -> str:
        return f"ct:given:{{{tag}}}:{_print(batch)}"

    @guarded
    async def claim(self, tag: str, batch: str, code: str, data: bytes) -> bool:
        """Write that a code is given; False when it was given already."""
        return bool(await self._claim(keys=[self._key(tag, batch)], args=[_print(code), data, _TTL]))

    @guarded
    async def release(self, tag: str, batch: str, code: str) -> None:
        """It was not given after all."""
        removed: Any = self._redis.hdel(self._key(tag, batch), _print(code))
        await removed

    @guarded
    async def all(self, tag: str, batch: str) -> dict[str, bytes]:
        """What was written of a batch, by the fingerprint of the code."""
        asked: Any = self._redis.hgetall(self._key(tag, batch))
        found: dict[bytes, bytes] = await asked
        return {field.decode(): data for field, data in found.items()}

    @staticmethod
    def fingerprint(code: str) -> str:
        """What stands for a code."""
        return _print(code)


def _print(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
