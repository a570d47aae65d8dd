"""Rebooting a box: one question, one confirmation, at most one call (`guarantees.md` section 4, rows R1-R7)."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import structlog

from bot import cuts
from bot.ct import Box, CTError, CTNotFoundError, CTUser
from bot.errors import NotLinkedError, StoreDownError, UserError
from bot.identity import SlackUser
from bot.services.approval import Approval
from bot.services.guards import TYPED, FrozenError, RebootGuards
from bot.services.names import fold
from bot.services.notices import Account
from bot.services.operation import Ending, Facts, Operation, State
from bot.services.operations import MOST_RACES, Operations
from bot.services.sending import QUESTION_SECONDS, Sending, SettledError
from bot.services.sessions import Sessions
from bot.services.targets import cannot
from bot.services.trouble import sentence
from bot.settings import Pace
from bot.stores.box_locks import BoxLocks
from bot.stores.due import DueQueue

log = structlog.get_logger(__name__)

KIND = "reboot"
MOST_IN_TWO_HOURS = 2
# Among an operation's params: why a second person is needed; the freeze that stopped it; the sweep that it is part of.
WHY, FROZEN, SWEEP = "why", "frozen", "sweep"


class CannotRebootError(UserError):
    """The box cannot be rebooted now; the text says why and what else to try."""


class WrongNameError(UserError):
    """What was typed is not the name of the box; the question stays open."""


class UnderWayError(UserError):
    """Somebody is rebooting this box already, or just did. `stopped`: what was confirmed, and ended for that."""

    def __init__(self, running: Operation) -> None:
        super().__init__("This box is already being rebooted.")
        self.running = running
        self.stopped: Operation | None = None


@dataclass(frozen=True, slots=True)
class LastReboot:
    """The newest reboot that CT's own record of operations knows."""

    at: int | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """All that the confirmation card shows, read fresh."""

    op: Operation
    box: Box
    account: Account
    last: LastReboot | None
    expires_at: float


