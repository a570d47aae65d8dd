"""Who is linked to CT: the sealed token pairs, and the marks that end them (`guarantees.md`, "After linking")."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

from redis.asyncio import Redis

from bot.identity import SlackUser
from bot.stores import token_scripts as lua
from bot.stores.link_keys import held_of, keys_of, member_of
from bot.stores.pace import Pace
from bot.stores.redis import Script, guarded
from bot.stores.revocations import Revocations

Epoch = NewType("Epoch", int)
"""When a linking began, by Redis's clock in microseconds: an unlink or uninstall after it makes it void."""


class Status(StrEnum):
    PROVING = "PROVING"
    ACTIVE = "ACTIVE"
    NEEDS_RELINK = "NEEDS_RELINK"


class Refusal(StrEnum):
    """Why the holder of a refresh lock may not ask CT now."""

    NOT_HOLDER = "not holder"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link as it rests. `refresh_in`: seconds until its refresh is due, by Redis's clock; negative: overdue."""

    gen: int
    status: Status
    sealed: bytes = field(repr=False)
    account: bytes
    refresh_in: float


@dataclass(frozen=True, slots=True)
class Activation:
    """`switched`: the link that it replaced was to another CT account; `replaced`: there was one."""

    ok: bool
    switched: bool
    replaced: bool


@dataclass(frozen=True, slots=True)
class Unlinked:
    """`linked`: there was a link; `revocable`: some pair waits for its revocation."""

    linked: bool
    revocable: bool


