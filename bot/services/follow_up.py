"""Watching a reboot to its end: due work in Redis, so that any replica carries on after a crash.

Proof is a heartbeat newer than the request *and* an uptime that started over (`ct-api.md` 4.3); all else is
said in words.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import structlog

from bot import cuts
from bot.ct import CTAuthError, CTError
from bot.errors import NotLinkedError
from bot.services.approval import Approval
from bot.services.cards import Cards, NotShownError, redrawn
from bot.services.operation import Ending, Facts, Operation, State, broken, over
from bot.services.operations import MOST_RACES, Operations
from bot.services.reboot import facts
from bot.services.sending import answerable
from bot.services.sessions import Sessions
from bot.settings import Pace
from bot.stores.box_locks import BoxLocks
from bot.stores.due import DueItem

log = structlog.get_logger(__name__)

SHOWN_WITHIN = 86_400.0  # seconds after the end; what Slack has not taken by then nobody waits for


class FollowUp:
    """The handler of `reboot` items in the due queue."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        operations: Operations,
        locks: BoxLocks,
        cards: Cards,
        approval: Approval,
        pace: Pace,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._operations = operations
        self._locks = locks
        self._cards = cards
        self._approval = approval
        self._pace = pace
        self._clock = clock

    async def handle(self, item: DueItem) -> float | None:
        """One look; returns the seconds to the next one, or None at the end."""
        op = await self._operations.load(item.id)
        if op is None:
            return None
        match op.state:
            case State.PROPOSED:  # the click is on its way still, or never came
                return self._pace.recovery if answerable(op, self._clock()) else None
            case State.AWAITING:
                return await self._approval.wait(op)
            case State.CONFIRMED | State.SENDING:
                return await self._recover(op)
            case State.WATCHING:
                return await self._look(op)
            case State.ENDED:
                return await self._last_look(op)

    async def _recover(self, op: Operation) -> float | None:
        """A replica died, or is slow, between the click and the answer."""
        if op.state is State.SENDING:
            if self._clock() - (op.sent_at or 0) < self._pace.cut_off:
                return self._pace.cut_off
            unknown = await self._operations.note("reboot_unknown", op, broken(self._clock()), error="cut off")
            return 0.0 if unknown is None else await self._look(unknown)
        # Never sent; saving under the old version makes sure that nobody can send it any more.
        not_sent = over(Ending.NOT_SENT, self._clock(), "I was cut off.")
        ended = await self._operations.note("reboot_not_sent", op, not_sent, error="cut off")
        if ended is None:
            return self._pace.cut_off
        await self._locks.release(op.before.id, op.id, sent=False)
        return await self._last_look(ended)

    async def _look(self, op: Operation) -> float | None:
        now = self._clock()
        try:
            box = facts(await self._sessions.call(op.who, lambda ct: ct.boxes.get(op.before.slug)))
        except (NotLinkedError, CTAuthError):
            await self._blind(op, "Your link to CT ended while I was watching, so I cannot see the box any more.")
            return None
        except CTError as error:
            log.info("follow-up could not look", operation=op.id, error=type(error).__name__)
            if now - (op.sent_at or now) > self._pace.give_up:
                await self._blind(op, "CT did not let me look at the box for an hour.")
                return None
            if op.card_ts is None:
                await self._redraw(op)
            return self._pace.poll
        changes = progress(op, box, now, self._pace)
        changed = await self._seen(op, {**changes, "after": box, "polls": op.polls + 1})
        if changed is None:
            return self._pace.poll
        if changed.state is State.ENDED:
            cuts.here("follow.ended")
        changed = await self._redraw(changed) if changes or op.card_ts is None else changed
        return await self._next(changed, now)

    async def _seen(self, op: Operation, changes: dict[str, Any]) -> Operation | None:
        if ending := changes.get("ending"):
            return await self._operations.note(f"reboot_{ending}", op, changes)
        return await self._operations.save(op, **changes)

    async def _next(self, op: Operation, now: float) -> float | None:
        if op.state is State.ENDED:
            op = await self._tell_followers(op)
            if op.ending is Ending.NEVER_RESTARTED:
                await self._locks.release(op.before.id, op.id, sent=True)
            return self._pace.people
        if op.warned_at is None and overdue(op, now, self._pace):
            warned = await self._operations.save(op, warned_at=now)
            if warned is None:
                return self._pace.poll
            warned = await self._redraw(warned)
            await self._cards.warn(warned)
            return self._pace.slow_poll
        return self._pace.poll if op.warned_at is None else self._pace.slow_poll

    async def _last_look(self, op: Operation) -> float | None:
        """A while after the end: how many people have returned; and the card once more, as Slack may have been down.

        Until Slack takes it: the end of a reboot is what everybody waits for. What was never sent is told to the asker,
        whose replica died before it could.
        """
        op = await self._tell_followers(op)
        if not op.maybe_sent:
            if op.ending in {Ending.REFUSED, Ending.NOT_SENT, Ending.STALE}:
                await self._cards.tell(op)
            if op.card_ts is None:  # else a second person was waited for in public
                return None
        if op.ending in {Ending.BACK, Ending.BACK_UNPROVED} and op.after is not None:
            with contextlib.suppress(NotLinkedError, CTError):
                box = facts(await self._sessions.call(op.who, lambda ct: ct.boxes.get(op.before.slug)))
                op = await self._operations.save(op, after=box) or op
        try:
            await self._operations.place(op, await self._cards.show(op))
        except NotShownError:
            return self._pace.slow_poll if self._clock() - (op.ended_at or 0) < SHOWN_WITHIN else None
        return None

    async def _blind(self, op: Operation, why: str) -> None:
        unproved = over(Ending.BACK_UNPROVED, self._clock(), why) | {"after": None}
        ended = await self._operations.note("reboot_unwatched", op, unproved)
        if ended:
            await self._redraw(ended)
            await self._tell_followers(ended)

    async def _tell_followers(self, op: Operation) -> Operation:
        """Tell those who do not know yet how it ended; noted, so that it is done by another replica where one died."""
        left = tuple(user for user in op.followers if user not in op.told)
        if not left:
            return op
        await self._cards.tell_followers(op.but(followers=left))
        for _ in range(MOST_RACES):
            noted = await self._operations.save(op, told=(*op.told, *left))
            if noted is not None:
                return noted
            op = await self._operations.load(op.id) or op
        return op

    async def _redraw(self, op: Operation) -> Operation:
        """Redraw the card; post it where a replica died, or Slack was down, before there was one."""
        if op.card_ts is None and self._clock() - (op.sent_at or 0) < self._pace.card_grace:
            return op
        return await redrawn(self._cards, self._operations, op)


