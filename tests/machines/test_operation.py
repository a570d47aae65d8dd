"""A reboot from its question to its end, whatever order two people, two replicas, CT and the store do things in.

`CT_BOT_EXAMPLES=500` looks longer. The bot was broken on purpose for most assertions here, to see that it is found.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.ct import CTAuthError, CTError
from bot.ct.transport import Call
from bot.errors import BotError, StoreDownError
from bot.guards import Guards
from bot.services.approval import Approval
from bot.services.cards import NotShownError
from bot.services.follow_up import FollowUp
from bot.services.guards import RebootGuards
from bot.services.operation import Ending, Operation, State
from bot.services.operations import Operations
from bot.services.reboot import Question, Reboots, UnderWayError
from bot.services.sending import Sending
from bot.settings import Pace
from bot.stores.audit import Audit
from bot.stores.box_locks import BoxLocks
from bot.stores.ceilings import CeilingStore
from bot.stores.freezes import FreezeStore
from bot.stores.operations import OperationStore
from tests.machines.machine import EXAMPLES, PATIENCE, REPLICAS, WHICH, Machine, Stage, examine, stage
from tests.machines.process import Clock, Ground, How, Life, passing
from tests.services.replicas import ANA, LEE

PACE = Pace(poll=30, slow_poll=120, people=30, never_restarted=240, not_back=480, give_up=1200)
COOLDOWN = 600
PEOPLE = [ANA, LEE]
ACCOUNTS = {ANA: "ana@venues.example", LEE: "lee@venues.example"}
OUTCOMES = ("back", "never_back", "never_restarts", "refused", "lost_answer", "dropped", "dropped_unacted")
CUTS = [
    *("change.settled", "change.intended", "change.sending", "change.answered", "change.noted", "change.queued"),
    *("card.shown", "follow.ended"),
]
NEVER_SENT = {Ending.NOT_SENT, Ending.REFUSED, Ending.STALE, Ending.CANCELLED, Ending.EXPIRED}
FREE_AGAIN = {Ending.NEVER_RESTARTED, Ending.NOT_SENT, Ending.REFUSED, Ending.STALE, Ending.CANCELLED}

OUTCOME_ROWS = {f"reboot_{event}" for event in ("accepted", "unknown", "refused", "not_sent", "stale")}

GOING = st.one_of(st.just(30), st.integers(0, 25))  # gates that a click passes at once; a whole one has 21

PRESSED: ContextVar["Press | None"] = ContextVar("PRESSED", default=None)


@dataclass
class Press:
    """One click on Reboot."""

    op_id: str
    clock: Clock
    began: int
    task: "asyncio.Task[None] | None" = None

    @property
    def frozen(self) -> bool:
        """Time has passed since, as for a process that stood still."""
        return self.clock.ahead != self.began


@dataclass
class Sent:
    """A request to reboot that left the bot. `counts`: CT did not refuse its token."""

    press: Press
    frozen: bool
    at: float
    counts: bool = True


@dataclass
class Slack:
    """What people saw."""

    shown: dict[str, list[Operation]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, list[Operation]] = field(default_factory=lambda: defaultdict(list))
    down: bool = False


class RebootingLife(Life):
    """A process that reboots boxes, and its side of Slack."""

    def __init__(self, ground: Ground, slack: Slack) -> None:
        super().__init__(ground)
        self.slack = slack
        operations = Operations(store=OperationStore(self.redis), audit=self.audit, ended=lambda _kind, _ending: None)
        locks = BoxLocks(self.redis, cooldown=COOLDOWN)
        parts: dict[str, Any] = {"sessions": self.sessions, "operations": operations, "clock": ground.clock}
        parts["sending"] = Sending(**parts, tasks=self.tasks, pause=0.0)
        approval = Approval(**parts, cards=self)
        guards = RebootGuards(
            guards=Guards(per_user_and_hour=1000, per_workspace_and_day=1000),
            guests=(),
            freezes=FreezeStore(self.redis),
            ceilings=CeilingStore(self.redis),
            audit=self.audit,
            clock=ground.clock,
        )
        parts = {**parts, "locks": locks, "pace": PACE, "approval": approval}
        self.reboots = Reboots(**parts, guards=guards, queue=self.queue)
        del parts["sending"]
        self.follow_up = FollowUp(**parts, cards=self)

    async def show(self, op: Operation) -> Operation:
        await self._to_slack("show")
        self.slack.shown[op.id].append(op)
        return op.but(card_channel="C01NOC", card_ts="1.1")

    async def tell(self, op: Operation) -> None:
        await self._surely("tell")
        self.slack.told[op.id].append(op)

    async def warn(self, _op: Operation) -> None:
        await self._surely("warn")

    async def tell_followers(self, _op: Operation) -> None:
        await self._surely("tell followers")

    async def _surely(self, what: str) -> None:
        """A message: what Slack does not take now waits in the outbox (`bot/slack/courier.py`)."""
        with contextlib.suppress(NotShownError):
            await self._to_slack(what)

    async def _to_slack(self, what: str) -> None:
        async def nothing(_how: How) -> None:
            if self.slack.down and what == "show":
                raise NotShownError

        await self.ground.through(self, f"Slack: {what}", nothing, lambda _done: NotShownError())

    async def press(self, who: Any, press: Press) -> None:
        """What Slack's side does with a click (`bot/slack/actions.py`)."""
        PRESSED.set(press)
        try:
            op = await self.reboots.confirm(who, press.op_id)
            if op.maybe_sent:
                with contextlib.suppress(NotShownError):
                    await self.reboots.place(op, await self.show(op))
            else:
                self.slack.told[op.id].append(op)
                await self.reboots.told(op)
        except (BotError, CTError) as error:
            if not isinstance(error, StoreDownError) and (ended := await self.reboots.load(press.op_id)):
                self.slack.told[press.op_id].append(ended)
                if isinstance(error, UnderWayError) and error.stopped:
                    await self.reboots.told(error.stopped)


