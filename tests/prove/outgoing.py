"""Family U: what goes out. Foreign text stays data, secrets stay in, CT is asked what it knows, little is public."""

import asyncio
import multiprocessing
import os
import random
import re
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor

from bot.slack.registry import load
from bot.slack.views.asking import ASK_BLOCK
from bot.slack.views.parts import SHARE
from tests.prove import hostile
from tests.prove.asked import Recorder, off_the_list, routes
from tests.prove.canaries import (
    ASKED_BACK,
    FOR_ITS_ASKER,
    ON_ITS_PAGE,
    SAID_ALOUD,
    Canaries,
    Listener,
    born_at_slack,
    command_lines,
    told_by_metrics,
    views_and_acks,
)
from tests.prove.drawn import drawings, drawn, never_drawn
from tests.prove.forging import Forger, hostile_id
from tests.prove.judge import Judge
from tests.prove.raw import ask
from tests.prove.reboots import pressing
from tests.prove.rows import Run, row
from tests.prove.theatre import NOC, Theatre, theatre
from tests.prove.tour import Tour
from tests.prove.wanderer import NO_STEPS, Wanderer, wander

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
        play.ct.log._app = renamed = hostile.Renamed(play.ct.log._app, run.seed)
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


# --- U2 ----------------------------------------------------------------------------------------------


@row(
    "U2",
    p=0,
    hold="no secret stands in a log, in the store, in metrics, on a command line, or before anybody but its asker",
    full=280,
    small=60,
    unit="canaries × places",
)
async def u2(run: Run) -> None:
    async with theatre(run, replicas=0, level="DEBUG", locations=LOCATIONS, boxes=BOXES) as play:
        _keep_everything(play)
        recorder = await Recorder(play.to_ct.port).start()
        play.settings |= {"CT_API_URL": recorder.url, "CT_AUTH_URL": recorder.url}
        tour, listener = Tour(run, play, Canaries()), Listener(play)
        await tour.plant()
        await _by_slack(run, play, tour)
        kept = command_lines(play) + await told_by_metrics(play)
        for replica in play.replicas:
            await replica.drain()
        kept += await _by_code(play, tour)
        tour.ends()
        tour.crossed(bytes(recorder.bytes))
        born_at_slack(play, tour.canaries)
        places = {
            "the log": play.logs().encode(),
            "the store's files": await _on_disk(play),
            "metrics and command lines": kept,
            "pages": bytes(tour.pages),
            "public messages": bytes(listener.public),
            "private messages": bytes(listener.private),
            "forms and acks": views_and_acks(play),
        }
        _none_sings(run, tour.canaries, places)
        await recorder.close()


async def _by_slack(run: Run, play: Theatre, tour: Tour) -> None:
    """Two replicas, Sign in with Slack: everything that people do, and everything that goes wrong."""
    for _ in range(2):
        await play.replica().start()
    ana, lee, kim, *others = play.people(6)
    await tour.linked(ana)
    await tour.led_astray(lee, kim)
    await tour.linked(lee)
    await tour.gets_codes(ana)
    await tour.uses([ana, lee], load(), run.n)
    await tour.sees_it_fail(ana)
    await tour.forges()
    for user, text in ((ana, "status"), (lee, "unlink"), (others[0], "boxes")):
        await play.type(user, f"/ct {text}")
    await _quiet(play)


async def _by_code(play: Theatre, tour: Tour) -> bytes:
    """One replica, where people show who they are by a typed code."""
    play.front.targets.clear()
    replica = play.replica(link_proof="typed_code")
    await replica.start()
    (pat,) = play.people(1, prefix="UC")
    await tour.linked_by_code(pat)
    await tour.gets_codes(pat)
    await _quiet(play)
    kept = command_lines(play) + await told_by_metrics(play)
    await replica.drain()
    return kept


async def _on_disk(play: Theatre) -> bytes:
    """The append-only file, and a dump with nothing packed."""
    await play.store.config(rdbcompression="no")
    await play.store.redis.save()
    return play.store.on_disk()


