"""Operations at rest: `ct:op:{<id>}`, a hash of owner, state, expiry, version and the record.

Seven days to live once written; a question that nobody confirms, one day (so that a late click is answered in words).
"""

import itertools
from collections.abc import Awaitable, Mapping
from typing import Any, Literal, cast

from redis.asyncio import Redis

from bot.errors import TooFewCopiesError
from bot.stores.audit import LENGTH, STREAM
from bot.stores.redis import guarded

_QUESTION_TTL = 86_400
_RECORD_TTL = 7 * 86_400
_COPY_MS = 100

Who = Literal["owner", "second", "anybody"]

_CREATE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'state', 'proposed', 'version', 1, 'data', ARGV[3])
redis.call('HSET', KEYS[1], 'expires', now[1] + ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""

# The owner is checked before anything is consumed (row R3); the expiry by Redis' own clock (R2); the state once (R1).
# Who may: the owner alone; anybody but the owner (a second person approves, R8 and R9); anybody (calling it off).
_SETTLE = """
local f = redis.call('HMGET', KEYS[1], 'owner', 'state', 'expires', 'data')
if not f[1] then return {'gone'} end
if ARGV[4] == 'owner' and f[1] ~= ARGV[1] then return {'foreign', f[4]} end
if ARGV[4] == 'second' and f[1] == ARGV[1] then return {'own', f[4]} end
if f[2] ~= ARGV[5] then return {'settled', f[4]} end
local now = tonumber(redis.call('TIME')[1])
if now > tonumber(f[3]) then
  redis.call('HSET', KEYS[1], 'state', 'ended')
  return {'expired', f[4]}
end
redis.call('HSET', KEYS[1], 'state', ARGV[2])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'expires', now + ARGV[6]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {'ok', f[4]}
"""

# With a row of the audit: the record does not change without it, nor is it written where the record was changed (O2).
_SAVE = """
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1, 'state', ARGV[2], 'data', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
if ARGV[6] then redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', unpack(ARGV, 6)) end
return 1
"""


class OperationStore:
    """One record an operation; every change by compare-and-set on its version.

    `copies`: so many replicas must have a record before CT may be called for it (`guarantees.md` D5).
    """

    def __init__(self, redis: Redis, *, copies: int = 0) -> None:
        self._copies = copies
        self._create = redis.register_script(_CREATE)
        self._settle = redis.register_script(_SETTLE)
        self._save = redis.register_script(_SAVE)
        self._redis = redis

    @staticmethod
    def _key(op_id: str) -> str:
        return f"ct:op:{{{op_id}}}"

    @guarded
    async def create(self, op_id: str, *, owner: str, life: int, data: bytes) -> None:
        """Write a question that lives `life` seconds by Redis' clock; one that is there already stays as it is."""
        await self._create(keys=[self._key(op_id)], args=[owner, life, data, _QUESTION_TTL])

    @guarded
    async def settle(
        self, op_id: str, *, by: str, state: str, who: Who = "owner", since: str = "proposed", life: int | None = None
    ) -> tuple[str, bytes | None]:
        """Consume the question once: ('ok' | 'gone' | 'foreign' | 'own' | 'settled' | 'expired', record).

        It must be in the state `since`. With `life` (seconds) the next question in its place lives so long.
        """
        args: list[str | int] = [by, state, _RECORD_TTL, who, since, "" if life is None else life]
        answer = await self._settle(keys=[self._key(op_id)], args=args)
        return answer[0].decode(), answer[1] if len(answer) > 1 else None

    @guarded
    async def save(
        self, op_id: str, *, version: int, state: str, data: bytes, row: Mapping[str, str] | None = None
    ) -> bool:
        """Write the record if nobody changed it since `version`; the stored version becomes `version + 1`.

        With `row`, a row of the audit with it: both are written, or neither.
        """
        return bool(await self._write(op_id, version, state, data, row or {}))

    @guarded
    async def save_surely(self, op_id: str, *, version: int, state: str, data: bytes) -> bool:
        """The same, and wait for the replicas. Raises TooFewCopiesError: it is written, and a failover may lose it."""
        if not self._copies:
            return await self.save(op_id, version=version, state=state, data=data)
        # One connection for both: WAIT speaks of what was written on its own.
        pipe = self._redis.pipeline(transaction=False)
        await self._write(op_id, version, state, data, {}, client=pipe)
        pipe.execute_command("WAIT", self._copies, _COPY_MS)
        saved, copies = await pipe.execute()
        if saved and copies < self._copies:
            raise TooFewCopiesError("Too few copies of my store answer.")
        return bool(saved)

    async def _write(self, op_id: str, version: int, state: str, data: bytes, row: Mapping[str, str], **on: Any) -> Any:
        rest: list[str | int | bytes] = [version, state, data, _RECORD_TTL, LENGTH]
        rest += itertools.chain.from_iterable(row.items())
        return await self._save(keys=[self._key(op_id), STREAM], args=rest, **on)

    @guarded
    async def load(self, op_id: str) -> tuple[bytes, str] | None:
        """The record and its state; the state runs ahead of the record between a settling and the next save."""
        asked = cast("Awaitable[list[bytes | None]]", self._redis.hmget(self._key(op_id), ["data", "state"]))
        data, state = await asked
        return (data, state.decode()) if data is not None and state is not None else None
