"""Due work: what must happen later, on whichever replica is alive then (`design.md` decision 7)."""

from dataclasses import dataclass, field

from redis.asyncio import Redis

from bot.stores.redis import Script, guarded

# No time to live on either key: due work must outlive any outage. Each item leaves by `done` or `remove`.
_TIMES = "ct:due:{due}:times"  # sorted set: item -> when, in ms
_PAYLOADS = "ct:due:{due}:payloads"  # hash: item -> payload
_KEYS = [_TIMES, _PAYLOADS]

_CLAIMED_MS = 1000  # whoever holds a claim is done with it so long before it ends

_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
_ADD = (
    _NOW
    + """
local is = redis.call('ZSCORE', KEYS[1], ARGV[1])
if is and (ARGV[4] == '1' or (ARGV[4] == '2' and is - now <= math.min(ARGV[2], ARGV[5]))) then return end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
"""
)
# A claim is the new due time itself: whoever adds or claims the item anew changes it, and the old claim is void.
_CLAIM = (
    _NOW
    + """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
local hidden, out = string.format('%.0f', now + ARGV[2]), {}
for _, item in ipairs(due) do
  redis.call('ZADD', KEYS[1], hidden, item)
  out[#out + 1] = {item, redis.call('HGET', KEYS[2], item) or '', hidden}
end
return out
"""
)
_LATER = (
    _NOW
    + """
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or string.format('%.0f', score) ~= ARGV[2] then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
return 1
"""
)
_DONE = """
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or string.format('%.0f', score) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
"""
_REMOVE = "redis.call('ZREM', KEYS[1], ARGV[1]) redis.call('HDEL', KEYS[2], ARGV[1])"
_DEPTH = (
    _NOW + "return {redis.call('ZCARD', KEYS[1]), redis.call('ZCOUNT', KEYS[1], '-inf', string.format('%.0f', now))}"
)
_LATE_BY = (
    _NOW
    + """
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return first[2] and math.floor(now - first[2]) or 0
"""
)


@dataclass(frozen=True, slots=True)
class DueItem:
    """A piece of due work, as claimed. `claim` is void as soon as somebody adds or claims the item anew."""

    kind: str
    id: str
    payload: bytes = field(repr=False)
    claim: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind} {self.id}"


class DueQueue:
    """Items ordered by when they are due; a claimed one is hidden for its visibility time, then comes back."""

    def __init__(self, redis: Redis) -> None:
        self._add = Script(redis, _ADD)
        self._claim = Script(redis, _CLAIM)
        self._later = Script(redis, _LATER)
        self._done = Script(redis, _DONE)
        self._remove = Script(redis, _REMOVE)
        self._depth = Script(redis, _DEPTH)
        self._late_by = Script(redis, _LATE_BY)

    @guarded
    async def add(self, kind: str, id: str, payload: bytes, *, delay: float, unless_due: bool = False) -> None:  # noqa: A002 - an item's id
        """Make an item due in `delay` seconds; it replaces one of the same kind and id, claimed or not.

        `unless_due`: leaves one that is there as it is.
        """
        await self._add(_KEYS, f"{kind} {id}", _ms(delay), payload, int(unless_due), 0)

    @guarded
    async def hasten(self, kind: str, id: str, *, delay: float) -> None:  # noqa: A002 - an item's id
        """The same without a payload, but for one that is due sooner: else it would be put off again and again.

        A claimed one is replaced: its claim lasts for longer than a second more.
        """
        await self._add(_KEYS, f"{kind} {id}", _ms(delay), b"", 2, _CLAIMED_MS)

    @guarded
    async def claim(self, *, limit: int, visibility: float) -> list[DueItem]:
        """Take up to `limit` due items; nobody else sees them for `visibility` seconds."""
        found = await self._claim(_KEYS, limit, _ms(visibility))
        items = []
        for name, payload, claim in found:
            kind, _, item_id = name.decode().partition(" ")
            items.append(DueItem(kind, item_id, payload, claim.decode()))
        return items

    @guarded
    async def later(self, item: DueItem, *, delay: float) -> None:
        """Make a claimed item due again in `delay` seconds, unless the claim is void by now."""
        await self._later(_KEYS, item.name, item.claim, _ms(delay))

    @guarded
    async def done(self, item: DueItem) -> None:
        """Drop a claimed item, unless it was added or claimed anew meanwhile."""
        await self._done(_KEYS, item.name, item.claim)

    @guarded
    async def remove(self, kind: str, id: str) -> None:  # noqa: A002 - an item's id
        """Drop an item, claimed or not."""
        await self._remove(_KEYS, f"{kind} {id}")

    @guarded
    async def depth(self) -> tuple[int, int]:
        """How many items there are, and how many of them are due and wait."""
        total, overdue = await self._depth(_KEYS)
        return int(total), int(overdue)

    @guarded
    async def late_by(self) -> float:
        """Seconds since the oldest item fell due and nobody took it; 0 when none is late."""
        return max(0, int(await self._late_by(_KEYS))) / 1000


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