def _none_sings(run: Run, canaries: Canaries, places: dict[str, bytes]) -> None:
    may = {"private messages": FOR_ITS_ASKER, "forms and acks": FOR_ITS_ASKER | ASKED_BACK, "pages": ON_ITS_PAGE}
    may = {place: may.get(place, frozenset()) | SAID_ALOUD for place in places if place != "the log"}
    for kind in canaries.kinds:
        for place, content in places.items():
            if kind not in may.get(place, ()):
                heard = canaries.heard(kind, content)
                run.holds(not heard, f"{kind} in {place}: {heard[:2]}")
            run.tried()
    run.holds(len(canaries.kinds) >= 36, f"only {len(canaries.kinds)} kinds of canary were there")
    values = sum(map(len, canaries.kinds.values()))
    sizes = ", ".join(f"{place} {len(content) / 1e6:.1f} MB" for place, content in places.items())
    run.note(f"{len(canaries.kinds)} kinds of canary, {values:,} values; {sizes}")
    for place, content in places.items():
        run.holds(len(content) > 500, f"{place} is empty: nothing was looked at")


# --- U3 ----------------------------------------------------------------------------------------------


@row(
    "U3",
    p=0,
    hold="whatever stands for an id, CT is asked for routes of the list alone, and nothing breaks",
    full=10_000,
    small=240,
    unit="ids and texts",
)
async def u3(run: Run) -> None:
    async with theatre(run, replicas=0, locations=LOCATIONS, boxes=BOXES) as play:
        recorder = await Recorder(play.to_ct.port).start()
        play.settings |= {"CT_API_URL": recorder.url, "CT_AUTH_URL": recorder.url}
        await play.replica().start()
        users, later = play.people(40), play.people(40, prefix="UL")  # the later ones have nothing read yet
        await play.link([*users, *later])
        forger = Forger(run.dice, load(), [*play.ct.world.boxes, *play.ct.world.locations])
        await _ask_around(play, users, forger)
        kinds = Counter[str]()
        for start in range(0, run.n, 200):
            if start >= run.n // 2 and not forger.by_name:
                _hostile_ids(run, play, forger)
                users = later
            requests = []
            for n in range(start, min(run.n, start + 200)):
                user = users[n % len(users)]
                url, _ = play.slack.world.response_urls.mint(play.to_slack.url, "actions", user, NOC)
                kind, request = forger.any(user, url)
                kinds[kind] += 1
                requests.append(request)
            statuses = await ask(play.replicas[0].port, requests, at_once=20)
            run.tried(len(requests))
            run.holds(set(statuses) == {200}, f"answered {sorted(set(statuses))}")
            await _quiet(play)
        allowed = routes(play.ct.faults.app)
        for line in recorder.lines:
            why = off_the_list(line, allowed)
            run.holds(why is None, f"CT was asked {line[:200]!r}: {why}")
        run.holds(not recorder.broken, f"requests that are not one: {recorder.broken[:2]}")
        unbroken(run, play)
        odd = sum(b"%" in line.partition(b"?")[0] for line in recorder.lines)
        run.note(f"{len(recorder.lines):,} requests to CT, {odd:,} with an id that had to be quoted; {dict(kinds)}")
        await recorder.close()


def _hostile_ids(run: Run, play: Theatre, forger: Forger) -> None:
    """From now on every second id that CT tells is hostile, and people ask by name."""
    for number, box in enumerate(play.ct.world.boxes.values()):
        box.description = f"Box number {number:03d}"
    for number, place in enumerate(play.ct.world.locations.values()):
        place.location_name = f"Place number {number:03d}"
    forger.by_name = {
        "box": [box.description for box in play.ct.world.boxes.values()],
        "location": [place.location_name for place in play.ct.world.locations.values()],
    }
    play.ct.log._app = hostile.Renamed(play.ct.log._app, run.seed, make=_told_id, ids=True)


def _told_id(dice: random.Random) -> str:
    """CT's own strings are whole: half a character would be an answer that cannot be read (X1)."""
    return hostile_id(dice).encode(errors="ignore").decode()


async def _ask_around(play: Theatre, users: list[str], forger: Forger) -> None:
    """Questions that wait for somebody to pick something."""
    for user in users[:12]:
        for text in ("reboot", "location", "usage", "hand over", "network off"):
            await play.type(user, f"/ct {text}")
        await _quiet(play)
        blocks = [block for message in play.seen(user) for block in message.blocks]
        found = [block["block_id"] for block in blocks if block["block_id"].startswith(ASK_BLOCK)]
        forger.asks[user] = [one.removeprefix(ASK_BLOCK) for one in found]
        assert found, "nobody was asked anything"


