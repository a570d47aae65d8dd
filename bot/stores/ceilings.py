"""How many reboots somebody, and a workspace, have sent: `ct:ceiling:{<tag>}:…`, sorted sets by time.

Each lives as long as its span, an hour or a day, after the newest reboot in it.
"""

from redis.asyncio import Redis

from bot.identity import SlackUser
from bot.stores.redis import Script, guarded

HOUR, DAY = 3_600, 86_400

# Both are counted before either is added to: a reboot that one ceiling refuses does not count for the other.
_TAKE = """
local now = tonumber(redis.call('TIME')[1])
local full = 0
for n = 1, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[n], '-inf', now - ARGV[n])
  if full == 0 and redis.call('ZCARD', KEYS[n]) + ARGV[4] > tonumber(ARGV[n + 4]) then full = n end
end
if full == 0 and ARGV[3] ~= '' then
  for n = 1, 2 do
    redis.call('ZADD', KEYS[n], now, ARGV[3])
    redis.call('EXPIRE', KEYS[n], ARGV[n])
  end
end
return full
"""


class CeilingStore:
    """Counts over all replicas, by Redis' clock."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = Script(redis, _TAKE)

    @guarded
    async def take(self, who: SlackUser, *, hourly: int, daily: int, op_id: str = "", count: int = 1) -> str | None:
        """Count one more, with `op_id`; without it only look whether `count` more would fit.

        None when it fits; 'person' or 'workspace' when that one's ceiling is reached, and nothing was counted.
        """
        full = int(await self._script(_keys(who), HOUR, DAY, op_id, count, hourly, daily))
        return (None, "person", "workspace")[full]

    @guarded
    async def give_back(self, who: SlackUser, op_id: str) -> None:
        """It was not sent after all, so it does not count."""
        for key in _keys(who):
            await self._redis.zrem(key, op_id)


def _keys(who: SlackUser) -> list[str]:
    return [f"ct:ceiling:{{{who.tag}}}:hour:{who.key}", f"ct:ceiling:{{{who.tag}}}:day:{who.team_id}"]