class TokenStore:
    """One link for each person, saved by compare-and-set on its generation.

    Needs no WAIT: a lost tail of Redis costs a new link, never a double act (`guarantees.md` D5).
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.gone = Revocations(redis)
        self.pace = Pace(redis)
        self._load = Script(redis, lua.LOAD)
        self._load_proving = Script(redis, lua.LOAD_PROVING)
        self._adopt = Script(redis, lua.ADOPT)
        self._activate = Script(redis, lua.ACTIVATE)
        self._abandon = Script(redis, lua.ABANDON)
        self._enter = Script(redis, lua.ENTER)
        self._permit = Script(redis, lua.PERMIT)
        self._release = Script(redis, lua.RELEASE)
        self._save = Script(redis, lua.SAVE)
        self._end = Script(redis, lua.END)
        self._rewrap = Script(redis, lua.REWRAP)
        self._unlink = Script(redis, lua.UNLINK)
        self._mark = Script(redis, lua.MARK)
        self._forget = Script(redis, lua.FORGET)

    @guarded
    async def now(self) -> Epoch:
        """This moment by Redis's clock."""
        seconds, micros = await self._redis.time()
        return Epoch(seconds * 1_000_000 + micros)

    @guarded
    async def count(self, tag: str) -> int:
        """How many people of an installation are linked."""
        return int(await self._redis.scard(f"ct:linked:{{{tag}}}"))

    @guarded
    async def load(self, who: SlackUser) -> LinkRecord | None:
        """The link, ACTIVE or NEEDS_RELINK; None as soon as a mark made it void."""
        return _record(await self._load(keys_of(who)))

    @guarded
    async def load_proving(self, who: SlackUser) -> LinkRecord | None:
        """The link that waits to be proved."""
        return _record(await self._load_proving(keys_of(who)))

    @guarded
    async def adopt(self, who: SlackUser, sealed: bytes, *, epoch: Epoch, refresh_in: float) -> int | None:
        """Save a new pair as PROVING; returns its generation, or None (and keeps it for revocation) if it is void."""
        gen = await self._adopt(keys_of(who), member_of(who), epoch, sealed, _ms(refresh_in))
        return None if gen is None else int(gen)

    @guarded
    async def activate(self, who: SlackUser, gen: int, *, account: bytes, ct_user: str) -> Activation:
        """Make a proved link the link; the pair that it replaces waits for its revocation."""
        ok, switched, replaced = await self._activate(keys_of(who), gen, account, ct_user)
        return Activation(bool(ok), bool(switched), bool(replaced))

    @guarded
    async def abandon(self, who: SlackUser, gen: int) -> bool:
        """Drop a link that was not proved; its pair waits for its revocation."""
        return bool(await self._abandon(keys_of(who), member_of(who), gen))

    @guarded
    async def enter(self, who: SlackUser, gen: int, *, token: str, seconds: float) -> tuple[LinkRecord | None, bool]:
        """Read the link again and, if it is ACTIVE and still `gen`, try its refresh lock: (link, lock is ours)."""
        record, locked = await self._enter(keys_of(who), gen, token, _ms(seconds))
        return _record(record), bool(locked)

    @guarded
    async def permit(self, who: SlackUser, *, token: str, seconds: float, per_minute: int) -> int | Refusal:
        """Ask before each refresh: renews the lock if it is still ours; counts tries without success, by anybody.

        Returns which try this is since the last success, or the last minute without any.
        """
        answer = int(await self._permit(keys_of(who), token, _ms(seconds), per_minute))
        return {-1: Refusal.NOT_HOLDER, 0: Refusal.TOO_MANY}.get(answer, answer)

    @guarded
    async def release(self, who: SlackUser, *, token: str) -> None:
        """Give the refresh lock back, if it is ours."""
        await self._release(keys_of(who), token)

    @guarded
    async def save(self, who: SlackUser, gen: int, sealed: bytes, *, token: str, refresh_in: float) -> int | None:
        """Save a refreshed pair over `gen` and give the lock back; returns the new generation.

        None: the link moved on or is gone; the pair waits for its revocation. May be repeated after a lost answer.
        """
        saved = await self._save(keys_of(who), gen, token, sealed, _ms(refresh_in))
        return None if saved is None else int(saved)

    @guarded
    async def end(self, who: SlackUser, gen: int) -> bool:
        """ACTIVE to NEEDS_RELINK, if it is still `gen`; True for exactly one caller."""
        return bool(await self._end(keys_of(who), gen))

    @guarded
    async def rewrap(self, who: SlackUser, gen: int, sealed: bytes) -> None:
        """Replace the sealed form of generation `gen`."""
        await self._rewrap(keys_of(who), gen, sealed)

    @guarded
    async def unlink(self, who: SlackUser) -> Unlinked:
        """End everything of one person at once; their pairs wait for their revocation."""
        linked, pairs = await self._unlink([*keys_of(who), held_of(who)], member_of(who))
        return Unlinked(bool(linked), bool(pairs))

    @guarded
    async def mark(self, tag: str, scopes: Sequence[str], *, moment: Epoch | None = None) -> Epoch:
        """Void whatever was begun before `moment` (now) in these scopes: "" (all), a team, or a member."""
        keys = [f"ct:mark:{{{tag}}}" + (f":{scope}" if scope else "") for scope in scopes]
        return Epoch(int(await self._mark(keys, moment or 0)))

    @guarded
    async def members(self, tag: str) -> list[SlackUser]:
        """Everybody in an installation who has a link, or proves one."""
        found: Any = await self._redis.smembers(f"ct:linked:{{{tag}}}")
        return [_person(tag, member.decode()) for member in sorted(found)]

    @guarded
    async def forget(self, tag: str, people: Sequence[SlackUser], *, before: Epoch) -> list[int]:
        """Delete these people's links that were begun before a moment; how many pairs of each wait for revocation."""
        keys = [f"ct:linked:{{{tag}}}"]
        for who in people:
            keys += keys_of(who)[:3]
        return list(await self._forget(keys, before, *map(member_of, people)))


def _person(tag: str, member: str) -> SlackUser:
    team, _, user = member.partition(":")
    return SlackUser(team, user, enterprise_id=None if tag == team else tag)


def _record(found: list[bytes] | None) -> LinkRecord | None:
    if found is None:
        return None
    gen, status, sealed, account, due = found
    return LinkRecord(int(gen), Status(status.decode()), sealed, account, int(due) / 1000)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
