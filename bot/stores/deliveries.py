"""Which deliveries from Slack have been seen, and how many one person may send (`guarantees.md` S2, S5)."""

import enum
import hashlib
import time
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from bot.identity import SlackUser
from bot.stores.redis import guarded

_SECONDS = 900  # Slack's last redelivery comes after five minutes; a signature is good for as long

# One round trip before every ack. A person's row holds the moment (ms) up to which their turns are given away, and the
# one up to which they know that they are too fast; both fade with the row, after two minutes of rest. Turns are given
# away half a minute ahead at most. Who knows already is told no more; the answer says when it is their turn again.
_TAKE = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local row = redis.call('HMGET', KEYS[2], 'taken', 'told')
local taken = math.max(tonumber(row[1] or '0'), now)
local turn = 60000 / ARGV[2]
local wait = math.ceil(taken + turn - now - 30000)
if wait > 0 then
  if tonumber(row[2] or '0') > now then return 2 + wait end
  redis.call('HSET', KEYS[2], 'told', string.format('%.0f', now + 60000))
  return 2
end
redis.call('HSET', KEYS[2], 'taken', string.format('%.0f', taken + turn))
redis.call('PEXPIRE', KEYS[2], 120000)
return 1
"""


class Delivery(enum.Enum):
    """What to do with a delivery."""

    SEEN = 0  # it came before
    FIRST = 1
    TOO_FAST = 2  # the first one too many: say so
    TOO_FAST_STILL = 3  # said within the last minute


class Deliveries:
    """Remembers deliveries for fifteen minutes, over all replicas, and lets nobody flood the bot.

    `per_minute`: so many a minute in the long run for one person, and half of them at once after a rest. All of them at
    once are felt by the others: a busy third of a second for thirty (row S5).
    """

    def __init__(self, redis: Redis, *, per_minute: int = 30, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._per_minute = per_minute
        self._clock = clock
        self._turns: dict[SlackUser, float] = {}  # of those who are too fast: when it is their turn again
        self._sha = hashlib.sha1(_TAKE.encode(), usedforsecurity=False).hexdigest()

    @guarded
    async def take(self, key: str, who: SlackUser) -> Delivery:
        """FIRST for one caller of each `key` at most; raises StoreDownError when nobody can tell."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        keys = (f"ct:dd:{{{who.tag}}}:{digest}", f"ct:rate:{{{who.tag}}}:{who.team_id}:{who.user_id}")
        # Spelt out: this stands before every ack, and redis-py's own way to a script costs as much as the round trip.
        rest = (2, *keys, _SECONDS, self._per_minute)
        try:
            code = await self._redis.execute_command("EVALSHA", self._sha, *rest)  # type: ignore[no-untyped-call]
        except NoScriptError:
            code = await self._redis.execute_command("EVAL", _TAKE, *rest)  # type: ignore[no-untyped-call]
        if code > Delivery.TOO_FAST.value:
            self._turns = {one: at for one, at in self._turns.items() if at > self._clock()}
            self._turns[who] = self._clock() + (code - Delivery.TOO_FAST.value) / 1000
            return Delivery.TOO_FAST_STILL
        return Delivery(code)

    def too_fast(self, who: SlackUser) -> bool:
        """Whether it is known here, without asking, that `take` would answer nothing but SEEN or TOO_FAST_STILL."""
        return who in self._turns and self._clock() < self._turns[who]

    @guarded
    async def first(self, key: str) -> bool:
        """True for exactly one caller of each `key`, whoever's it is: events."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        command = ("SET", f"ct:dd:{digest}", b"1", "NX", "EX", _SECONDS)
        return await self._redis.execute_command(*command) is not None  # type: ignore[no-untyped-call]