async def _quiet(play: Theatre) -> None:
    """Until a moment has gone by in which nothing was said and CT was asked nothing."""
    seen = (-1, -1)
    while seen != (now := (len(play.slack.world.journal.calls), play.ct.log._number)):
        seen = now
        await asyncio.sleep(0.25)


# --- U4 ----------------------------------------------------------------------------------------------

_FAILED = re.compile(rb"Nothing was (?:changed|done)\.|fault of mine|\bct-[0-9a-f]{6}\b|/oauth/|/link/[\w-]{20}")
WORSE = ({"status": 403}, {"status": 404}, {"status": 422}, {"status": 429, "retry_after": 1}, {"status": 500})


@row(
    "U4",
    p=1,
    hold="in a public channel codes, links, errors and guests' devices are for the asker alone",
    full=500,
    small=40,
    unit="commands and clicks in public",
)
async def u4(run: Run) -> None:
    async with theatre(run, replicas=0, locations=LOCATIONS, boxes=BOXES) as play:
        _keep_everything(play)
        recorder = await Recorder(play.to_ct.port).start()
        play.settings |= {"CT_API_URL": recorder.url, "CT_AUTH_URL": recorder.url}
        tour, listener, registry = Tour(run, play, Canaries()), Listener(play), load()
        tour.plant_what_is_handed_out()
        tour.plant_guests()
        await play.replica().start()
        users = play.people(10)
        await play.link(users[2:])
        for user in users[:2]:
            await tour.linked(user)
        await tour.gets_codes(users[0])
        wanderers = [tour.wanderer(user, registry, NOC) for user in users]
        forced = run.n // 4
        await wander(wanderers, run.n - forced, registry, tried=lambda: _sometimes_worse(run, play))
        play.ct.faults.clear()
        texts = tour.code_commands() + [one.typed(c) for c in registry for one in wanderers if c.name not in NO_STEPS]
        await _all_shared(run, play, users, texts[:8] + run.dice.sample(texts[8:], len(texts) - 8), forced)
        tour.crossed(bytes(recorder.bytes))
        _only_for_the_asker(run, play, tour.canaries, listener)
        await recorder.close()


def _sometimes_worse(run: Run, play: Theatre) -> None:
    """One step in eight, CT fails twice."""
    run.tried()
    if run.dice.random() < 0.125:
        play.ct.faults.add(kind="status", prefix="/api/", times=2, **run.dice.choice(WORSE))


async def _all_shared(run: Run, play: Theatre, users: list[str], texts: list[str], number: int) -> None:
    """*Share Here* for every command: for those, too, whose answers have no such button."""
    for start in range(0, number, 40):
        some = range(start, min(number, start + 40))
        requests = [pressing(play, users[n % len(users)], texts[n % len(texts)], action=SHARE) for n in some]
        await ask(play.replicas[0].port, requests, at_once=10)
        run.tried(len(requests))
        await _quiet(play)


def _only_for_the_asker(run: Run, play: Theatre, canaries: Canaries, listener: Listener) -> None:
    public, private = bytes(listener.public), bytes(listener.private)
    for kind in canaries.kinds:
        heard = canaries.heard(kind, public)
        run.holds(not heard, f"{kind} in a channel: {heard[:2]}")
    failed = [public[max(0, found.start() - 200) : found.end()] for found in _FAILED.finditer(public)]
    run.holds(not failed, f"in a channel: {failed[:2]}")
    files = [
        call["arguments"] for call in play.slack.world.journal.calls if call["method"].startswith("files.complete")
    ]
    run.holds(all(str(one.get("channel_id")).startswith("D") for one in files), "a file went to a channel")
    shown = [kind for kind in canaries.kinds if canaries.heard(kind, private)]
    run.holds(bool(_FAILED.search(private)) and "username" in shown, f"askers saw no errors, or only {shown}")
    run.note(
        f"{listener.said:,} public messages and changes of them; {len(canaries.kinds)} kinds looked for, "
        f"of which askers saw {len(shown)}"
    )
