"""CT's codes that wait, sealed and unexchanged, until their owner types what the page showed (`guarantees.md` L10).

`ct:link:held:{<tag>}:<team>:<user>`, five minutes to live, one a person. The typed code rests as a digest whose key is
sealed with CT's code: a stolen dump has nothing to try guesses against. Tries are counted where they are compared.
"""

import enum
from dataclasses import dataclass, field

from redis.asyncio import Redis

from bot.identity import SlackUser
from bot.stores.link_keys import held_of, marks_of, newest_of
from bot.stores.linking import TTL
from bot.stores.redis import Script, guarded
from bot.stores.tokens import Epoch

HELD_SECONDS = 300
TRIES = 5

# A newer link of the person, and an unlink or uninstall after its epoch, make a held code void.
_HEAD = """
local HELD, NEWEST = KEYS[1], KEYS[2]
local function dead(epoch)
  for i = 3, 5 do
    local mark = redis.call('GET', KEYS[i])
    if mark and tonumber(mark) >= tonumber(epoch) then return true end
  end
  return false
end
local function stands(link, epoch) return redis.call('GET', NEWEST) == link and not dead(epoch) end
local function waiting()
  local r = redis.call('HMGET', HELD, 'link', 'epoch', 'blob')
  if not r[1] then return false end
  if stands(r[1], r[2]) then return r end
  redis.call('DEL', HELD)
  return false
end
"""

# link, epoch, digest, blob. Answers 1: held; 0: a newer link lives; -1: withdrawn.
# NEWEST outlives the code, so that one can tell afterwards whether it was never typed, or overtaken.
_HOLD = (
    _HEAD
    + f"""
if dead(ARGV[2]) then return -1 end
if redis.call('GET', NEWEST) ~= ARGV[1] then return 0 end
redis.call('DEL', HELD)
redis.call('HSET', HELD, 'link', ARGV[1], 'epoch', ARGV[2], 'digest', ARGV[3], 'blob', ARGV[4])
redis.call('EXPIRE', HELD, {HELD_SECONDS})
redis.call('EXPIRE', NEWEST, {TTL})
return 1
"""
)

_WAITING = _HEAD + "return waiting()"

# link, digest. Answers {1, 0}: right, and gone; {0, n}: wrong, n tries left (0: gone); {-1, 0}: nothing is waited for
_ANSWER = (
    _HEAD
    + f"""
local r = waiting()
if not r or r[1] ~= ARGV[1] then return {{-1, 0}} end
local right = redis.call('HGET', HELD, 'digest') == ARGV[2]
local left = {TRIES} - redis.call('HINCRBY', HELD, 'tries', 1)
if right or left <= 0 then redis.call('DEL', HELD, NEWEST) end
return {{right and 1 or 0, right and 0 or left}}
"""
)

# link, epoch. Was this link's code neither typed, nor burnt, nor overtaken?
_UNTYPED = _HEAD + "return stands(ARGV[1], ARGV[2]) and 1 or 0"


class Holding(enum.IntEnum):
    """What became of a code that was to be held."""

    HELD = 1
    OVERTAKEN = 0
    WITHDRAWN = -1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A code of CT's that waits: of which link, since when, and the rest, sealed by the service."""

    link: str
    epoch: Epoch
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a typed code was worth. `left`: tries that remain; None: nothing was waited for."""

    right: bool
    left: int | None = 0


class HeldCodes:
    """One held code a person; each method is one step in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._hold = Script(redis, _HOLD)
        self._waiting = Script(redis, _WAITING)
        self._answer = Script(redis, _ANSWER)
        self._untyped = Script(redis, _UNTYPED)

    @staticmethod
    def _keys(who: SlackUser) -> list[str]:
        return [held_of(who), newest_of(who), *marks_of(who)]

    @guarded
    async def hold(self, who: SlackUser, sealed: bytes, *, link: str, epoch: Epoch, digest: str) -> Holding:
        """Keep a code, unless its link was overtaken or withdrawn meanwhile."""
        return Holding(await self._hold(self._keys(who), link, epoch, digest, sealed))

    @guarded
    async def waiting(self, who: SlackUser) -> Waiting | None:
        """The code that is held for this person, while it may still be typed for."""
        found = await self._waiting(self._keys(who))
        return Waiting(found[0].decode(), Epoch(int(found[1])), found[2]) if found else None

    @guarded
    async def answer(self, who: SlackUser, digest: str, *, link: str) -> Verdict:
        """Count one try and compare; the right one takes the code away, and so does the last wrong one."""
        right, left = await self._answer(self._keys(who), link, digest)
        return Verdict(right == 1, None if right < 0 else int(left))

    @guarded
    async def untyped(self, who: SlackUser, *, link: str, epoch: Epoch) -> bool:
        """True for a link whose code nobody typed: not rightly, not wrongly too often, and asked for no other."""
        return bool(await self._untyped(self._keys(who), link, epoch))
