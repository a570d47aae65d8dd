"""What the three machines have in common: their loop, two replicas, and the rules about gates, deaths and time."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
import stamina
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bot import cuts
from bot.sandbox.ct import PracticeCT
from bot.sandbox.serving import serve
from bot.stores.redis import connect
from tests.machines.process import Clock, Ground, How, Life, here, work_one

T = TypeVar("T")

EXAMPLES = int(os.getenv("CT_BOT_EXAMPLES", "0"))  # 0: as few as `make test` has time for
PATIENCE = 400 + EXAMPLES * 2  # seconds, for pytest-timeout: a failure takes its time to become a small one
PHASES = (Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,)  # a small example takes minutes to find

REPLICAS = st.integers(0, 1)
WHICH = st.integers(0, 7)


class Stage:
    """A loop of the machine's own, and a practice CT that is served on it; both last for all examples of a test."""

    def __init__(self, runner: asyncio.Runner, ground: Ground) -> None:
        self.runner = runner
        self.ground = ground

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@contextlib.contextmanager
def stage(redis_url: str, **size: Any) -> Iterator[Stage]:
    """The stage for one test; named places in the bot end a process that is doomed there."""
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setattr(cuts, "here", here)
        stamina.set_testing(True, attempts=3, cap=True)  # without pauses between its tries
        stack.callback(stamina.set_testing, False)
        clock = Clock()
        ground = Ground(redis_url, ct := PracticeCT(clock=clock, **size), "", connect(redis_url), clock)
        serving = serve(ct.app)
        ground.ct_url = runner.run(serving.__aenter__())
        stack.callback(lambda: runner.run(serving.__aexit__(None, None, None)))
        stack.callback(lambda: runner.run(ground.store.aclose()))
        yield Stage(runner, ground)


def examine(machine: Callable[[], "Machine"], *, examples: int, steps: int) -> None:
    """Run a machine; a failure prints its steps, and a blob that repeats them."""
    made: Any = machine  # a class would do, or whatever makes a machine
    run_state_machine_as_test(
        made,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            database=None,
            derandomize=not EXAMPLES and bool(os.getenv("CI")),  # as in conftest.py
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )


class Machine(RuleBasedStateMachine):
    """Two replicas. A rule ends when nobody can go on by themselves; then everything that must hold is looked at."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.ground = stage.ground
        self.broken = False
        self._do(self._begin())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a rule, then look."""
        try:
            self.stage.run(self._done(work))
        except BaseException:
            self.broken = True
            raise

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        await self._after()

    async def _after(self) -> None:
        await self.ground.quiet()
        while len(self.ground.lives) < 2:
            await self.ground.born(self.process())
        faults = self.ground.hurt()
        assert not faults, faults
        await self.holds()

    def life(self, which: int) -> Life:
        return self.ground.lives[which]

    # --- what a machine is --------------------------------------------------------------------

    async def _begin(self) -> None:
        raise NotImplementedError

    def process(self) -> Life:
        """A new process of the bot."""
        return Life(self.ground)

    async def holds(self) -> None:
        """Looked at after every rule."""

    async def ends(self) -> None:
        """Looked at when all has been let run out."""

    def handlers(self, life: Life) -> dict[str, Any]:
        """Due work that a process does."""
        return life.sessions.handlers

    # --- rules --------------------------------------------------------------------------------

    @rule(which=WHICH, times=st.integers(1, 14))
    def step(self, which: int, times: int) -> None:
        """One of those who wait goes on for a while."""
        self._do(self.ground.step(which, times=times))

    @rule(which=WHICH, times=st.integers(0, 12), how=st.sampled_from([How.UNREACHED, How.LOST]))
    def fail(self, which: int, times: int, how: How) -> None:
        """The same, and one more of its requests fails."""
        self._do(self.ground.step(which, times=times, last=how))

    @rule()
    def run_out(self) -> None:
        """Everybody who waits goes on to their end."""
        self._do(self.ground.run_out())

    @rule(which=REPLICAS)
    def kill(self, which: int) -> None:
        self._do(self.ground.bury(self.life(which)))

    @rule(which=REPLICAS)
    def work(self, which: int) -> None:
        """A replica takes one thing that is due."""

        async def start() -> None:
            life = self.life(which)
            self.ground.act(life, work_one(life, self.handlers(life)))

        self._do(start())

    # --- the end ------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if not self.broken:
                self.stage.run(self._end())
        finally:
            self.stage.run(self.ground.end())

    async def _end(self) -> None:
        """Let all faults be over and everything due be done, however long it takes."""
        for life in self.ground.lives:
            life.doomed_at = None
        await self.ground.run_out()
        self.ground.held = False
        for turn in range(200):
            life = self.life(turn % 2)
            await self.ground.free(life, work_one(life, self.handlers(life)))
            await self.ground.quiet()
            due = await self.ground.next_due()
            if due is None:
                break
            await self.ground.wait(max(0, int(due) + 1) if due > 0 else 0)
        else:
            raise AssertionError("what is due never ends")
        await self._after()
        await self.ends()