class OperationMachine(Machine):
    """At most one call for an operation, in its asker's name; its record says what happened, and it ends."""

    async def _begin(self) -> None:
        self.slack = Slack()
        self.asked: dict[str, Question] = {}
        self.presses: list[Press] = []
        self.sent: list[Sent] = []
        await self.ground.begin(self._heard)
        self.ground.ct.switches.set({"reboot_seconds": 90.0, "heartbeat_seconds": 30.0})
        world = self.ground.ct.world
        ana = world.person(ACCOUNTS[ANA])
        assert ana is not None
        self.boxes = [box.slug for box in world.boxes_of(ana) if box.state == "online" and box.is_cucumber][:2]
        for _ in range(2):
            await self.ground.born(self.process())
        for who, email in ACCOUNTS.items():
            await self.ground.link(self.life(0), who, email)
        await self._ask(0, 0, None, 0)
        self.ground.held = True

    def process(self) -> RebootingLife:
        return RebootingLife(self.ground, self.slack)

    def life(self, which: int) -> RebootingLife:
        life = super().life(which)
        assert isinstance(life, RebootingLife)
        return life

    def handlers(self, life: Life) -> dict[str, Any]:
        assert isinstance(life, RebootingLife)
        return {"reboot": life.follow_up.handle, **life.sessions.handlers}

    @contextlib.asynccontextmanager
    async def _heard(self, _life: Life, call: Call, _how: How) -> AsyncIterator[None]:
        press = PRESSED.get()
        if not call.name.startswith("boxes.reboot"):
            yield
            return
        assert press is not None, "a reboot that nobody pressed"
        await self._alone(press)
        self.sent.append(sent := Sent(press, press.frozen, self.ground.clock()))
        try:
            yield
        except CTAuthError:
            sent.counts = False
            raise

    async def _alone(self, press: Press) -> None:
        """Nobody else reboots this box; of a click that was frozen for a while nobody can promise that."""
        box = self.asked[press.op_id].op.before.id
        for sent in self.sent:
            other = sent.press.op_id
            if other == press.op_id or self.asked[other].op.before.id != box or not sent.counts:
                continue
            if self.ground.clock() - sent.at < COOLDOWN - 1 and not (press.frozen or sent.frozen):
                with passing():  # in the middle of a request: nobody can be waited for
                    record = await self.life(0).reboots.load(other)
                assert record is not None
                assert record.state is State.ENDED, "two reboots of one box at once"

    # --- rules --------------------------------------------------------------------------------

    async def _ask(self, who: int, box: int, reason: str | None, life: int) -> None:
        reboots = self.life(life).reboots
        with contextlib.suppress(BotError, CTError):
            question = await reboots.ask(PEOPLE[who], self.boxes[box], reason=reason, channel_id="C01NOC")
            self.asked[question.op.id] = question

    @rule(who=st.integers(0, 1), box=st.integers(0, 1), reason=st.sampled_from([None, "because"]), life=REPLICAS)
    def ask(self, who: int, box: int, reason: str | None, life: int) -> None:
        self._do(self.ground.free(self.life(life), self._ask(who, box, reason, life)))

    async def _press(self, op: Operation, foreign: bool, life: int, going: int) -> None:
        await self.ground.go_on(self._pressed(op, foreign, life), times=going)

    def _pressed(self, op: Operation, foreign: bool, life: int) -> "asyncio.Task[None]":
        who = next(person for person in PEOPLE if (person == op.who) is not foreign)
        self.presses.append(press := Press(op.id, self.ground.clock, self.ground.clock.ahead))
        press.task = task = self.ground.act(self.life(life), self.life(life).press(who, press))
        return task

    @rule(question=WHICH, foreign=st.sampled_from([False, False, True]), life=REPLICAS, going=GOING)
    def press(self, question: int, foreign: bool, life: int, going: int) -> None:
        """Somebody clicks on Reboot: mostly who was asked."""
        if self.asked:
            op = list(self.asked.values())[-1 - question % len(self.asked)].op
            self._do(self._press(op, foreign, life, going))

    @rule(who=st.integers(0, 1), box=st.integers(0, 1), life=REPLICAS, going=GOING)
    def ask_and_press(self, who: int, box: int, life: int, going: int) -> None:
        self._do(self._asked_then(who, box, life, lambda op: self._press(op, False, life, going)))

    async def _asked_then(
        self, who: int, box: int, life: int, press: Callable[[Operation], Coroutine[Any, Any, None]]
    ) -> None:
        """Ask, and press where a question came of it."""
        before = len(self.asked)
        await self.ground.free(self.life(life), self._ask(who, box, "because", life))
        for question in list(self.asked.values())[before:]:
            await press(question.op)

    @rule(who=st.integers(0, 1), box=st.integers(0, 1), life=REPLICAS, how=st.sampled_from([How.UNREACHED, How.LOST]))
    def ask_press_and_lose_the_outcome(self, who: int, box: int, life: int, how: How) -> None:
        """CT is called, and then the store fails that is to take what came of it."""

        def press(op: Operation) -> Coroutine[Any, Any, None]:
            return self.ground.go_past(self._pressed(op, False, life), "boxes.reboot", then=how)

        self._do(self._asked_then(who, box, life, press))

    @rule(question=WHICH, life=REPLICAS)
    def keep(self, question: int, life: int) -> None:
        """Whoever was asked clicks on Cancel."""

        async def start() -> None:
            if self.asked:
                op = list(self.asked.values())[-1 - question % len(self.asked)].op
                self.ground.act(self.life(life), self.life(life).reboots.cancel(op.who, op.id))

        self._do(start())

    @rule(life=REPLICAS, place=st.sampled_from(CUTS))
    def doom(self, life: int, place: str) -> None:
        """This process will die there."""
        self.life(life).doomed_at = place

    @rule(seconds=st.sampled_from([10, 20, 60, 130, 400, 700]))
    def wait(self, seconds: int) -> None:
        self._do(self.ground.wait(seconds))

    @rule(outcome=st.sampled_from(OUTCOMES))
    def next_outcome(self, outcome: str) -> None:
        """What CT makes of reboots from now on."""
        self.ground.ct.switches.set({"reboot": outcome})

    @rule()
    def tokens_die(self) -> None:
        """CT ends all access tokens without notice."""
        self.ground.ct.practice.tokens.kill_access()

    @rule(down=st.booleans())
    def slack_down(self, down: bool) -> None:
        self.slack.down = down

    @rule(who=st.integers(0, 1), email=st.sampled_from([None, "kim@venues.example"]), life=REPLICAS)
    def link_changes(self, who: int, email: str | None, life: int) -> None:
        """Somebody unlinks, and links another account."""

        async def work() -> None:
            with contextlib.suppress(BotError, CTError):
                await self.life(life).sessions.unlink(PEOPLE[who])
                await self.ground.link(self.life(life), PEOPLE[who], email or ACCOUNTS[PEOPLE[who]])

        self._do(self.ground.free(self.life(life), work()))

    # --- what must hold -----------------------------------------------------------------------

    async def holds(self) -> None:
        counted = [sent for sent in self.sent if sent.counts]
        rows = [row for row in self.ground.ct.log.rows if row.get("action") == "reboot"]
        per_operation = [sent.press.op_id for sent in counted]
        assert len(per_operation) == len(set(per_operation)), "two calls for one operation"
        for row, sent in zip(rows, counted, strict=True):
            op = self.asked[sent.press.op_id].op
            assert row["user"] == op.acting_as, "another's token"
            if row.get("acted"):
                record = await self._record(op.id)
                assert record.ending not in NEVER_SENT, f"{record.ending}, and it was sent"

    async def _record(self, op_id: str) -> Operation:
        record = await self.ground.free(self.life(0), self.life(0).reboots.load(op_id))
        assert record is not None
        return record

    async def ends(self) -> None:
        await self._audited()
        for op_id in {press.op_id for press in self.presses}:
            op = await self._record(op_id)
            if op.state is State.PROPOSED:
                continue
            assert op.state is State.ENDED, f"it goes on for ever: {op.state}"
            if op.maybe_sent:
                assert self.slack.shown[op_id][-1].ending is op.ending, "the card does not say how it ended"
            elif op.ending not in {Ending.CANCELLED, Ending.EXPIRED}:
                assert any(told.ending for told in self.slack.told[op_id]), f"nobody was told: {op.ending}"

    async def _audited(self) -> None:
        """Whoever reads the audit finds an outcome for each intent, whatever died in between (row O2)."""
        rows = await self.ground.free(self.life(0), self.life(0).audit.tail(10_000))
        intents = {row["operation"] for row in rows if row["event"] == "reboot_intent"}
        outcomes = {row["operation"] for row in rows if row["event"] in OUTCOME_ROWS}
        assert intents <= outcomes, "an intent without an outcome in the audit"

    async def _end(self) -> None:
        self.slack.down = False
        await super()._end()


