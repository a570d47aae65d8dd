"""Renewing a token pair once for all replicas, however many commands ask (`guarantees.md` T1, T2, T4, T5).

A shared lock keeps it to one request, for economy; the generation, saved by compare-and-set, keeps it right.
"""

import asyncio
import secrets
from dataclasses import dataclass

import structlog

from bot.ct import CTError
from bot.errors import BotError, StoreDownError
from bot.identity import SlackUser
from bot.services.endings import usable
from bot.services.pairs import Link, PairSealer
from bot.services.rotation import Holder, LockLostError, Patience, RenewalError, Rotation
from bot.stores.tokens import LinkRecord, TokenStore
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Renewal:
    """One renewal in this process. `outcome` is what its callers get; the task behind it may go on longer."""

    holder: Holder
    outcome: asyncio.Future[Link]

    def fail(self, error: BotError | CTError) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)
            self.outcome.exception()  # heard: there may be no caller left to ask

    def succeed(self, link: Link) -> None:
        if not self.outcome.done():
            self.outcome.set_result(link)


class Refresher:
    """Gives back a link newer than the one that expired or was refused."""

    def __init__(
        self, *, tokens: TokenStore, sealer: PairSealer, rotation: Rotation, tasks: TaskSet, patience: Patience
    ) -> None:
        self._tokens = tokens
        self._sealer = sealer
        self._rotation = rotation
        self._tasks = tasks
        self._patience = patience
        self._running: dict[str, _Renewal] = {}

    async def renewed(self, who: SlackUser, gen: int, *, ahead: bool = False, waited: float = 0.0) -> Link:
        """A link newer than `gen`: another's, or renewed by one request for everybody who asks.

        `ahead` of its expiry nobody waits long, and the renewal goes on by itself. `waited`: seconds in which that was
        in vain; they count. Raises NotLinkedError when CT ended the link, CTError (RenewalError is one) when CT fails
        and the link stays, StoreDownError when a renewed pair is not saved yet. Cancelling a caller does not touch the
        renewal.
        """
        patience = self._patience.ahead if ahead else self._patience.caller - waited
        until = asyncio.get_running_loop().time() + patience
        while True:
            renewal = self._running.get(who.key) or self._start(who, gen)
            try:
                async with asyncio.timeout_at(until):
                    link = await asyncio.shield(renewal.outcome)
            except TimeoutError:
                raise RenewalError from None
            if link.gen != gen:
                return link

    def _start(self, who: SlackUser, gen: int) -> _Renewal:
        renewal = _Renewal(Holder(who, gen, secrets.token_hex(8)), asyncio.get_running_loop().create_future())
        self._running[who.key] = renewal
        self._tasks.spawn(self._run(renewal), name="renew")
        return renewal

    async def _run(self, renewal: _Renewal) -> None:
        try:
            renewal.succeed(await self._renew(renewal))
        except (BotError, CTError) as error:
            renewal.fail(error)
        finally:
            renewal.fail(RenewalError())
            del self._running[renewal.holder.who.key]

    async def _renew(self, renewal: _Renewal) -> Link:
        holder = renewal.holder
        while True:
            record = await self._enter(holder)
            link = self._sealer.link(holder.who, record)
            if record.gen != holder.gen:
                return link
            try:
                return await self._rotation.rotate(holder, link, unsaved=renewal.fail)
            except LockLostError:
                log.warning("a refresh lock ran out before CT was asked", who=holder.who.key)
            finally:
                await self._release(holder)

    async def _enter(self, holder: Holder) -> LinkRecord:
        """Read the link under the lock, or wait until whoever holds the lock has renewed it."""
        while True:
            found, ours = await self._tokens.enter(
                holder.who, holder.gen, token=holder.token, seconds=self._patience.lock
            )
            record = usable(found)
            if ours or record.gen != holder.gen:
                return record
            await asyncio.sleep(self._patience.poll)

    async def _release(self, holder: Holder) -> None:
        try:
            await self._tokens.release(holder.who, token=holder.token)
        except StoreDownError:
            log.warning("a refresh lock is left to run out", who=holder.who.key)
