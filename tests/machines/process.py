"""Processes of the bot that a machine runs step by step, kills anywhere and sends through time.

Whatever such a process asks of its store or of CT waits at a gate until the machine lets it pass: that makes the order
in which two replicas do things a choice of Hypothesis's, and "killed between any two requests" a plain case.
A clock that is ahead stands for time that has passed: for the services, for CT, and for the store's scripts and keys.
"""

import asyncio
import contextlib
import dataclasses
import enum
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import redis.exceptions
from redis.asyncio import Redis

from bot import cuts
from bot.ct import CTConnectionError, CTError, TokenPair
from bot.ct.transport import Call
from bot.errors import BotError
from bot.identity import SlackUser
from bot.sandbox.ct import PracticeCT
from bot.sandbox.ct.tokens import TokenRow
from bot.tasks import TaskSet
from tests.services.replicas import QUICK, Replica, Told

T = TypeVar("T")

AHEAD = "test:ahead"
_TIME = "redis.call('TIME')"
_AHEAD_TIME = f"(function() local t = {_TIME} return {{t[1] + redis.call('GET', '{AHEAD}'), t[2]}} end)()"
_PASS_TIME = """
for _, key in ipairs(redis.call('KEYS', 'ct:*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[1] * 1000) end
end
return redis.call('INCRBY', KEYS[1], ARGV[1])
"""
# Nothing waits by itself: whoever polls does so at a gate, and a machine says when time passes.
STEPPED = dataclasses.replace(
    QUICK,
    caller=900.0,
    ahead=900.0,
    lock=12.0,
    poll=0.0,
    pause=0.0,
    save_every=0.0,
    save_for=1e9,
    rereads=(0.0, 0.0, 0.0),
)
_TURNS = 25  # of the loop, after which whoever can go on has done so
LIFE: ContextVar["Life | None"] = ContextVar("LIFE", default=None)
FREE = ContextVar("FREE", default=False)


@contextlib.contextmanager
def passing() -> Iterator[None]:
    """No gate stops what is asked in here."""
    token = FREE.set(True)
    try:
        yield
    finally:
        FREE.reset(token)


class How(enum.Enum):
    """How a request fares that waits at a gate."""

    GO = "go"
    UNREACHED = "unreached"
    LOST = "lost"  # done, and the answer is lost


@dataclass(eq=False)
class Gate:
    """One request that waits; `task` made it."""

    life: "Life"
    asks: str
    task: asyncio.Task[Any] | None
    opened: asyncio.Future[How]


class _Watched(TaskSet):
    """Notes what the bot would only log."""

    def __init__(self, faults: list[BaseException]) -> None:
        super().__init__()
        self._faults = faults

    def _ended(self, task: asyncio.Task[Any], _expected: tuple[type[Exception], ...]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, BotError | CTError):
            self._faults.append(error)


class Life(Replica):
    """One process. When it is dead, whatever of it still runs is cancelled at its next request, as if it were gone."""

    def __init__(self, ground: "Ground") -> None:
        self.ground = ground
        self.dead = False
        self.doomed_at: str | None = None
        super().__init__(ground.redis_url, ground.ct_url, told=ground.told, patience=STEPPED, clock=ground.clock)

    def wired(self) -> None:
        """Gates before the store and before CT; scripts that read the clock read the one that is ahead."""
        self.tasks = _Watched(self.ground.faults)
        execute: Callable[..., Any] = self.redis.execute_command
        register, call = self.redis.register_script, self.ct._transport.call

        async def execute_command(*args: Any, **options: Any) -> Any:
            answer = await self.ground.through(self, str(args[0]), lambda _how: execute(*args, **options), _store_fails)
            return [answer[0] + self.ground.clock.ahead, answer[1]] if args[0] == "TIME" else answer

        def register_script(text: str) -> Any:
            assert "TIME'" not in text.replace(_TIME, ""), "a script reads the clock in a way that is not known here"
            self.ground.scripts.add(moved := text.replace(_TIME, _AHEAD_TIME))
            return register(moved)

        async def gated(call_: Call, read: Callable[[Any], T]) -> T:
            def fails(acted: bool) -> Exception:
                return CTConnectionError(f"{call_.name}: a machine's fault", maybe_acted=acted)

            return await self.ground.through(self, call_.name, lambda how: heard(call_, read, how), fails)

        async def heard(call_: Call, read: Callable[[Any], T], how: How) -> T:
            async with self.ground.hears(self, call_, how):
                return await call(call_, read)

        setattr(self.redis, "execute_command", execute_command)  # noqa: B010 - mypy knows no assigned methods
        setattr(self.redis, "register_script", register_script)  # noqa: B010
        setattr(self.ct._transport, "call", gated)  # noqa: B010