class Reboots:
    """Asks, confirms and sends; watching it to its end is `services/follow_up.py`."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        operations: Operations,
        sending: Sending,
        guards: RebootGuards,
        approval: Approval,
        locks: BoxLocks,
        queue: DueQueue,
        pace: Pace,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._guards = guards
        self._approval = approval
        self._sessions = sessions
        self._operations = operations
        self._sending = sending
        self._locks = locks
        self._queue = queue
        self._pace = pace
        self._clock = clock

    # --- asking -------------------------------------------------------------------------------

    async def ask(self, who: SlackUser, box_id: str, *, reason: str | None, channel_id: str) -> Question:
        """Read the box fresh and write the question.

        Raises CannotRebootError, UnderWayError, FrozenError, CeilingError, CTError.
        """
        account = await self.account(who)
        await self._guards.thawed()
        box, last = await self._sessions.call(who, lambda ct: _look(ct, box_id))
        await self._check(box, reason)
        await self._guards.room(who)
        why = self._guards.reasons(box)
        now = self._clock()
        op = Operation(
            id=secrets.token_urlsafe(16),
            team_id=who.team_id,
            user_id=who.user_id,
            enterprise_id=who.enterprise_id,
            fingerprint=account.fingerprint,
            acting_as=account.label,
            before=facts(box),
            reason=reason,
            channel_id=channel_id,
            asked_at=now,
            params={WHY: why} if why else {},
        )
        await self._operations.create(op, life=QUESTION_SECONDS)
        return Question(op, box, account, last, now + QUESTION_SECONDS)

    async def account(self, who: SlackUser) -> Account:
        """Their CT account. Raises NotLinkedError."""
        account = await self._sessions.account(who)
        if account is None:
            raise NotLinkedError("To reboot boxes I need your CT account.")
        return account

    async def _check(self, box: Box, reason: str | None, *, own: str = "") -> None:
        why = cannot(box)
        holder = await self._locks.holder(box.id)
        if (
            holder
            and holder != own
            and (running := await self.load(holder))
            and not self._may_override(running, reason)
        ):
            raise UnderWayError(running)
        if why:
            raise CannotRebootError(why)
        if not reason and await self._locks.recent(box.id) >= MOST_IN_TWO_HOURS:
            raise CannotRebootError(
                f"{box.name} was already rebooted {MOST_IN_TWO_HOURS} times in the last two hours. Another restart "
                "rarely helps: check its power and its line. If you are sure, ask again with a reason: because …"
            )

    async def why_not(self, box: Box, reason: str | None) -> str | None:
        """Why this box cannot be rebooted now, or None: for whoever wants to leave it out rather than to fail."""
        try:
            await self._check(box, reason)
        except UnderWayError:
            return "it was rebooted a moment ago"
        except CannotRebootError as error:
            return str(error)
        return None

    def _may_override(self, running: Operation, reason: str | None) -> bool:
        """After half the cooldown a reboot that ended may be followed by another, with a reason (it is audited)."""
        if running.state is not State.ENDED:
            return False
        if running.ending in {Ending.NEVER_RESTARTED, Ending.NOT_SENT, Ending.REFUSED, Ending.STALE, Ending.CANCELLED}:
            return True
        return bool(reason) and self._clock() - (running.sent_at or 0) > self._locks.cooldown / 2

    # --- answering ----------------------------------------------------------------------------

    async def cancel(self, who: SlackUser, op_id: str) -> Operation:
        """Settle the question with *no*. Raises ForeignQuestionError, SettledError."""
        return await self._sending.cancel(who, op_id)

    async def confirm(self, who: SlackUser, op_id: str) -> Operation:
        """Settle the question with *yes*, read everything again, and send the call at most once.

        Returns the record: WATCHING, or ENDED as REFUSED, NOT_SENT or STALE. Raises ForeignQuestionError,
        SettledError, UnderWayError, StoreDownError (then nothing was sent).
        """
        await self._recoverable(who, op_id)
        return await self._go(await self._sending.settle(who, op_id, State.CONFIRMED))

    async def _recoverable(self, who: SlackUser, op_id: str) -> None:
        """From now on follow-up sees to it, if this replica dies."""
        known = await self.load(op_id)
        if known and known.who == who and known.state is State.PROPOSED:
            await self._queue.add(KIND, op_id, op_id.encode(), delay=self._pace.recovery)

    async def type_name(self, who: SlackUser, op_id: str, name: str) -> Operation:
        """The name of a guarded box, typed by the asker: from now on it waits for a second person.

        Returns the record: AWAITING, or ENDED as STALE. Raises WrongNameError, else as `confirm` does.
        """
        op = await self.load(op_id)
        if op is not None and op.who == who and fold(name) != fold(op.before.name):
            raise WrongNameError(f"That is not its name. Type {op.before.name}, or cancel.")
        await self._recoverable(who, op_id)
        op = await self._approval.begin(who, op_id, **{TYPED: True})
        if op.state is State.ENDED:
            await self.told(op)
        return op

    async def approve(self, who: SlackUser, op_id: str) -> Operation:
        """The second person's *yes*: everything is read again, and the asker's own account sends the call.

        Returns and raises as `confirm` does; also OwnApprovalError, NotLinkedError, NotAllowedError.
        """
        op = await self.load(op_id)
        if op is None:
            raise SettledError("gone", None)
        if op.state is State.AWAITING:
            await self._queue.add(KIND, op_id, op_id.encode(), delay=self._pace.recovery)
        return await self._go(await self._approval.approve(who, op, _sees))

    async def part(self, whole: Operation, part_id: str, box: Facts) -> Operation:
        """One box of a sweep, confirmed with it: asked and answered in one, once, whoever calls this how often.

        Returns the record as `confirm` leaves it. Raises StoreDownError.
        """
        part = Operation(
            id=part_id,
            team_id=whole.team_id,
            user_id=whole.user_id,
            enterprise_id=whole.enterprise_id,
            fingerprint=whole.fingerprint,
            acting_as=whole.acting_as,
            before=box,
            reason=whole.reason,
            channel_id=whole.channel_id,
            asked_at=self._clock(),
            params={SWEEP: whole.id},
        )
        await self._operations.create(part, life=QUESTION_SECONDS)
        try:
            part = await self.confirm(part.who, part_id)
        except SettledError:
            return await self.load(part_id) or part
        except UnderWayError as error:
            part = error.stopped or part
        if part.state is State.ENDED:
            await self.told(part)
        return part

    async def call_off(self, who: SlackUser, op_id: str) -> Operation:
        """Anybody's *no* while a second person is waited for. Raises SettledError, StoreDownError."""
        op = await self._approval.call_off(who, op_id)
        await self.told(op)
        return op

    async def _go(self, op: Operation) -> Operation:
        """Check all that may have changed since the question, then send. `op` is CONFIRMED."""
        try:
            box = await self._read_again(op)
            await self._check(box, op.reason, own=op.id)
            await self._guards.admit(box, op)
            await self._lock(box, op)
            await self._guards.take(op)
        except UnderWayError as error:
            error.stopped = await self._sending.end(op, Ending.STALE, "Somebody else rebooted it first.")
            raise
        except (UserError, CTError) as error:
            op = await stopped(self._sending, op, error)
            await self._locks.release(op.before.id, op.id, sent=False)
            return op
        await self._locks.recent(box.id, add=op.id)
        try:
            op, _ = await self._sending.send(
                op.but(before=facts(box)), lambda ct: ct.boxes.reboot(box.slug), accepted=State.WATCHING
            )
        except SettledError:  # it took so long that its follow-up has ended it as cut off
            await self._unsent(op)
            raise
        return await self._after(op)

    async def _after(self, op: Operation) -> Operation:
        """Watch it, or let the box go. What happened has happened: a store that is down now changes nothing in it."""
        try:
            if op.state is not State.ENDED:
                await self._queue.add(KIND, op.id, op.id.encode(), delay=self._pace.poll)
                cuts.here("change.queued")
            elif op.written:  # else its record says SENDING: the box stays locked until that has an end
                await self._unsent(op)
        except StoreDownError:
            log.warning("a reboot is left to its first follow-up", operation=op.id)
        return op

    async def _unsent(self, op: Operation) -> None:
        """It has taken all that a reboot takes, and was not sent: it is none, and the box is free."""
        await self._locks.release(op.before.id, op.id, sent=False)
        await self._guards.give_back(op)

    async def told(self, op: Operation) -> None:
        """The asker knows how it ended before anything was sent; else its first follow-up tells them."""
        try:
            if await self._operations.stands(op):
                await self._queue.remove(KIND, op.id)
        except StoreDownError:
            log.warning("a reboot may be told twice", operation=op.id)

    async def _read_again(self, op: Operation) -> Box:
        await self._sending.same_account(op)
        try:
            box = await self._sessions.call(op.who, lambda ct: ct.boxes.get(op.before.slug))
        except CTNotFoundError:
            raise CannotRebootError("CT no longer shows you this box.") from None
        if box.id != op.before.id or box.location_slug != op.before.location_slug:
            raise CannotRebootError("The box has been moved since I asked. Ask again to see where it is now.")
        return box

    async def _lock(self, box: Box, op: Operation) -> None:
        holder = await self._locks.take(box.id, op.id)
        if holder is None:
            return
        running = await self.load(holder)
        if running and not self._may_override(running, op.reason):
            raise UnderWayError(running)
        if not await self._locks.take_over(box.id, old=holder, new=op.id):
            raise CannotRebootError("Somebody else is rebooting it right now.")

    # --- records ------------------------------------------------------------------------------

    async def load(self, op_id: str) -> Operation | None:
        """The record, or None when there is none (any more)."""
        return await self._operations.load(op_id)

    async def place(self, op: Operation, shown: Operation) -> Operation:
        """Remember where the card is. It is there, so a store that is down now must not turn it into an error."""
        try:
            return await self._operations.place(op, shown)
        except StoreDownError:
            log.warning("the place of a card could not be written", operation=op.id)
            return shown

    async def follow(self, op: Operation, who: SlackUser) -> Operation:
        """Tell this person, too, how it ends; the record, which may have ended by now: then they are to be told here.

        Gives up quietly after a few lost races.
        """
        for _ in range(MOST_RACES):
            if op.state is State.ENDED or who.user_id in op.followers:
                return op
            if saved := await self._operations.save(op, followers=(*op.followers, who.user_id)):
                return saved
            op = await self.load(op.id) or op
        return op


