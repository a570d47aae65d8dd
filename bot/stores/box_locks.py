"""One reboot of a box at a time: `ct:box:{<box id>}:lock` says which operation holds it, `…:reboots` the last ones.

Keyed by the box alone, not by who asks: box ids are unique within one CT, and a bot talks to one CT.
"""

from typing import Any

from redis.asyncio import Redis

from bot.stores.redis import guarded

_HISTORY_SECONDS = 7200

_TAKE = """
local held = redis.call('GET', KEYS[1])
if held then return {0, held, redis.call('PTTL', KEYS[1])} end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return {1, '', 0}
"""

_TAKE_OVER = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
if ARGV[2] == '0' then redis.call('ZREM', KEYS[2], ARGV[1]) end
"""

_RECENT = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
if ARGV[2] ~= '' then
  redis.call('ZADD', KEYS[1], now, ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[1])
end
return redis.call('ZCARD', KEYS[1])
"""


class BoxLocks:
    """Who is rebooting a box; the lock lives for the cooldown, by Redis' clock."""

    def __init__(self, redis: Redis, *, cooldown: int) -> None:
        self._redis = redis
        self._cooldown = cooldown
        self._take = redis.register_script(_TAKE)
        self._take_over = redis.register_script(_TAKE_OVER)
        self._release = redis.register_script(_RELEASE)
        self._recent = redis.register_script(_RECENT)

    @property
    def cooldown(self) -> int:
        """Seconds a box rests after a reboot."""
        return self._cooldown

    @staticmethod
    def _key(box_id: str, what: str) -> str:
        return f"ct:box:{{{box_id}}}:{what}"

    @guarded
    async def take(self, box_id: str, op_id: str) -> str | None:
        """Take the lock for the cooldown; None when it is ours now, else the operation that holds it."""
        won, holder, _ = await self._take(keys=[self._key(box_id, "lock")], args=[op_id, self._cooldown])
        return None if won else holder.decode()

    @guarded
    async def take_over(self, box_id: str, *, old: str, new: str) -> bool:
        """Pass the lock from one operation to another, if it is still held by the old one."""
        return bool(await self._take_over(keys=[self._key(box_id, "lock")], args=[old, new, self._cooldown]))

    @guarded
    async def holder(self, box_id: str) -> str | None:
        """The operation that holds the lock, if any."""
        value: Any = await self._redis.get(self._key(box_id, "lock"))
        return value.decode() if value else None

    @guarded
    async def release(self, box_id: str, op_id: str, *, sent: bool) -> None:
        """Let go, if it is ours; what was not sent is none of the reboots of the last two hours."""
        await self._release(keys=[self._key(box_id, "lock"), self._key(box_id, "reboots")], args=[op_id, int(sent)])

    @guarded
    async def recent(self, box_id: str, *, add: str = "") -> int:
        """How many reboots were sent in the last two hours; with `add`, this operation counts from now on."""
        return int(await self._recent(keys=[self._key(box_id, "reboots")], args=[_HISTORY_SECONDS, add]))
