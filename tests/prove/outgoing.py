"""Family U: what goes out. Foreign text stays data, secrets stay in, CT is asked what it knows, little is public."""

import asyncio
import multiprocessing
import os
from collections import deque
from concurrent.futures import ProcessPoolExecutor

from bot.slack.registry import load
from tests.prove import hostile
from tests.prove.drawn import drawings, drawn, never_drawn
from tests.prove.judge import Judge
from tests.prove.rows import Run, row
from tests.prove.theatre import Theatre, theatre
from tests.prove.wanderer import Wanderer, wander

LOCATIONS, BOXES = 6, 60

# --- U1 ----------------------------------------------------------------------------------------------

LEE = "U02LEE"  # whom the example of `hand over` names
A_FEW = 2_000
TYPED_SHARE = 25  # one in so many tries is a step of somebody who types and presses, end to end


@row(
    "U1",
    p=0,
    hold="whatever things are called, it stays data: no markup, no mention, no link, no limit exceeded",
    full=50_000,
    small=660,
    unit="drawings and steps",
)
async def u1(run: Run) -> None:
    if run.n > A_FEW:
        missed = never_drawn(run.dice.randrange(2**32))
        run.holds(not missed, f"views that are never drawn with foreign text: {missed}")
    steps = run.n // TYPED_SHARE
    await _drawings(run, run.n - steps)
    await _end_to_end(run, steps)


async def _drawings(run: Run, number: int) -> None:
    """Every view in turn, on all processors."""
    names, texts = list(drawings()), 0
    jobs = []
    for nth, name in enumerate(names):
        seeds = [run.dice.randrange(2**32) for _ in range(nth, number, len(names))]
        jobs += [(name, seeds[start : start + 250]) for start in range(0, len(seeds), 250)]
    if number < A_FEW:
        done = [await asyncio.to_thread(drawn, name, seeds) for name, seeds in jobs]
    else:
        with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
            loop = asyncio.get_running_loop()
            done = await asyncio.gather(*(loop.run_in_executor(pool, drawn, name, seeds) for name, seeds in jobs))
    for put, fell in done:
        texts += put
        for what in fell:
            run.holds(False, what)
    run.tried(number)
    run.note(f"{texts:,} texts in {number:,} drawings of {len(names)} kinds")


async def _end_to_end(run: Run, steps: int) -> None:
    """CT calls everything so, and so do people where they may type; what Slack got is judged."""
    async with theatre(run, replicas=1, locations=LOCATIONS, boxes=BOXES) as play:
        _keep_everything(play)
        users = play.people(20)
        await play.link(users)
        renamed = hostile.Renamed(play.ct.log._app, run.seed)
        play.ct.log._app, renamed.on = renamed, True
        registry = load()
        wanderers = [Wanderer(play, user, registry, run.dice, texts=hostile.name) for user in users]
        await wander(wanderers, steps, registry, tried=run.tried)
        await asyncio.sleep(1)
        judged = _judged(run, play, Judge([*users, LEE], [play.front.url, play.to_ct.url]))
        unbroken(run, play)
        run.holds(judged > steps // 2, f"only {judged} payloads came of {steps} steps")
        run.note(f"{steps:,} steps end to end: {judged:,} payloads to Slack, {renamed.texts:,} texts from CT")


def _keep_everything(play: Theatre) -> None:
    world = play.slack.world
    world.journal.calls = deque()
    world.journal.refusals = deque()
    world.deliveries._records = deque()


def _judged(run: Run, play: Theatre, judge: Judge) -> int:
    """Judge every call, every `response_url` and every ack; how many there were."""
    number = 0
    for where, wrong in judge.calls(play.slack.world.journal):
        number += 1
        for what in wrong:
            run.holds(False, f"{where}: {what}")
    for record in play.slack.world.deliveries._records:
        run.holds(record.error is None, f"{record.kind}: {record.error} {str(record.answer)[:100]}")
        for what in judge.ack(record.answer):
            run.holds(False, f"ack of a {record.kind}: {what}")
    return number


def unbroken(run: Run, play: Theatre) -> None:
    """No process ended, and none of them logged an error; that a busy machine's store is slow is none."""
    run.holds(all(replica.alive for replica in play.replicas), "a replica ended")
    for line in play.logs().splitlines():
        if ('"level": "error"' in line or "Traceback" in line) and "(Redis) is not answering" not in line:
            run.holds(False, f"logged: {line[:300]}")