async def stopped(sending: Sending, op: Operation, error: UserError | CTError) -> Operation:
    """End it before its call, for what its last check raised; the freeze that stopped it is kept for the card."""
    if isinstance(error, FrozenError):
        op = op.but(params={**op.params, FROZEN: msgspec.to_builtins(error.freeze)})
    return await sending.end(op, Ending.STALE, sentence(error))


def facts(box: Box) -> Facts:
    """The few facts of a box that an operation keeps."""
    return Facts(
        id=box.id,
        slug=box.slug,
        name=box.name,
        location_name=box.location_name,
        location_slug=box.location_slug,
        state=box.state,
        last_heartbeat=box.last_heartbeat,
        uptime_seconds=box.uptime_seconds,
        clients_online=box.clients_online,
    )


async def _sees(ct: CTUser, op: Operation) -> bool:
    return (await ct.boxes.get(op.before.slug)).id == op.before.id


async def _look(ct: CTUser, box_id: str) -> tuple[Box, LastReboot | None]:
    box = await ct.boxes.get(box_id)
    try:
        page = await ct.boxes.operations(box.slug, per=25)
    except CTError:
        return box, None
    reboots = [item for item in page.items if item.kind == "reboot"]
    newest = max(reboots, key=lambda item: item.created_at or 0, default=None)
    return box, LastReboot(newest.created_at, newest.user) if newest else LastReboot(None, None)
