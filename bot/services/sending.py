"""The one way in which anything at CT is changed: written ahead, sent at most once, its outcome told apart honestly.

`guarantees.md` section 4 and decisions 4 and 5: rebooting and every other change go through here.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from bot import cuts
from bot.ct import CTAuthError, CTError, CTInvalidError, CTRateLimitError, CTStatusError, CTUser
from bot.errors import NotAllowedError, NotLinkedError, StoreDownError, TooFewCopiesError, UserError
from bot.identity import SlackUser
from bot.services.operation import UNWRITTEN, Ending, Operation, State, broken, over
from bot.services.operations import Operations
from bot.services.sessions import OTHER_ACCOUNT, Sessions
from bot.services.trouble import sentence
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)

QUESTION_SECONDS = 120
APPROVAL_SECONDS = 900
_OUTLAST = 60.0  # seconds of an outage
APPROVED_BY, CALLED_OFF_BY = "approved_by", "called_off_by"  # among an operation's params


def answerable(op: Operation, now: float) -> bool:
    """True while a click may still settle the question; a little longer, as this clock is not the store's."""
    return now < op.asked_at + QUESTION_SECONDS + 5.0


class ForeignQuestionError(NotAllowedError):
    """The question belongs to somebody else; it stays open for them."""

    def __init__(self, op: Operation) -> None:
        super().__init__("This is somebody else's question.")
        self.op = op


class SettledError(UserError):
    """The question was answered, or expired, or is gone. Nothing was sent by this click."""

    def __init__(self, why: str, op: Operation | None) -> None:
        super().__init__(why)
        self.why = why
        self.op = op


class OwnApprovalError(NotAllowedError):
    """Nobody is their own second person."""

    def __init__(self) -> None:
        super().__init__("You asked for this yourself, so somebody else has to approve it.")


