"""Which replicas run: `ct:replicas`, a sorted set from what one says of itself to when it last did, by Redis's clock.

A minute to live; whoever has not spoken for a quarter of it is left out.
"""

import msgspec
from redis.asyncio import Redis

from bot.stores.redis import Script, guarded

_KEY = "ct:replicas"
_SILENT_MS, _LIFE_SECONDS = 15_000, 60

_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
_ANNOUNCE = (
    _NOW
    + """
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[2]))
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
)
_ALL = _NOW + "return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', now - ARGV[1]), '+inf')"


class Replica(msgspec.Struct, frozen=True):
    """What a replica says of itself; `keys` are the ids of its data keys, the writing one first."""

    id: str
    version: str
    keys: tuple[str, ...]


class Replicas:
    """Who is there. By it a replica knows which data keys all can read (`Keyring.agree`); the doctor shows it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._announce = Script(redis, _ANNOUNCE)
        self._all = Script(redis, _ALL)

    @guarded
    async def announce(self, me: Replica) -> None:
        """I am here; to be said every few seconds."""
        await self._announce([_KEY], msgspec.json.encode(me), _SILENT_MS, _LIFE_SECONDS)

    @guarded
    async def leave(self, me: Replica) -> None:
        """I am going."""
        await self._redis.zrem(_KEY, msgspec.json.encode(me))

    @guarded
    async def all(self) -> list[Replica]:
        """Those that spoke lately. What another version of the bot wrote may not be readable: then it is left out."""
        found = await self._all([_KEY], _SILENT_MS)
        return [replica for member in found if (replica := _read(member)) is not None]


def _read(member: bytes) -> Replica | None:
    try:
        return msgspec.json.decode(member, type=Replica)
    except msgspec.DecodeError:
        return None
