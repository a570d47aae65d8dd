"""A sweep: several boxes rebooted one after the other, in waves, stopping at the first that is not back (row R8).

The sweep is an operation of its own: asked, typed, perhaps approved, then due work that starts its parts. Each part is
an ordinary reboot, with its own record, lock, cooldown, audit, and one call at most. A part's id follows from the
sweep's, so that whichever replica carries on finds what another one began.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from bot import cuts
from bot.ct import Box, CTError, CTUser
from bot.errors import StoreDownError, UserError
from bot.identity import SlackUser
from bot.services.approval import Approval
from bot.services.cards import Cards, NotShownError, redrawn
from bot.services.follow_up import SHOWN_WITHIN
from bot.services.guards import Freeze, RebootGuards, UnguardedError
from bot.services.notices import Account
from bot.services.operation import Ending, Facts, Operation, State, over
from bot.services.operations import MOST_RACES, Operations
from bot.services.reboot import FROZEN, WHY, CannotRebootError, Reboots, WrongNameError, facts, stopped
from bot.services.sending import APPROVED_BY, QUESTION_SECONDS, Sending, SettledError, answerable
from bot.services.sessions import Sessions
from bot.services.targets import cannot
from bot.settings import Pace
from bot.stores.due import DueItem, DueQueue

log = structlog.get_logger(__name__)

KIND = "sweep"
BOXES, LAUNCHED, ENDS, STOPPED_BY, AGAIN = "boxes", "launched", "ends", "stopped_by", "again"  # among its params
MOST_AT_ONCE = 100
_FIRST_WAVES, _WAVE = (1, 2), 5
_ANEW = 0.5


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """How one box of a sweep ended. `broke`: CT's answer to its call was lost; `frozen`: what stopped it."""

    ending: Ending
    why: str = ""
    broke: bool = False
    frozen: Freeze | None = None

    @property
    def good(self) -> bool:
        """Proved to be back: the only end after which the sweep goes on."""
        return self.ending is Ending.BACK and not self.broke


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A box that was meant, and cannot be rebooted in a sweep now."""

    name: str
    why: str

    @property
    def briefly(self) -> str:
        """Why, beside the name: without it, and without the full stop."""
        return self.why.removeprefix(f"{self.name} ").removeprefix("is ").removesuffix(".")


@dataclass(frozen=True, slots=True)
class SweepQuestion:
    """All that the card shows, read fresh."""

    op: Operation
    boxes: Sequence[Box]
    left_out: Sequence[LeftOut]
    account: Account
    expires_at: float


class Sweeps:
    """Asks, confirms, starts part after part, stops."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        operations: Operations,
        sending: Sending,
        reboots: Reboots,
        guards: RebootGuards,
        approval: Approval,
        cards: Cards,
        queue: DueQueue,
        pace: Pace,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._operations = operations
        self._sending = sending
        self._reboots = reboots
        self._guards = guards
        self._approval = approval
        self._cards = cards
        self._queue = queue
        self._pace = pace
        self._clock = clock

    # --- asking -------------------------------------------------------------------------------

    async def ask(
        self, who: SlackUser, meant: Sequence[Box], *, reason: str | None, channel_id: str, again: str
    ) -> SweepQuestion:
        """Read the boxes and their locations fresh, and write the question. `again`: the command that asks it again.

        Raises CannotRebootError, FrozenError, CeilingError, NotLinkedError, CTError.
        """
        account = await self._reboots.account(who)
        await self._guards.thawed()
        there = await self._sessions.call(who, _there([box.location_slug for box in meant]))
        boxes, left_out = await self._choose(meant, there, reason)
        if len(boxes) < 2:
            left = "; ".join(f"{one.name}: {one.briefly}" for one in left_out[:3])
            raise CannotRebootError(f"Of these, {len(boxes) or 'none'} can be rebooted together now. {left}.")
        if len(boxes) > MOST_AT_ONCE:
            raise CannotRebootError(f"These are {len(boxes)} boxes; more than {MOST_AT_ONCE} at once I do not reboot.")
        await self._guards.room(who, len(boxes))
        now = self._clock()
        op = Operation(
            id=secrets.token_urlsafe(16),
            kind=KIND,
            team_id=who.team_id,
            user_id=who.user_id,
            enterprise_id=who.enterprise_id,
            fingerprint=account.fingerprint,
            acting_as=account.label,
            before=_whole(boxes),
            reason=reason,
            channel_id=channel_id,
            asked_at=now,
            params={
                BOXES: msgspec.to_builtins([facts(box) for box in boxes]),
                LAUNCHED: 0,
                ENDS: {},
                AGAIN: again,
                "detail": ", ".join(box.slug for box in boxes),
                **({WHY: why} if (why := self._second(boxes, there)) else {}),
            },
        )
        await self._operations.create(op, life=QUESTION_SECONDS)
        return SweepQuestion(op, boxes, left_out, account, now + QUESTION_SECONDS)

    async def _choose(
        self, meant: Sequence[Box], there: Mapping[str, Box], reason: str | None
    ) -> tuple[list[Box], list[LeftOut]]:
        """Which of them can go; the others are named. So a sweep that stopped can be asked for again at once."""
        boxes, left_out = [], []
        for one in meant:
            box = there.get(one.slug)
            if box is None:
                left_out.append(LeftOut(one.name, "CT does not show where it is"))
            elif why := cannot(box) or await self._reboots.why_not(box, reason):
                left_out.append(LeftOut(box.name, why))
            elif guarded := self._guards.reasons(box):
                left_out.append(LeftOut(box.name, f"it is rebooted alone, with a second person: {', '.join(guarded)}"))
            else:
                boxes.append(box)
        return boxes, left_out

    def _second(self, boxes: Sequence[Box], there: Mapping[str, Box]) -> list[str]:
        return self._guards.sweep_reasons(boxes, list(there.values()))

    # --- answering ----------------------------------------------------------------------------

    async def type_count(self, who: SlackUser, op_id: str, count: str) -> Operation:
        """The number of boxes, typed by the asker. Returns the record: WATCHING, AWAITING, or ENDED as STALE.

        Raises WrongNameError, ForeignQuestionError, SettledError, StoreDownError.
        """
        op = await self.load(op_id)
        if op is not None and op.who == who:
            if count.strip() != str(len(op.params[BOXES])):
                raise WrongNameError(f"These are {len(op.params[BOXES])} boxes. Type that number, or cancel.")
            if op.state is State.PROPOSED:
                await self._queue.add(KIND, op_id, op_id.encode(), delay=self._pace.recovery)
        if op is not None and op.params.get(WHY):
            op = await self._approval.begin(who, op_id)
            if op.state is State.ENDED:
                await self.told(op)
            return op
        return await self._start(await self._sending.settle(who, op_id, State.CONFIRMED))

    async def approve(self, who: SlackUser, op_id: str) -> Operation:
        """The second person's *yes*. Returns and raises as `Reboots.approve` does."""
        op = await self.load(op_id)
        if op is None:
            raise SettledError("gone", None)
        if op.state is State.AWAITING:
            await self._queue.add(KIND, op_id, op_id.encode(), delay=self._pace.recovery)
        return await self._start(await self._approval.approve(who, op, _sees_all))

    async def call_off(self, who: SlackUser, op_id: str) -> Operation:
        """Anybody's *no* while a second person is waited for. Raises SettledError, StoreDownError."""
        op = await self._approval.call_off(who, op_id)
        await self.told(op)
        return op

    async def _start(self, op: Operation) -> Operation:
        """Check again all that stands before it, and begin. `op` is CONFIRMED."""
        try:
            await self._guards.thawed()
            await self._sending.same_account(op)
            meant = boxes_of(op)
            there = await self._sessions.call(op.who, _there([box.location_slug for box in meant]))
            why = self._second([there[box.slug] for box in meant if box.slug in there], there)
            if why and not op.params.get(APPROVED_BY):
                raise UnguardedError(f"It needs a second person by now: {'; '.join(why)}. Ask again.")
            await self._guards.room(op.who, len(meant))
        except (UserError, CTError) as error:
            return await stopped(self._sending, op, error)
        begun = {"state": State.WATCHING, "sent_at": self._clock()}
        op = await self._sending.note(f"{KIND}_begun", op, begun)
        await self._queue.add(KIND, op.id, op.id.encode(), delay=0.0)
        return op

    async def stop(self, who: SlackUser, op_id: str) -> Operation:
        """Nothing more of it is sent. Raises SettledError when it is over, or was stopped already."""
        for _ in range(MOST_RACES):
            op = await self.load(op_id)
            if op is None or op.kind != KIND or op.state is not State.WATCHING or STOPPED_BY in op.params:
                raise SettledError("settled", op)
            by = {"params": {**op.params, STOPPED_BY: who.user_id}}
            if stopped := await self._operations.note(f"{KIND}_stopped", op, by, stopped_by=who.key):
                await self._queue.add(KIND, op_id, op_id.encode(), delay=0.0)
                return stopped
        raise UserError("It changes too quickly just now. Press Stop once more.")

    async def load(self, op_id: str) -> Operation | None:
        """The record, or None."""
        return await self._operations.load(op_id)

    async def told(self, op: Operation) -> None:
        """The asker knows why nothing was sent."""
        try:
            await self._queue.remove(KIND, op.id)
        except StoreDownError:
            log.warning("a sweep may be told twice", operation=op.id)

    # --- due work -----------------------------------------------------------------------------

    async def handle(self, item: DueItem) -> float | None:
        """One step; returns the seconds to the next one, or None at the end."""
        op = await self.load(item.id)
        if op is None:
            return None
        match op.state:
            case State.PROPOSED:
                return self._pace.recovery if answerable(op, self._clock()) else None
            case State.AWAITING:
                return await self._approval.wait(op)
            case State.CONFIRMED | State.SENDING:
                return await self._cut_off(op)
            case State.WATCHING:
                return await self._step(op)
            case State.ENDED:
                return await self._last(op)

    async def _cut_off(self, op: Operation) -> float | None:
        """A replica died between the click and the beginning: nothing was sent, and nobody can begin it any more."""
        not_sent = over(Ending.NOT_SENT, self._clock(), "I was cut off.")
        ended = await self._operations.note(f"{KIND}_not_sent", op, not_sent, error="cut off")
        return _ANEW if ended is None else await self._last(ended)

    async def _step(self, op: Operation) -> float | None:
        """Look at the wave under way; start one more box, or end."""
        launched: int = op.params[LAUNCHED]
        start, end = wave(launched)
        parts = {n: await self.load(part_id(op, n)) for n in range(start, launched)}
        unsent = [n for n, part in parts.items() if part is None or part.state is State.PROPOSED]
        going = [n for n, part in parts.items() if n not in unsent and part and part.state is not State.ENDED]
        ends = op.params[ENDS] | {str(n): _end_of(p) for n, p in parts.items() if p and p.state is State.ENDED}
        if ends != op.params[ENDS]:
            changed = await self._operations.save(op, params={**op.params, ENDS: ends})
            if changed is None:
                return _ANEW
            op = await redrawn(self._cards, self._operations, changed)
        halted = STOPPED_BY in op.params or any(not part.good for part in ended_parts(op).values())
        if halted or any(part.broke_at for part in parts.values() if part):
            return self._pace.poll if going else await self._end(op)
        if unsent:
            return await self._launch(op, unsent[0])
        if launched == len(op.params[BOXES]) or launched == end:
            if going:
                return self._pace.poll
            if launched == len(op.params[BOXES]):
                return await self._end(op)
        # Whoever presses Stop changes the record: then this fails, and nothing more is started.
        more = await self._operations.save(op, params={**op.params, LAUNCHED: launched + 1})
        if more is None:
            return _ANEW
        cuts.here("sweep.launching")
        return await self._launch(more, launched)

    async def _launch(self, op: Operation, n: int) -> float:
        await self._reboots.part(op, part_id(op, n), boxes_of(op)[n])
        cuts.here("sweep.launched")
        await redrawn(self._cards, self._operations, op)
        return 0.0

    async def _end(self, op: Operation) -> float | None:
        if STOPPED_BY in op.params:
            ending = Ending.CANCELLED
        else:
            done = ended_parts(op)
            whole = len(done) == len(op.params[BOXES]) and all(part.good for part in done.values())
            ending = Ending.DONE if whole else Ending.FAILED
        ended = await self._operations.note(f"{KIND}_{ending.value}", op, over(ending, self._clock()))
        if ended is None:
            return _ANEW
        if ending is Ending.FAILED:
            await self._cards.warn(ended)
        return await self._last(ended)

    async def _last(self, op: Operation) -> float | None:
        """The card once more, until Slack takes it; what was never begun is told to the asker."""
        if not op.maybe_sent and op.ending in {Ending.NOT_SENT, Ending.STALE}:
            await self._cards.tell(op)
            if op.card_ts is None:
                return None
        try:
            await self._operations.place(op, await self._cards.show(op))
        except NotShownError:
            return self._pace.slow_poll if self._clock() - (op.ended_at or 0) < SHOWN_WITHIN else None
        return None