@pytest.mark.timeout(PATIENCE)
def test_whatever_happens_a_reboot_is_sent_once_at_most_and_ends(redis_url: str) -> None:
    with stage(redis_url, locations=2, boxes=3) as on:
        examine(lambda: OperationMachine(on), examples=EXAMPLES or 20, steps=25)


KNOWN = {"back": "reboot_accepted", "refused": "reboot_refused", "lost_answer": "reboot_unknown"}


@pytest.mark.parametrize("how", [How.UNREACHED, How.LOST])
@pytest.mark.parametrize("outcome", KNOWN)
def test_what_came_of_a_call_is_written_though_the_store_failed(redis_url: str, outcome: str, how: How) -> None:
    with stage(redis_url, locations=2, boxes=3) as on:
        machine = OperationMachine(on)
        machine.next_outcome(outcome)
        machine.ask_press_and_lose_the_outcome(who=0, box=0, life=0, how=how)
        machine.run_out()
        machine.teardown()

        assert _outcomes(on) == [KNOWN[outcome]]


@pytest.mark.parametrize("outcome", KNOWN)
def test_what_nobody_wrote_before_its_process_died_is_unknown(redis_url: str, outcome: str) -> None:
    with stage(redis_url, locations=2, boxes=3) as on:
        machine = OperationMachine(on)
        machine.next_outcome(outcome)
        machine.ask_press_and_lose_the_outcome(who=0, box=0, life=0, how=How.UNREACHED)
        (click,) = machine.presses
        on.run(on.ground.go_on(click.task, times=30))  # the asker is told, and the card is placed
        box_id = machine.asked[click.op_id].op.before.id
        holder = on.run(BoxLocks(on.ground.store, cooldown=COOLDOWN).holder(box_id))
        machine.kill(which=0)
        machine.run_out()
        machine.teardown()

        assert click.task is not None
        assert not click.task.cancelled()
        assert holder == click.op_id, "another reboot could have been taken for this one"
        assert _outcomes(on) == ["reboot_unknown"]