def restarted(op: Operation, box: Facts, tolerance: float) -> bool:
    """Proof: heard after the request, and started later than before, and since it was last heard before the request.

    The last of these because an uptime may lag behind the heartbeats: then a box seems to have started ever later.
    """
    before, after = op.before.booted_at, box.booted_at
    if before is None or after is None or op.before.last_heartbeat is None or not heard_since(op, box):
        return False
    return after > before + tolerance and after >= op.before.last_heartbeat - tolerance


def heard_since(op: Operation, box: Facts) -> bool:
    """True when CT heard of the box after the last time that it had heard of it before the request."""
    return box.last_heartbeat is not None and box.last_heartbeat > (op.before.last_heartbeat or 0)


def progress(op: Operation, box: Facts, now: float, pace: Pace) -> dict[str, Any]:
    """What one look at the box changes in the record; empty when nothing that people see did."""
    changes: dict[str, Any] = {}
    up = box.state == "online"
    if not up and op.went_down_at is None:
        changes["went_down_at"] = now
    went_down = op.went_down_at is not None
    if up and restarted(op, box, pace.boot_tolerance):
        return changes | _ended(Ending.BACK, now)
    provable = op.before.booted_at is not None
    if up and went_down and not provable:
        return changes | _ended(Ending.BACK_UNPROVED, now)
    waited = now - (op.sent_at or now)
    # CT notices minutes late that a box is offline (`ct-api.md` 4.3): "online" counts with a heartbeat since only.
    if up and heard_since(op, box) and waited > pace.never_restarted:
        ending = Ending.NEVER_RESTARTED if provable and box.booted_at is not None else Ending.BACK_UNPROVED
        return changes | _ended(ending, now)
    if waited > pace.give_up:
        return changes | _ended(Ending.NOT_BACK, now)
    return changes


def overdue(op: Operation, now: float, pace: Pace) -> bool:
    """True when a box has been away for so long that somebody must look."""
    return op.went_down_at is not None and now - (op.sent_at or now) > pace.not_back


def _ended(ending: Ending, now: float) -> dict[str, Any]:
    changes = over(ending, now)
    if ending in {Ending.BACK, Ending.BACK_UNPROVED}:
        changes["back_at"] = now
    return changes
