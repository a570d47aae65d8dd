"""Which deliveries from Slack have been seen (`guarantees.md` S2)."""

import hashlib

from redis.asyncio import Redis

from bot.stores.redis import guarded

_SECONDS = 900  # Slack's last redelivery comes after five minutes; a signature is good for as long


class Deliveries:
    """Remembers deliveries for fifteen minutes, over all replicas."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @guarded
    async def first(self, key: str) -> bool:
        """True for exactly one caller of each `key`; raises StoreDownError when nobody can tell."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        # Spelt out: this stands before every ack, and redis-py's `set` costs as much again as the round trip.
        command = ("SET", f"ct:dd:{digest}", b"1", "NX", "EX", _SECONDS)
        return await self._redis.execute_command(*command) is not None  # type: ignore[no-untyped-call]