def test_a_click_that_stood_still_before_it_settled_is_followed_to_its_end(redis_url: str) -> None:
    with stage(redis_url, locations=2, boxes=3) as on:
        machine = OperationMachine(on)
        machine.ask_and_press(who=0, box=0, life=0, going=2)  # its marker stands
        (click,) = machine.presses
        assert click.task is not None
        machine.wait(int(PACE.recovery) + 1)
        machine.work(which=1)
        _, worker = on.ground.actors[-1]
        on.run(on.ground.go_on(worker, times=30))
        on.run(on.ground.go_past(click.task, "boxes.reboot", then=How.GO))
        machine.kill(which=0)
        machine.run_out()
        machine.teardown()

        assert click.task.done()
        assert _outcomes(on)


def test_whoever_came_second_hears_of_it_though_their_click_breaks_off(redis_url: str) -> None:
    with stage(redis_url, locations=2, boxes=3) as on:
        machine = OperationMachine(on)
        machine.ask_and_press(who=0, box=0, life=0, going=8)  # it is allowed to, and reads the box again
        machine.ask_and_press(who=0, box=0, life=0, going=30)
        machine.fail(which=0, times=6, how=How.UNREACHED)  # it has ended, as the other was faster
        machine.teardown()

        first, second = machine.presses
        assert machine.slack.told[first.op_id][-1].ending is Ending.STALE
        assert machine.slack.shown[second.op_id][-1].ending is Ending.BACK


def _outcomes(on: Stage) -> list[str]:
    """Of the only reboot."""
    rows = on.run(Audit(on.ground.store).tail(100))
    assert "reboot_intent" in {row["event"] for row in rows}
    return [row["event"] for row in rows if row["event"] in OUTCOME_ROWS]