def wave(launched: int) -> tuple[int, int]:
    """The wave that the last of so many started boxes is in: from, to. One box, then two, then five at a time."""
    start = end = 0
    for size in (*_FIRST_WAVES, *[_WAVE] * launched):
        if end >= launched:
            break
        start, end = end, end + size
    return start, end


def part_id(op: Operation, n: int) -> str:
    """The operation of one box of it."""
    return f"{op.id}.{n}"


def boxes_of(op: Operation) -> list[Facts]:
    """Its boxes, in the order in which they are rebooted."""
    return msgspec.convert(op.params[BOXES], list[Facts])


def ended_parts(op: Operation) -> dict[int, Part]:
    """How those of its boxes ended that have ended."""
    return {int(n): msgspec.convert(part, Part) for n, part in op.params[ENDS].items()}


def _end_of(part: Operation) -> dict[str, Any]:
    ending = part.ending or Ending.NOT_SENT
    frozen = msgspec.convert(part.params.get(FROZEN), Freeze | None)
    end = Part(ending=ending, why=" ".join(part.messages), broke=part.broke_at is not None, frozen=frozen)
    return dict(msgspec.to_builtins(end))


def _whole(boxes: Sequence[Box]) -> Facts:
    """What the record calls all of them together."""
    places = list(dict.fromkeys((box.location_slug or "", box.location_name or "") for box in boxes))
    name = places[0][1] if len(places) == 1 else f"{len(places)} locations"
    slug = places[0][0] if len(places) == 1 else ""
    return Facts(id=slug, slug=slug, name=f"{len(boxes)} boxes", location_name=name, location_slug=slug or None)


def _there(slugs: Sequence[str | None]) -> Callable[[CTUser], Awaitable[dict[str, Box]]]:
    """All boxes of these locations by slug: what is left online there decides, too."""
    wanted = [slug for slug in dict.fromkeys(slugs) if slug]

    async def read(ct: CTUser) -> dict[str, Box]:
        found: dict[str, Box] = {}
        for slug in wanted:
            listing = await ct.boxes.all(location=slug)
            if not listing.complete:
                raise CannotRebootError("CT did not list all boxes of a location in time. Nothing was sent.")
            found |= {box.slug: box for box in listing.items}
        return found

    return read


async def _sees_all(ct: CTUser, op: Operation) -> bool:
    meant = boxes_of(op)
    there = await _there([box.location_slug for box in meant])(ct)
    return all(box.slug in there and there[box.slug].id == box.id for box in meant)
