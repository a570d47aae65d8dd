"""The second person: an operation whose asker has confirmed waits, in public, for somebody else's *yes* (R8, R9).

Approval lends nothing: the asker's own token acts. It only says that two people know what is about to happen.
"""

import time
from collections.abc import Awaitable, Callable

from bot.ct import CTForbiddenError, CTNotFoundError, CTUser
from bot.errors import NotAllowedError, NotLinkedError
from bot.identity import SlackUser
from bot.services.cards import Cards, NotShownError, redrawn
from bot.services.operation import Ending, Operation, State, over
from bot.services.operations import Operations
from bot.services.sending import APPROVAL_SECONDS, OwnApprovalError, Sending, SettledError
from bot.services.sessions import Sessions

AWAITED = "awaited_at"  # among an operation's params: since when, by our clock
NOBODY_SEES = "I am not in that channel, or it is none, so no second person can see the question. Ask where I am."
_AGAIN = 5.0


class Approval:
    """Shared by all that a second person may have to approve."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        operations: Operations,
        sending: Sending,
        cards: Cards,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._operations = operations
        self._sending = sending
        self._cards = cards
        self._clock = clock

    async def begin(self, who: SlackUser, op_id: str, **params: object) -> Operation:
        """The asker's *yes*; shown in the channel. ENDED as STALE where nobody else would see it.

        Raises ForeignQuestionError, SettledError, StoreDownError.
        """
        op = await self._sending.settle(who, op_id, State.AWAITING)
        awaited = {**op.params, **params, AWAITED: self._clock()}
        op = await self._sending.note(f"{op.kind}_awaits_second", op, {"params": awaited})
        if op.channel_id.startswith("D"):
            return await self._sending.end(op, Ending.STALE, NOBODY_SEES)
        try:
            shown = await self._cards.show(op)
        except NotShownError:
            return op  # follow-up shows it as soon as Slack takes it
        if shown.card_channel != op.channel_id:
            op = await self._sending.end(op, Ending.STALE, NOBODY_SEES)
            await redrawn(self._cards, self._operations, op.but(card_channel=shown.card_channel, card_ts=shown.card_ts))
            return op
        return await self._operations.place(op, shown)

    async def approve(
        self, who: SlackUser, op: Operation, sees: Callable[[CTUser, Operation], Awaitable[bool]]
    ) -> Operation:
        """The record, CONFIRMED. `sees`: does the approver's own account show them what is to be changed?

        Raises OwnApprovalError, NotLinkedError, NotAllowedError, SettledError, CTError, StoreDownError.
        """
        if op.who.user_id == who.user_id:
            await self._operations.record(f"{op.kind}_own_approval", op, clicked_by=who.key)
            raise OwnApprovalError
        if op.state is not State.AWAITING:
            raise SettledError("expired" if op.ending is Ending.EXPIRED else "settled", op)
        if await self._sessions.account(who) is None:
            raise NotLinkedError("To approve I need your own CT account.")
        try:
            visible = await self._sessions.call(who, lambda ct: sees(ct, op))
        except (CTNotFoundError, CTForbiddenError):
            visible = False
        if not visible:
            raise NotAllowedError("Your own CT account does not show you this, so you cannot approve it.")
        return await self._sending.approve(who, op.id)

    async def call_off(self, who: SlackUser, op_id: str) -> Operation:
        """Anybody's *no*. Raises SettledError, StoreDownError."""
        op = await self._sending.call_off(who, op_id)
        await redrawn(self._cards, self._operations, op)
        return op

    async def wait(self, op: Operation) -> float | None:
        """Due work of an AWAITING operation: show it, if a replica died before; end it when its time is over."""
        left = op.params.get(AWAITED, op.asked_at) + APPROVAL_SECONDS - self._clock()
        if left > 0:
            if op.card_ts is None:
                op = await redrawn(self._cards, self._operations, op)
            return left + 1.0 if op.card_ts else _AGAIN
        ended = await self._operations.note(f"{op.kind}_expired", op, over(Ending.EXPIRED, self._clock()))
        if ended is None:
            return _AGAIN
        await redrawn(self._cards, self._operations, ended)
        return None