@dataclass
class Clock:
    """Epoch seconds, and how much time a machine has let pass."""

    ahead: int = 0

    def __call__(self) -> float:
        return time.time() + self.ahead


Listener = Callable[[Life, Call, How], contextlib.AbstractAsyncContextManager[None]]


@dataclass
class Ground:
    """What processes stand on: a store, a CT, the time, and the gates; for one example at a time."""

    redis_url: str
    ct: PracticeCT
    ct_url: str
    store: Redis  # the machine's own way to look
    clock: Clock
    told: Told = field(default_factory=Told)
    held: bool = False  # closed gates: else everybody passes
    gates: list[Gate] = field(default_factory=list)
    under_way: int = 0
    lives: list[Life] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    actors: list[tuple[Life, asyncio.Task[Any]]] = field(default_factory=list)
    scripts: set[str] = field(default_factory=set)
    listener: Listener | None = None

    async def begin(self, listener: Listener | None = None) -> None:
        """A first day: an empty store, a new CT, nobody alive."""
        self.clock.ahead, self.held, self.under_way = 0, False, 0
        self.told = Told()
        for kept in (self.gates, self.lives, self.faults, self.actors):
            kept.clear()
        self.ct.reset()
        self.listener = listener
        await self.store.flushall()
        await self.store.set(AHEAD, 0)

    async def born(self, life: Life) -> Life:
        """A process that is up: scripts that the store has not seen would be sent in two commands."""
        for text in self.scripts:
            await self.store.script_load(text)
        self.scripts.clear()
        self.lives.append(life)
        return life

    async def end(self) -> None:
        for life in list(self.lives):
            await self.bury(life)

    # --- gates --------------------------------------------------------------------------------

    async def through(
        self, life: Life, asks: str, work: Callable[[How], Awaitable[T]], fails: Callable[[bool], Exception]
    ) -> T:
        """Do `work` when the machine lets it; cancelled where the process died."""
        how = How.GO
        if self.held and not FREE.get() and not life.dead:
            gate = Gate(life, asks, asyncio.current_task(), asyncio.get_running_loop().create_future())
            self.gates.append(gate)
            try:
                how = await gate.opened
            finally:
                if gate in self.gates:
                    self.gates.remove(gate)
        if life.dead:
            raise asyncio.CancelledError
        if how is How.UNREACHED:
            raise fails(False)
        self.under_way += 1
        try:
            answer = await work(how)
        finally:
            self.under_way -= 1
        if how is How.LOST:
            raise fails(True)
        return answer

    def hears(self, life: Life, call: Call, how: How) -> contextlib.AbstractAsyncContextManager[None]:
        """Around a request to CT that is being sent, and is answered; whether that is lost `how` says."""
        return self.listener(life, call, how) if self.listener else contextlib.nullcontext()

    async def step(self, which: int, *, times: int, last: How = How.GO) -> None:
        """Let one of those who wait pass, and again while it is the same task that waits; nothing if nobody waits."""
        if not self.gates:
            return
        await self.go_on(self.gates[which % len(self.gates)].task, times=times, last=last)

    async def go_on(self, task: "asyncio.Task[Any] | None", *, times: int, last: How = How.GO) -> None:
        """Let a task pass so many gates; `last` is how it fares at one more, where that is to fail."""
        await self.quiet()
        for how in [How.GO] * times + [last] * (last is not How.GO):
            if gate := next((gate for gate in self.gates if gate.task is task), None):
                await self.open(gate, how)

    async def go_past(self, task: "asyncio.Task[Any]", asks: str, *, then: How) -> None:
        """Let a task pass until it has asked this; `then` is how it fares at the gate after it."""
        passed = False
        await self.quiet()
        while gate := next((gate for gate in self.gates if gate.task is task), None):
            await self.open(gate, then if passed else How.GO)
            if passed:
                return
            passed = gate.asks == asks

    async def open(self, gate: Gate, how: How = How.GO) -> None:
        self.gates.remove(gate)
        gate.opened.set_result(how)
        await self.quiet()

    async def quiet(self) -> None:
        """Until everybody waits at a gate, or for somebody who does, or is over; the doomed are buried."""
        still = 0
        while still < _TURNS:
            await asyncio.sleep(0)
            still = 0 if self.under_way else still + 1
        for life in [life for life in self.lives if life.dead]:
            await self.bury(life)

    # --- processes ----------------------------------------------------------------------------

    async def free(self, life: Life, work: Coroutine[Any, Any, T]) -> T:
        """Do something at once; of those who wait only they go on whom it cannot do without."""

        async def freed() -> T:
            FREE.set(True)
            return await work

        task = self.act(life, freed())
        await self.quiet()
        while not task.done():
            if self.gates:
                await self.open(self.gates[0])
            else:  # a pause before it tries CT again: that one is real
                await asyncio.sleep(0.01)
        return task.result()

    async def link(self, life: Life, who: SlackUser, email: str) -> None:
        """Link somebody, past the browser."""
        row = self.ct.issue(email)
        pair = pair_of(row)
        gen = await life.sessions.adopt(who, pair, epoch=await life.sessions.begin(who))
        assert gen is not None
        await life.sessions.activate(who, gen, await life.sessions.prove(who, gen))

    def act(self, life: Life, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Somebody asks something of this process; it stops at its first gate."""

        async def lived() -> T:
            LIFE.set(life)
            return await work

        task = asyncio.ensure_future(lived())
        self.actors.append((life, task))
        return task

    async def bury(self, life: Life) -> None:
        """kill -9: nothing of this process runs any more."""
        life.dead = True
        if life in self.lives:
            self.lives.remove(life)
        while tasks := [task for task in (*life.tasks._tasks, *self._of(life)) if not task.done()]:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=0.5)  # who loses a cancellation is cancelled again
        await life.ct.aclose()
        await life.redis.aclose()

    def _of(self, life: Life) -> list[asyncio.Task[Any]]:
        return [task for living, task in self.actors if living is life]

    async def run_out(self, *, most: int = 2_000) -> None:
        """Let everybody pass in turn until nobody waits; time passes, too. Whoever polls for ever is a fault."""
        for turn in range(1, most):
            if not self.gates:
                return
            await self.open(self.gates[0])
            if turn % 50 == 0:
                await self.wait(5)
        raise AssertionError(f"still going on: {[gate.asks for gate in self.gates]}")

    # --- time ---------------------------------------------------------------------------------

    async def wait(self, seconds: int) -> None:
        """Time passes, and nobody does anything."""
        self.clock.ahead += seconds
        await self.store.eval(_PASS_TIME, 1, AHEAD, seconds)

    async def next_due(self) -> float | None:
        """Seconds until the next due work, negative when it is due; None: there is none."""
        found: Any = await self.store.zrange("ct:due:{due}:times", 0, 0, withscores=True)
        return float(found[0][1]) / 1000 - self.clock() if found else None

    def hurt(self) -> list[BaseException]:
        """What ended in no words of ours: faults of the bot."""
        ended = [task for _, task in self.actors if task.done() and not task.cancelled()]
        errors = [error for task in ended if (error := task.exception())]
        return [*self.faults, *(error for error in errors if not isinstance(error, BotError | CTError))]


async def work_one(life: Life, handlers: dict[str, Any], *, visibility: float = 20.0) -> None:
    """Claim one due item and do it, as the worker does."""
    for item in await life.queue.claim(limit=1, visibility=visibility):
        again = await handlers[item.kind](item)
        await (life.queue.done(item) if again is None else life.queue.later(item, delay=again))


def here(place: str) -> None:
    """In place of `cuts.here`: the process that a machine has doomed at this place ends."""
    life = LIFE.get()
    assert place in cuts.PLACES
    if life is not None and life.doomed_at == place:
        life.dead = True
        raise asyncio.CancelledError


def _store_fails(_done: bool) -> Exception:
    return redis.exceptions.ConnectionError("a machine's fault")


def pair_of(row: TokenRow) -> TokenPair:
    """A row of CT's as its token endpoint would answer it."""
    return TokenPair(
        access_token=row.access,
        refresh_token=row.refresh,
        token_type="bearer",
        expires_in=row.expires_in,
        created_at=int(row.created_at),
    )