class Sending:
    """Settles questions and makes the one call; what is special about a kind of change stays with its caller."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        operations: Operations,
        tasks: TaskSet,
        clock: Callable[[], float] = time.time,
        pause: float = 0.5,
    ) -> None:
        self._sessions = sessions
        self._operations = operations
        self._tasks = tasks
        self._clock = clock
        self._pause = pause

    async def settle(self, who: SlackUser, op_id: str, state: State) -> Operation:
        """Answer the question, once. Raises ForeignQuestionError, SettledError, StoreDownError."""
        life = APPROVAL_SECONDS if state is State.AWAITING else None
        outcome, op = await self._operations.settle(who, op_id, state, life=life)
        if outcome == "foreign" and op:
            await self._operations.record(f"{op.kind}_foreign_click", op, clicked_by=who.key)
            raise ForeignQuestionError(op)
        if outcome != "ok" or op is None:
            raise SettledError(outcome, op)
        cuts.here("change.settled")
        return await self.save(op, state=state)

    async def approve(self, who: SlackUser, op_id: str) -> Operation:
        """The second person's *yes*: the record, CONFIRMED. Raises OwnApprovalError, SettledError, StoreDownError."""
        outcome, op = await self._operations.settle(who, op_id, State.CONFIRMED, as_who="second", since=State.AWAITING)
        if outcome == "own" and op:
            await self._operations.record(f"{op.kind}_own_approval", op, clicked_by=who.key)
            raise OwnApprovalError
        if outcome != "ok" or op is None:
            raise SettledError(outcome, op)
        cuts.here("change.approved")
        changes = {"state": State.CONFIRMED, "params": {**op.params, APPROVED_BY: who.user_id}}
        return await self.note(f"{op.kind}_approved", op, changes, approved_by=who.key)

    async def call_off(self, who: SlackUser, op_id: str) -> Operation:
        """Anybody's *no* while a second person is waited for. Raises SettledError, StoreDownError."""
        outcome, op = await self._operations.settle(who, op_id, State.ENDED, as_who="anybody", since=State.AWAITING)
        if outcome != "ok" or op is None:
            raise SettledError(outcome, op)
        return await self.end(op.but(params={**op.params, CALLED_OFF_BY: who.user_id}), Ending.CANCELLED)

    async def cancel(self, who: SlackUser, op_id: str) -> Operation:
        """Settle the question with *no*."""
        return await self.end(await self.settle(who, op_id, State.ENDED), Ending.CANCELLED)

    async def same_account(self, op: Operation) -> None:
        """Raises NotAllowedError when another CT account would act than when the question was asked."""
        account = await self._sessions.account(op.who)
        if account is None or account.fingerprint != op.fingerprint:
            raise NotAllowedError(OTHER_ACCOUNT)

    async def send(
        self, op: Operation, call: Callable[[CTUser], Awaitable[Any]], *, accepted: State
    ) -> tuple[Operation, Any]:
        """Write ahead, touch CT once, write the outcome; `accepted` is the state that a 2xx leads to.

        A crash in between leaves SENDING, which nobody ever sends again. Returns the record, and what the call gave.
        """
        await self._operations.record(f"{op.kind}_intent", op)
        cuts.here("change.intended")
        sending = {"state": State.SENDING, "sent_at": self._clock()}
        try:
            op = await self.save(op, **sending)
        except TooFewCopiesError as error:
            op = op.but(version=op.version + 1, **sending)  # it is written, and nothing was sent
            return await self._outcome(
                f"{op.kind}_not_sent", op, over(Ending.NOT_SENT, self._clock(), sentence(error))
            ), None
        cuts.here("change.sending")
        try:
            given = await self._sessions.call(op.who, call, account=op.fingerprint)
            cuts.here("change.answered")
        except (NotLinkedError, NotAllowedError, StoreDownError) as error:
            # All come before the call: without the link that was asked about, or without its store, none is made.
            return await self._outcome(
                f"{op.kind}_not_sent", op, over(Ending.NOT_SENT, self._clock(), sentence(error))
            ), None
        except CTError as error:
            return await self._not_accepted(op, error), None
        except Exception as error:
            # A fault of ours in the middle of the call: nobody can say that nothing happened.
            log.exception("a change broke off", operation=op.id)
            return await self._outcome(
                f"{op.kind}_unknown", op, broken(self._clock()), error=type(error).__name__
            ), None
        changes: dict[str, Any] = {"state": accepted, "accepted_at": self._clock()}
        if accepted is State.ENDED:
            changes |= over(Ending.DONE, self._clock())
        return await self._outcome(f"{op.kind}_accepted", op, changes), given

    async def _not_accepted(self, op: Operation, error: CTError) -> Operation:
        if error.maybe_acted:
            return await self._outcome(f"{op.kind}_unknown", op, broken(self._clock()), error=type(error).__name__)
        match error:
            case CTAuthError():
                ending, messages = Ending.NOT_SENT, [sentence(error)]
            case CTRateLimitError():
                ending, messages = Ending.REFUSED, [sentence(error)]
            case CTStatusError():
                ending, messages = Ending.REFUSED, error.messages
            case _:
                ending, messages = Ending.NOT_SENT, [sentence(error)]
        changes = over(ending, self._clock(), *messages)
        if isinstance(error, CTInvalidError):
            changes["problems"] = {field: " ".join(texts) for field, texts in error.fields.items()}
        return await self._outcome(f"{op.kind}_{ending.value}", op, changes)

    async def _outcome(self, event: str, op: Operation, changes: dict[str, Any], **more: str) -> Operation:
        """Write what became of the call.

        A store that is down now must not turn what happened into an error: the record stays SENDING until the store
        takes the outcome, or follow-up calls it unknown. What is returned then is not `written`.
        """
        try:
            noted = await self.note(event, op, changes, **more)
            cuts.here("change.noted")
        except SettledError as error:
            log.warning("follow-up was faster than the answer", operation=op.id, outcome=event)
            with contextlib.suppress(StoreDownError):
                await self._operations.record(event, op, **more)
            return error.op or op.but(**changes)
        except StoreDownError:
            log.exception("the outcome could not be written", operation=op.id, outcome=event)
            self._tasks.spawn(self._outlast(event, op, changes, **more), name="outcome")
            return op.but(**changes, version=UNWRITTEN)
        return noted

    async def _outlast(self, event: str, op: Operation, changes: dict[str, Any], **more: str) -> None:
        """Until it is written, this process alone knows how it ended. Follow-up may be faster, and then stands."""
        until = self._clock() + _OUTLAST
        while self._clock() < until:
            await asyncio.sleep(self._pause)
            with contextlib.suppress(StoreDownError):
                known = await self._operations.load(op.id)
                if known is None or known.state is not State.SENDING:
                    return
                if await self._operations.note(event, known, changes, **more):
                    return

    async def end(self, op: Operation, ending: Ending, *messages: str) -> Operation:
        """Close the record before anything was sent."""
        return await self.note(f"{op.kind}_{ending.value}", op, over(ending, self._clock(), *messages))

    async def note(self, event: str, op: Operation, changes: Mapping[str, Any], **more: str) -> Operation:
        """Write the record, and a row of the audit with it; raises SettledError when somebody else changed it."""
        return await self._ours(op, await self._operations.note(event, op, changes, **more))

    async def save(self, op: Operation, **changes: Any) -> Operation:
        """Write the record; raises SettledError when somebody else changed it meanwhile."""
        return await self._ours(op, await self._operations.save(op, **changes))

    async def _ours(self, op: Operation, changed: Operation | None) -> Operation:
        if changed is None:
            raise SettledError("settled", await self._operations.load(op.id))
        return changed
