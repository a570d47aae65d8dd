"""Design B, the operator's fallback: CT's code is held until the person types, in Slack, what their page showed.

No token exists before that, so who is phished and stays silent has nothing to revoke. What remains is the person who
is talked into telling a stranger the code; that is why this is for one workspace alone (`guarantees.md`, section 3).
"""

import asyncio
import enum
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec
import structlog

from bot.crypto import Keyring, SealError
from bot.errors import NotAllowedError
from bot.identity import SlackUser
from bot.services.crockford import grouped, new_code, read_code
from bot.services.link_exchange import Attempt, LinkExchange, Outcome, Waits
from bot.services.link_legs import LinkLegs, Onward
from bot.services.link_proof import Arrival, CodeToType
from bot.services.sessions import Sessions
from bot.stores.audit import Audit
from bot.stores.held_codes import HELD_SECONDS, HeldCodes, Holding, Waiting
from bot.stores.linking import Leg, LinkingStore, Step
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)

_PURPOSE = "link-held"
_LAPSE_AFTER = HELD_SECONDS + 5.0

NOT_ALONE = (
    "Nobody can connect a CT account here: I am set up for one workspace alone, but I am installed in a whole "
    "organisation. Tell whoever runs the bot."
)


class Why(enum.StrEnum):
    """Why a typed code did not count."""

    UNREADABLE = "unreadable"
    NOTHING_WAITS = "nothing_waits"
    WRONG = "wrong"
    BURNT = "burnt"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was connected, and CT was not asked. `left`: tries that remain after a wrong one."""

    why: Why
    left: int = 0


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    """What rests sealed: everything that an exchange needs, and the key of the typed code's digest."""

    attempt: Attempt
    code: str
    verifier: str
    pepper: bytes


class TypedCode:
    """`alone` answers whether the bot is installed in one workspace, and no more, as far as Slack has told."""

    leg = Leg.TYPED
    again = Outcome.SHOWN_ONCE

    def __init__(
        self,
        *,
        legs: LinkLegs,
        store: LinkingStore,
        held: HeldCodes,
        exchange: LinkExchange,
        sessions: Sessions,
        keyring: Keyring,
        audit: Audit,
        tasks: TaskSet,
        alone: Callable[[], Awaitable[bool]],
    ) -> None:
        self._legs = legs
        self._store = store
        self._held = held
        self._exchange = exchange
        self._sessions = sessions
        self._keyring = keyring
        self._audit = audit
        self._tasks = tasks
        self._alone = alone

    async def allow(self) -> None:
        """Raises NotAllowedError when more than one workspace may link."""
        if not await self._alone():
            log.error("linking is refused: the typed code is for one workspace, this is a whole organisation")
            raise NotAllowedError(NOT_ALONE)

    async def begin(self, step: Step) -> Onward:
        """Straight to CT; who this is shows when the code is typed."""
        return await self._legs.to_ct(self.leg, step)

    async def back_from_slack(self, params: Mapping[str, str], cookie: str | None) -> Outcome:
        """Nobody was sent there."""
        return Outcome.EXPIRED

    async def settle(self, arrival: Arrival) -> Outcome | CodeToType:
        """Hold CT's code, and make the one that stands for it. A marker is written first: silence ends in words."""
        attempt, who = arrival.attempt, arrival.attempt.who
        waits = Waits(link=arrival.link, epoch=arrival.intent.epoch)
        attempt = msgspec.structs.replace(attempt, id=arrival.link, waits=waits)
        await self._exchange.announce(attempt, delay=_LAPSE_AFTER)
        if await self._store.take(arrival.link) is None:
            return Outcome.USED
        typed, pepper = new_code(), secrets.token_bytes(32)
        held = _Held(attempt=attempt, code=arrival.code, verifier=arrival.verifier, pepper=pepper)
        sealed = self._keyring.seal(msgspec.msgpack.encode(held), owner=who.key, purpose=_PURPOSE)
        digest = _digest(pepper, who, typed)
        match await self._held.hold(who, sealed, link=waits.link, epoch=waits.epoch, digest=digest):
            case Holding.WITHDRAWN:
                return Outcome.WITHDRAWN
            case Holding.OVERTAKEN:
                return Outcome.EXPIRED
        await self._audit.record("link_code_shown", who=who.key)
        return CodeToType(grouped(typed), arrival.intent.handle)

    async def waits(self, who: SlackUser) -> bool:
        """Is this person expected to type a code?"""
        return await self._held.waiting(who) is not None

    async def enter(self, who: SlackUser, text: str) -> Outcome | Refused:
        """What this person typed, as Slack says. The right code is exchanged, once; the fifth wrong one ends it."""
        await self.allow()
        typed = read_code(text)
        if typed is None:
            return Refused(Why.UNREADABLE)
        waiting = await self._held.waiting(who)
        held = self._open(who, waiting) if waiting else None
        if waiting is None or held is None:
            return Refused(Why.NOTHING_WAITS)
        # Its own task: a shutdown must not stop between the exchange and the save.
        work = self._tasks.spawn(self._answer(who, waiting, held, typed), name="link-code")
        return await asyncio.shield(work)

    async def _answer(self, who: SlackUser, waiting: Waiting, held: _Held, typed: str) -> Outcome | Refused:
        """The marker of the exchange is there before the try counts: the right code is gone with it."""
        before = await self._sessions.account(who)
        attempt = Attempt(
            id=secrets.token_hex(8), who=who, resume=held.attempt.resume, before=before.fingerprint if before else None
        )
        await self._exchange.announce(attempt)
        verdict = await self._held.answer(who, _digest(held.pepper, who, typed), link=waiting.link)
        if verdict.right or verdict.left == 0:
            await self._exchange.withdraw(held.attempt)
        if verdict.right:
            return await self._exchange.run(attempt, code=held.code, code_verifier=held.verifier, epoch=waiting.epoch)
        await self._exchange.withdraw(attempt)
        if verdict.left is None:
            return Refused(Why.NOTHING_WAITS)
        await self._audit.record("link_code_wrong", who=who.key, left=verdict.left)
        return Refused(Why.WRONG if verdict.left else Why.BURNT, verdict.left)

    def _open(self, who: SlackUser, waiting: Waiting) -> _Held | None:
        try:
            plain = self._keyring.open(waiting.sealed, owner=who.key, purpose=_PURPOSE)
        except SealError:
            log.warning("a held code cannot be opened any more", user=who.user_id)
            return None
        return msgspec.msgpack.decode(plain, type=_Held)


def _digest(pepper: bytes, who: SlackUser, typed: str) -> str:
    """40 bits are soon tried out: without the pepper, which is sealed, there is nothing to try them against."""
    return hmac.new(pepper, f"{who.key}|{typed}".encode(), hashlib.sha256).hexdigest()
