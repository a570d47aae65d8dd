"""How fast the bot may go at something, over all replicas (`guarantees.md` T9)."""

from redis.asyncio import Redis

from bot.stores.redis import Script, guarded

# The moment (ms) up to which turns are given away. A rest saves up none: else a second that begins before its end would
# hold the saved-up turns and its own.
_TURN = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local taken = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = taken - now
if wait > tonumber(ARGV[2]) then return -1 end
redis.call('SET', KEYS[1], string.format('%.0f', taken + 1000 / ARGV[1]), 'PX', 60000)
return wait
"""


class Pace:
    """Turns at a steady rate, also after a rest."""

    def __init__(self, redis: Redis) -> None:
        self._turn = Script(redis, _TURN)

    @guarded
    async def turn(self, name: str, *, per_second: int, longest: float) -> float | None:
        """Take a turn: the seconds to wait for it, or None (and no turn taken) if that is over `longest`."""
        wait = await self._turn([f"ct:pace:{{{name}}}"], per_second, round(longest * 1000))
        return None if wait < 0 else wait / 1000
