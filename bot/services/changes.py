"""Every change but a reboot: one question, one confirmation, at most one call; then a sentence, or a follow-up.

What is special about a kind of change is an `Act`, declared in the file of its command.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import structlog

from bot.ct import CTError
from bot.errors import NotLinkedError, StoreDownError, UserError
from bot.identity import SlackUser
from bot.services.act import Act, Step
from bot.services.operation import Ending, Facts, Operation, State, broken
from bot.services.operations import MOST_RACES, Operations
from bot.services.reboot import stopped
from bot.services.sending import QUESTION_SECONDS, Sending, SettledError, answerable
from bot.services.sessions import Sessions
from bot.services.trouble import sentence
from bot.stores.due import DueItem, DueQueue

log = structlog.get_logger(__name__)

__all__ = ["KIND", "Act", "Changes", "Step"]

KIND = "change"
UNDO_AGAIN, UNDO_PATIENCE = 30.0, 1800.0
TELLING = 60.0  # seconds that telling how it ended may take, files and all, before another replica does it
ANEW = 1.0
TOLD = "told"  # among `params`: the ending that the asker and the channel have heard of
FINISH_AGAIN, FINISH_PATIENCE = 5.0, 3600.0  # seconds: codes that CT does not give now are asked for again


class Told(Protocol):
    """Whoever tells how changes ended. `bot.slack` implements it."""

    async def tell(self, op: Operation) -> None:
        """Word it for the asker and for the channel."""

    async def finish(self, op: Operation) -> bool:
        """What belongs to it beside the words, such as codes; False where it is to be tried again."""


def _undoing(kind: str, op: Operation) -> str:
    """One undoing at most is due for a kind of change of a thing: the newest."""
    return f"{kind}:{op.before.id}"


def _with(op: Operation, more: Mapping[str, Any] | None) -> Operation:
    return op.but(params={**op.params, **more}) if more else op


class Changes:
    """Asks, confirms, sends, follows. Tells through `told` what ends after the click.

    `thawed` raises FrozenError while reboots are frozen.
    """

    def __init__(
        self,
        *,
        acts: Mapping[str, Act],
        sessions: Sessions,
        operations: Operations,
        sending: Sending,
        queue: DueQueue,
        told: Told,
        thawed: Callable[[], Awaitable[None]],
        recovery: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._acts = acts
        self._sessions = sessions
        self._operations = operations
        self._sending = sending
        self._queue = queue
        self._told = told
        self._thawed = thawed
        self._recovery = recovery
        self._clock = clock

    async def ask(
        self,
        who: SlackUser,
        act: Act,
        target: Facts,
        *,
        channel_id: str,
        params: Mapping[str, Any] | None = None,
        reason: str | None = None,
    ) -> Operation:
        """Write the question; nothing is sent before `confirm`. Raises NotLinkedError, FrozenError, StoreDownError."""
        if act.restarts:
            await self._thawed()
        account = await self._sessions.account(who)
        if account is None:
            raise NotLinkedError("For that I need your CT account.")
        op = Operation(
            id=secrets.token_urlsafe(16),
            kind=act.kind,
            team_id=who.team_id,
            user_id=who.user_id,
            enterprise_id=who.enterprise_id,
            fingerprint=account.fingerprint,
            acting_as=account.label,
            before=target,
            params=dict(params or {}),
            reason=reason,
            channel_id=channel_id,
            asked_at=self._clock(),
        )
        await self._operations.create(op, life=QUESTION_SECONDS)
        return op

    async def do(
        self, who: SlackUser, act: Act, target: Facts, *, unkept: Mapping[str, Any] | None = None, **how: Any
    ) -> Operation:
        """For a change that hurts nobody, or that a form's button has just confirmed: ask and confirm in one.

        `unkept` stands among `params` while CT is called, and is never written: passwords, guests' codes.
        """
        op = await self.ask(who, act, target, **how)
        return await self.confirm(who, op.id, unkept=unkept)

    async def cancel(self, who: SlackUser, op_id: str) -> Operation:
        """Settle the question with *no*."""
        return await self._sending.cancel(who, op_id)

    async def load(self, op_id: str) -> Operation | None:
        """The record, or None."""
        return await self._operations.load(op_id)

    async def place(self, op: Operation, shown: Operation) -> None:
        """Remember where the channel was told, so that the line can say how it ended."""
        await self._operations.place(op, shown)

    async def confirm(self, who: SlackUser, op_id: str, *, unkept: Mapping[str, Any] | None = None) -> Operation:
        """Settle with *yes*, check again, send at most once.

        The record is ENDED as DONE, REFUSED, NOT_SENT or STALE, or WATCHING (it takes its time, or its answer was
        lost). Raises ForeignQuestionError, SettledError, StoreDownError (then nothing was sent).
        """
        known = await self.load(op_id)
        if known and known.who == who and known.state is State.PROPOSED:
            await self._queue.add(KIND, op_id, op_id.encode(), delay=self._recovery)
        op = await self._sending.settle(who, op_id, State.CONFIRMED)
        act = self._acts[op.kind]
        try:
            if act.restarts:
                await self._thawed()
            await self._sending.same_account(op)
            found = await self._sessions.call(who, lambda ct: act.check(ct, _with(op, unkept)))
        except (UserError, CTError) as error:
            return await stopped(self._sending, op, error)
        accepted = State.WATCHING if act.follow else State.ENDED
        op = _with(op, found)
        op, given = await self._sending.send(op, lambda ct: act.perform(ct, _with(op, unkept)), accepted=accepted)
        return await self._after(act, op, given)

    async def _after(self, act: Act, op: Operation, given: Mapping[str, Any] | None) -> Operation:
        """What happened has happened: a store that is down now changes nothing in it."""
        try:
            if given:
                op = await self._sending.save(op, params={**op.params, **given})
            if op.state is State.WATCHING:
                await self._queue.add(KIND, op.id, op.id.encode(), delay=act.follow_first)
            else:
                await self._see_to_undoing(act, op)
                await self._queue.add(KIND, op.id, op.id.encode(), delay=TELLING)
        except (StoreDownError, UserError):
            log.warning("a change is left to its first follow-up", operation=op.id)
            return op.but(params={**op.params, **(given or {})})
        return op

    async def _see_to_undoing(self, act: Act, op: Operation, *, unless_due: bool = False) -> None:
        """What was done for a while ends by itself; what ends another kind calls its undoing off."""
        if op.ending is not Ending.DONE:
            return
        if (undo_in := act.undo_after(op)) is not None:
            left = max(0.0, (op.ended_at or self._clock()) + undo_in - self._clock())
            await self._queue.add(KIND, _undoing(op.kind, op), op.id.encode(), delay=left, unless_due=unless_due)
        elif act.ends:
            await self._queue.remove(KIND, _undoing(act.ends, op))

    async def told(self, op: Operation) -> None:
        """The asker knows how it ended; until this is said, another replica tells them if this one dies."""
        if op.state is not State.ENDED:
            return
        try:
            if await self._operations.stands(op):
                await self._queue.remove(KIND, op.id)
        except StoreDownError:
            log.warning("a change may be told twice", operation=op.id)

    # --- later --------------------------------------------------------------------------------

    async def handle(self, item: DueItem) -> float | None:
        """Due work: what was cut off, what takes its time, what is to be undone."""
        op = await self.load(item.payload.decode())
        if op is None or (act := self._acts.get(op.kind)) is None:
            return None
        try:
            return await self._look(act, op, undoing=item.id != op.id)
        except SettledError:  # the record was changed meanwhile, by whoever clicked or told the channel
            return ANEW

    async def _look(self, act: Act, op: Operation, *, undoing: bool) -> float | None:
        match op.state:
            case State.PROPOSED if answerable(op, self._clock()):
                return self._recovery  # the click is on its way still
            case State.PROPOSED | State.AWAITING:
                return None
            case State.CONFIRMED:
                await self._cut_off(op)
                return None
            case State.SENDING:
                return await self._lost(act, op)
            case State.WATCHING:
                return await self._follow(act, op)
            case State.ENDED if undoing:
                return await self._undo(act, op)
            case State.ENDED:
                return await self._untold(act, op)

    async def _cut_off(self, op: Operation) -> None:
        await self._tell(await self._sending.end(op, Ending.NOT_SENT, "I was cut off before I sent it."))

    async def _lost(self, act: Act, op: Operation) -> float | None:
        """A replica died, or lost the store, between the call and its outcome: it is never sent again."""
        op = await self._sending.note(f"{op.kind}_unknown", op, broken(self._clock()), error="cut off")
        return await self._follow(act, op)

    async def _follow(self, act: Act, op: Operation) -> float | None:
        follow = act.follow or act.lost
        if follow is None:
            # Its answer was lost and nothing can be looked at: say so, once.
            return await self._tell(await self._sending.end(op, Ending.UNKNOWN))
        try:
            step = await self._sessions.call(op.who, lambda ct: follow(ct, op))
        except NotLinkedError:
            step = Step(ending=Ending.UNKNOWN, messages=("Your link to CT ended while I was watching.",))
        except CTError as error:
            log.info("a change could not be followed", operation=op.id, error=type(error).__name__)
            step = Step(again=5.0)
        if step.params:
            op = await self._sending.save(op, params={**op.params, **step.params})
        if step.again is not None and self._clock() - op.asked_at < 3600:
            return step.again
        ending = step.ending if step.again is None else Ending.UNKNOWN
        op = await self._sending.end(op, ending, *step.messages)
        await self._see_to_undoing(act, op)
        return await self._tell(op)

    async def _tell(self, op: Operation) -> float | None:
        """How it ended, once; then, in a turn of its own, what belongs to it, until that is done."""
        if op.params.get(TOLD) != op.ending:
            await self._told.tell(op)
            await self._note_told(op)
            return 0.0 if op.ending is Ending.DONE else None
        if await self._told.finish(op) or self._clock() - (op.ended_at or 0) > FINISH_PATIENCE:
            return None
        return FINISH_AGAIN

    async def _note_told(self, op: Operation) -> None:
        for _ in range(MOST_RACES):
            if await self._operations.save(op, params={**op.params, TOLD: op.ending}):
                return
            op = await self.load(op.id) or op

    async def _untold(self, act: Act, op: Operation) -> float | None:
        """It ended, and its replica died, or lost the store, before it had told anybody or seen to the undoing."""
        await self._see_to_undoing(act, op, unless_due=True)
        return await self._tell(op)

    async def _undo(self, act: Act, op: Operation) -> float | None:
        if op.ending in {Ending.UNDONE, Ending.UNDO_FAILED}:
            return await self._tell(op)  # done, by a replica that died before it had said so
        if act.undo is None or op.ending is not Ending.DONE or act.undo_after(op) is None:
            return None
        undo = act.undo
        try:
            await self._sessions.call(op.who, lambda ct: undo(ct, op))
        except NotLinkedError:
            ending, why = Ending.UNDO_FAILED, "Your link to CT had ended."
        except CTError as error:
            if error.maybe_acted and self._clock() - (op.ended_at or 0) < (act.undo_after(op) or 0) + UNDO_PATIENCE:
                return UNDO_AGAIN
            ending, why = Ending.UNDO_FAILED, sentence(error)
        else:
            ending, why = Ending.UNDONE, ""
        return await self._tell(await self._sending.end(op, ending, *([why] if why else [])))
