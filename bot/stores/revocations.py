"""Pairs that are ours no more and wait for CT to hear of it: sealed, at most a day (`guarantees.md`, "After linking").

The scripts of the token store put them here in the same step that takes them from the link.
"""

from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from bot.identity import SlackUser
from bot.stores.link_keys import keys_of
from bot.stores.redis import guarded


@dataclass(frozen=True, slots=True)
class Gone:
    """One pair to revoke. `loud`: the person is told if CT never accepts it."""

    gen: int
    sealed: bytes = field(repr=False)
    loud: bool


class Revocations:
    """The pairs of each person, by generation, with how often each was tried."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @guarded
    async def pending(self, who: SlackUser) -> list[Gone]:
        """What waits, oldest first."""
        found: Any = await self._redis.hgetall(_key(who))
        return [
            Gone(int(name), sealed, loud=b"loud:" + name in found)
            for name, sealed in sorted(found.items())
            if name.isdigit()
        ]

    @guarded
    async def failed(self, who: SlackUser, gen: int) -> int:
        """Count a try that CT did not accept; returns how many there were."""
        return int(await self._redis.hincrby(_key(who), f"tries:{gen}", 1))

    @guarded
    async def drop(self, who: SlackUser, gen: int) -> None:
        """This pair is revoked, or given up."""
        await self._redis.hdel(_key(who), str(gen), f"tries:{gen}", f"loud:{gen}")


def _key(who: SlackUser) -> str:
    return keys_of(who)[2]
