"""Acting at CT as somebody: the link of a Slack user to a CT account, from its beginning to its end."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
import structlog

from bot.crypto import Keyring
from bot.ct import CTAuthError, CTClient, CTError, CTUser, TokenPair
from bot.errors import NotAllowedError, StoreDownError
from bot.identity import SlackUser
from bot.services.departures import FORGET, Departures
from bot.services.endings import Endings, usable
from bot.services.link_steps import UNPROVED, ActivateResult, LinkSteps
from bot.services.notices import Account, Notices
from bot.services.pairs import Link, PairSealer
from bot.services.refresh import Refresher
from bot.services.revocation import REVOKE, Revocation
from bot.services.rotation import Patience, RenewalError, Rotation
from bot.services.worker import Handler
from bot.stores.audit import Audit
from bot.stores.due import DueQueue
from bot.stores.tokens import Epoch, LinkRecord, Status, TokenStore
from bot.tasks import TaskSet

__all__ = ["Account", "ActivateResult", "Epoch", "Patience", "RenewalError", "Sessions"]

log = structlog.get_logger(__name__)

T = TypeVar("T")

OTHER_ACCOUNT = "You are linked to another CT account than when I asked. Ask again."

_PATIENCE = Patience()


class Sessions:
    """Every call to CT in somebody's name goes through here. `handlers`: its due work, for the Worker."""

    def __init__(
        self,
        *,
        ct: CTClient,
        tokens: TokenStore,
        queue: DueQueue,
        keyring: Keyring,
        notices: Notices,
        audit: Audit,
        tasks: TaskSet,
        clock: Callable[[], float] = time.monotonic,
        patience: Patience = _PATIENCE,
    ) -> None:
        self._ct = ct
        self._tokens = tokens
        self._audit = audit
        self._sealer = PairSealer(keyring)
        self._clock = clock
        self._endings = Endings(
            tokens=tokens,
            sealer=self._sealer,
            notices=notices,
            audit=audit,
            tasks=tasks,
            rereads=patience.rereads,
            thaw=patience.thaw,
        )
        revocation = Revocation(ct=ct, tokens=tokens, queue=queue, sealer=self._sealer, notices=notices, tasks=tasks)
        rotation = Rotation(
            ct=ct,
            tokens=tokens,
            sealer=self._sealer,
            endings=self._endings,
            revocation=revocation,
            clock=clock,
            patience=patience,
        )
        self._refresher = Refresher(
            tokens=tokens, sealer=self._sealer, rotation=rotation, tasks=tasks, patience=patience
        )
        self._steps = LinkSteps(ct=ct, tokens=tokens, sealer=self._sealer, queue=queue, revocation=revocation)
        self._departures = Departures(tokens=tokens, queue=queue, revocation=revocation)
        self.handlers: dict[str, Handler] = {
            REVOKE: revocation.handle,
            UNPROVED: self._steps.handle,
            FORGET: self._departures.handle,
        }

    async def call(self, who: SlackUser, work: Callable[[CTUser], Awaitable[T]], *, account: str | None = None) -> T:
        """Do `work` with this person's token, renewed as needed (`guarantees.md` T1, T2).

        `account`: only with that CT account (its fingerprint), whatever they link meanwhile; else NotAllowedError.
        CT's 401 starts `work` again from its beginning, once as a rule, twice at most: what changes the world goes
        alone in a `work` of its own. Raises NotLinkedError and StoreDownError (both: `work` did nothing), and CTError,
        whose `maybe_acted` speaks of `work` alone, never of the renewal before it.
        """
        began = self._clock()
        link = await self._ready(who)
        waited = self._clock() - began
        renewed = False
        while True:
            try:
                return await work(self._as(link, account))
            except CTAuthError:
                if renewed:
                    link = await self._refused_again(who, link)
                    return await work(self._as(link, account))
                link, renewed = await self._refused(who, link, waited)

    def _as(self, link: Link, account: str | None) -> CTUser:
        """Compared with what rests beside this very pair: a look before the call could be overtaken by a linking."""
        if account is not None and msgspec.json.decode(link.account, type=Account).fingerprint != account:
            raise NotAllowedError(OTHER_ACCOUNT)
        return self._ct.as_user(link.pair.access)

    async def account(self, who: SlackUser) -> Account | None:
        """The CT account that somebody is linked to; None unless the link is active."""
        record = await self._tokens.load(who)
        if record is None or record.status is not Status.ACTIVE:
            return None
        return msgspec.json.decode(record.account, type=Account)

    async def begin(self, who: SlackUser) -> Epoch:
        """Before a linking: whatever ends this person's links from now on ends this attempt as well."""
        return await self._tokens.now()

    async def adopt(self, who: SlackUser, pair: TokenPair, *, epoch: Epoch) -> int | None:
        """Save a new pair beside the present link; its generation, or None when it was withdrawn meanwhile."""
        return await self._steps.adopt(who, pair, epoch=epoch)

    async def prove(self, who: SlackUser, gen: int) -> Account:
        """Ask CT whose the new pair is; raises CTError, or LinkExpiredError when the attempt was withdrawn."""
        return await self._steps.prove(who, gen)

    async def activate(self, who: SlackUser, gen: int, account: Account) -> ActivateResult:
        """From here on commands use the new link; the pair that it replaces is revoked."""
        return await self._steps.activate(who, gen, account)

    async def abandon(self, who: SlackUser, gen: int) -> None:
        """Drop a new link that could not be proved; the link before it stays as it was."""
        await self._steps.abandon(who, gen)

    async def unlink(self, who: SlackUser) -> bool:
        """End the link here and now, then at CT by due work; True if there was one."""
        linked = await self._departures.unlink(who)
        await self._note("unlinked", who=who.key, linked=linked)
        return linked

    async def forget_installation(
        self, tag: str, *, team_id: str | None, user_ids: Sequence[str] | None = None, moment: Epoch | None = None
    ) -> int:
        """The app left (or some people's tokens were revoked): end their links; returns how many had one.

        May be repeated, in any order; links begun after `moment` (now; microseconds) stay.
        """
        count = await self._departures.forget(tag, team_id=team_id, user_ids=user_ids, moment=moment)
        await self._note("installation_forgotten", tag=tag, team=team_id, links=count)
        return count

    async def _ready(self, who: SlackUser) -> Link:
        """One round trip as a rule. A renewal by the timer that fails is no reason to fail: the token may be good."""
        record = usable(await self._tokens.load(who))
        link = self._sealer.link(who, record)
        await self._rewrap(who, record, link)
        if record.refresh_in > 0 or link.pair.refresh is None:
            return link
        try:
            return await self._refresher.renewed(who, link.gen, ahead=True)
        except (CTError, StoreDownError) as error:
            log.warning("a token could not be renewed ahead of its expiry", who=who.key, error=str(error))
            return link

    async def _refused(self, who: SlackUser, link: Link, waited: float) -> tuple[Link, bool]:
        """CT said 401: use the newer pair if there is one, else renew. True: renewed, so that no 401 is excused.

        `waited`: seconds for a renewal ahead, which was in vain.
        """
        record = usable(await self._tokens.load(who))
        if record.gen != link.gen:
            return self._sealer.link(who, record), False
        try:
            return await self._refresher.renewed(who, link.gen, waited=waited), True
        except CTError as error:
            error.maybe_acted = False
            raise

    async def _refused_again(self, who: SlackUser, link: Link) -> Link:
        """A pair fresh from CT that CT refuses: the link is dead, unless a newer one has turned up."""
        return await self._endings.end(who, link.gen, why="401 after a renewal")

    async def _rewrap(self, who: SlackUser, record: LinkRecord, link: Link) -> None:
        sealed = self._sealer.rewrapped(who, record, link)
        if sealed is None:
            return
        try:
            await self._tokens.rewrap(who, record.gen, sealed)
        except StoreDownError:
            log.warning("a link keeps its old data key", who=who.key)

    async def _note(self, row: str, **fields: object) -> None:
        """An audit row about what has happened already: an outage must not turn it into a failure."""
        try:
            await self._audit.record(row, **fields)
        except StoreDownError:
            log.warning("an audit row could not be written", row=row)
