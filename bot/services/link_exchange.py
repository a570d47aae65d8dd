"""The end of linking: one code, one exchange, one proof, then the link is active (`guarantees.md` section 3, 7 to 10).

A marker of due work is written before the code is sent: whatever cuts the process off, a replica tells the person.
"""

import contextlib
import enum
import functools
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from bot import cuts
from bot.crypto import Keyring, SealError
from bot.ct import CTClient, CTError, CTOAuthError, TokenPair
from bot.errors import LinkExpiredError, StoreDownError
from bot.identity import SlackUser
from bot.services.notices import Account, Notices, Resume
from bot.services.sessions import Sessions
from bot.stores.audit import Audit
from bot.stores.due import DueItem, DueQueue
from bot.stores.held_codes import HeldCodes
from bot.stores.tokens import Epoch
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)

CUT_OFF = "link-cut-off"
_CUT_OFF_AFTER = 30.0
_TOLD_WITHIN = 60.0  # a notice may wait for Slack's rate limit, and runs what was asked before linking
_TRIES = 3
_RESUME = "link-resume"


class Outcome(enum.StrEnum):
    """How a visit to one of the linking pages ended; each has its own words."""

    DONE = "done"
    EXPIRED = "expired"
    USED = "used"
    SHOWN_ONCE = "shown_once"
    OTHER_PERSON = "other_person"
    SLACK_DENIED = "slack_denied"
    SLACK_DOWN = "slack_down"
    SLACK_REFUSED = "slack_refused"
    CT_DENIED = "ct_denied"
    CT_REFUSED = "ct_refused"
    CT_DOWN = "ct_down"
    MISCONFIGURED = "misconfigured"
    UNPROVED = "unproved"
    WITHDRAWN = "withdrawn"
    UNSURE = "unsure"


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """CT's code is held until its owner types the code that stands for it."""

    link: str
    epoch: Epoch


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What an exchange needs to know; it rests in the marker.

    `before`: the fingerprint linked until now. `tries`: how often somebody set out to tell the person how it ended.
    `waits`: there was no exchange yet; the marker speaks only of a code that nobody typed, of the newest link.
    """

    id: str
    who: SlackUser
    resume: bytes | None = None
    before: str | None = None
    tries: int = 0
    waits: Waits | None = None


class LinkExchange:
    """Turns a code into an active link, or into nothing."""

    def __init__(
        self,
        *,
        ct: CTClient,
        sessions: Sessions,
        queue: DueQueue,
        held: HeldCodes,
        keyring: Keyring,
        audit: Audit,
        notices: Notices,
        tasks: TaskSet,
        redirect_uri: str,
    ) -> None:
        self._ct = ct
        self._sessions = sessions
        self._queue = queue
        self._held = held
        self._keyring = keyring
        self._audit = audit
        self._notices = notices
        self._tasks = tasks
        self._redirect_uri = redirect_uri

    def seal_resume(self, who: SlackUser, resume: Resume | None) -> bytes | None:
        """What was typed may be private: it rests sealed."""
        if resume is None:
            return None
        return self._keyring.seal(msgspec.msgpack.encode(resume), owner=who.key, purpose=_RESUME)

    async def announce(self, attempt: Attempt, *, delay: float = _CUT_OFF_AFTER) -> None:
        """Write the marker ahead of anything that cannot be undone."""
        await self._queue.add(CUT_OFF, attempt.id, msgspec.msgpack.encode(attempt), delay=delay)

    async def withdraw(self, attempt: Attempt) -> None:
        """This attempt ended in words; nobody needs to look for it."""
        await self._queue.remove(CUT_OFF, attempt.id)

    async def run(self, attempt: Attempt, *, code: str, code_verifier: str, epoch: Epoch) -> Outcome:
        """Send the code once and see it through. The marker is there already; it goes when the person was told."""
        try:
            return await self._run(attempt, code, code_verifier, epoch)
        except StoreDownError as error:
            log.warning("link left to its marker", user=attempt.who.user_id, error=str(error))
            return Outcome.UNSURE

    async def _run(self, attempt: Attempt, code: str, code_verifier: str, epoch: Epoch) -> Outcome:
        cuts.here("link.marked")
        try:
            pair = await self._ct.oauth.exchange(
                code=code, redirect_uri=self._redirect_uri, code_verifier=code_verifier
            )
        except CTError as error:
            return await self._failed(attempt, _refusal(error), error)
        cuts.here("link.exchanged")
        generation = await self._adopt(attempt, pair, epoch)
        cuts.here("link.adopted")
        if generation is None:
            return await self._failed(attempt, Outcome.WITHDRAWN)
        try:
            account = await self._sessions.prove(attempt.who, generation)
        except LinkExpiredError:
            return await self._failed(attempt, Outcome.WITHDRAWN)
        except CTError as error:
            await self._sessions.abandon(attempt.who, generation)
            return await self._failed(attempt, Outcome.UNPROVED, error)
        cuts.here("link.proved")
        result = await self._sessions.activate(attempt.who, generation, account)
        cuts.here("link.activated")
        if not result.ok:
            return await self._failed(attempt, Outcome.WITHDRAWN)
        await self._linked(attempt, account, switched=result.switched)
        return Outcome.DONE

    async def cut_off(self, item: DueItem) -> None:
        """A marker that outlived its attempt: the process died, or the store did. Say how it stands."""
        attempt = msgspec.msgpack.decode(item.payload, type=Attempt)
        waits = attempt.waits
        if waits and not await self._held.untyped(attempt.who, link=waits.link, epoch=waits.epoch):
            return
        if attempt.tries >= _TRIES:
            log.error("nobody could be told how linking ended", user=attempt.who.user_id)
            return
        account = await self._sessions.account(attempt.who)
        if account is not None and account.fingerprint != attempt.before:
            await self._tell_linked(attempt, account, switched=attempt.before is not None)
            return
        await self._record("link_cut_off", attempt)
        await self._tell(attempt, functools.partial(self._notices.link_cut_off, attempt.who))

    async def _adopt(self, attempt: Attempt, pair: TokenPair, epoch: Epoch) -> int | None:
        try:
            return await self._sessions.adopt(attempt.who, pair, epoch=epoch)
        except StoreDownError:
            self._tasks.spawn(self._give_back(pair), name="link-give-back")
            raise

    async def _give_back(self, pair: TokenPair) -> None:
        """Tokens that could not be saved are of no use to anybody: end them at CT, as well as one can."""
        try:
            await self._ct.oauth.revoke(pair.access_token, access_token=pair.access_token)
        except CTError as error:
            log.warning("unsaved tokens not revoked", error=str(error))

    async def _linked(self, attempt: Attempt, account: Account, *, switched: bool) -> None:
        await self._record("linked", attempt, account=account.fingerprint, switched=switched)
        self._tasks.spawn(self._tell_linked(attempt, account, switched=switched), name="link-tell")

    async def _tell_linked(self, attempt: Attempt, account: Account, *, switched: bool) -> None:
        resume = self._open_resume(attempt)
        notice = functools.partial(self._notices.linked, attempt.who, account, resume=resume, switched=switched)
        await self._tell(attempt, notice)

    async def _tell(self, attempt: Attempt, notice: Callable[[], Awaitable[None]]) -> None:
        """Send a notice; the marker stays until it is sent, so that a failure leaves it to a replica, a few times."""
        await self.announce(msgspec.structs.replace(attempt, tries=attempt.tries + 1), delay=_TOLD_WITHIN)
        await notice()
        await self.withdraw(attempt)

    def _open_resume(self, attempt: Attempt) -> Resume | None:
        if attempt.resume is None:
            return None
        try:
            plain = self._keyring.open(attempt.resume, owner=attempt.who.key, purpose=_RESUME)
        except SealError:
            log.warning("what was typed before linking cannot be opened any more", user=attempt.who.user_id)
            return None
        return msgspec.msgpack.decode(plain, type=Resume)

    async def _failed(self, attempt: Attempt, outcome: Outcome, error: CTError | None = None) -> Outcome:
        log.info("link failed", outcome=outcome, error=str(error) if error else None, user=attempt.who.user_id)
        await self._record("link_failed", attempt, outcome=outcome)
        # A store that is down now must not turn a known outcome into an unsure one: the marker may be gone already.
        with contextlib.suppress(StoreDownError):
            await self.withdraw(attempt)
        return outcome

    async def _record(self, event: str, attempt: Attempt, **fields: object) -> None:
        """The audit must not stand in the way: what happened has happened."""
        try:
            await self._audit.record(event, who=attempt.who.key, **fields)
        except StoreDownError:
            log.exception("audit row lost", row=event, user=attempt.who.user_id)


def _refusal(error: CTError) -> Outcome:
    if not isinstance(error, CTOAuthError):
        return Outcome.CT_DOWN
    return Outcome.MISCONFIGURED if error.error in {"invalid_client", "unauthorized_client"} else Outcome.CT_REFUSED
