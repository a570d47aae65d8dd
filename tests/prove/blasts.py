"""Family R, the guards: many boxes at once, and boxes that need a second person."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.people import ACME
from bot.services.operation import Ending
from bot.slack.views.reboot import APPROVE, CALL_OFF, CONFIRM, TYPE
from tests.prove.raw import Request, sign
from tests.prove.reboots import bootable, press_all, pressing
from tests.prove.replica import Replica
from tests.prove.rows import Run, row
from tests.prove.theatre import ANA_AT_CT, NO_CEILINGS, NOC, Theatre, theatre
from tests.slack.test_s6_odd_payloads import body_of

STRANGER_AT_CT = "oleg@cafes.example"
SIZE = 50


def submitting(play: Theatre, user: str, op_id: str, typed: str) -> Request:
    """The form in which a name, or a number, is typed, as Slack signs it."""
    url, _ = play.slack.world.response_urls.mint(play.to_slack.url, "actions", user, NOC)
    view = {
        "id": "V" + secrets.token_hex(5),
        "type": "modal",
        "callback_id": "ct.form:typed-reboot",
        "private_metadata": json.dumps({"op": op_id, "wanted": typed, "channel": NOC, "reply": url}),
        "state": {"values": {"typed": {"typed": {"type": "plain_text_input", "value": typed}}}},
        "hash": secrets.token_hex(8),
    }
    payload = {
        "type": "view_submission",
        "team": {"id": ACME, "domain": "acme"},
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": ACME},
        "trigger_id": secrets.token_hex(8),
        "enterprise": None,
        "view": view,
    }
    raw = body_of(payload)[0].encode()
    return Request(raw, sign(raw))


async def record(play: Theatre, op_id: str) -> dict[str, Any]:
    """An operation as it is kept, with the state that runs ahead of it."""
    found: Any = await play.store.redis.hmget(f"ct:op:{{{op_id}}}", ["data", "state"])
    return {**json.loads(found[0] or b"{}"), "state": (found[1] or b"").decode()}


@dataclass
class Try:
    """One attempt on one guarded operation: who asked, who helps, what it is about."""

    play: Theatre
    owner: str
    second: str
    op_id: str = ""
    typed: str = ""

    async def ask(self, command: str) -> None:
        """The card; its button carries the operation's id."""
        had = {message.id for message in self.play.seen(self.owner)}
        error = await self.play.type(self.owner, command)
        assert error is None, error
        card = await self.play.until(
            lambda: next(
                (m for m in self.play.seen(self.owner) if m.id not in had and m.text.startswith("Reboot ")), None
            ),
            within=30,
            what=f"the card after {command[:60]!r}",
        )
        with contextlib.suppress(AssertionError):
            self.op_id = self.play.value_of(card, TYPE)
        self.op_id = self.op_id or self.play.value_of(card, CONFIRM)

    async def press(self, user: str, action: str) -> None:
        """Press, and wait until it was answered: what it leads to has been sent by then."""
        had = self.play.answers(user)
        await press_all(self.play, [pressing(self.play, user, self.op_id, action=action)], at_once=1)
        await self.play.until(lambda: self.play.answers(user) > had, within=30, what=f"an answer to {action}")

    async def submit(self, user: str, typed: str) -> None:
        """Type it into the form; the ack comes after it was judged."""
        await press_all(self.play, [submitting(self.play, user, self.op_id, typed)], at_once=1)

    async def state(self) -> str:
        return str((await record(self.play, self.op_id))["state"])


async def gathered(work: Sequence[Awaitable[None]], *, at_once: int) -> None:
    """All of it, so many at a time."""
    turns = asyncio.Semaphore(at_once)

    async def one(item: Awaitable[None]) -> None:
        async with turns:
            await item

    await asyncio.gather(*(one(item) for item in work))


# --- R8 ----------------------------------------------------------------------------------------------

FAILING = ("refused", "never_restarts", "back_without_uptime", "dropped", "lost_answer", "dropped_unacted", "offline")
DEATHS = ("sweep.launching", "sweep.launched", "change.sending", "change.answered", "change.settled", "follow.ended")


def places_of_fifty(play: Theatre, count: int) -> list[tuple[str, list[str]]]:
    """So many locations with exactly fifty boxes that can be rebooted, and the boxes of each."""
    ana = play.ct.world.person(ANA_AT_CT)
    assert ana is not None
    locations, left = play.ct.world.locations_of(ana), bootable(play)
    chosen, rest = locations[:count], locations[count]
    for place in chosen:
        for box in play.ct.world.boxes_at(place):
            play.ct.world.move(box, rest)
    found = []
    for place in chosen:
        slugs = [left.pop() for _ in range(SIZE)]
        for slug in slugs:
            play.ct.world.move(play.ct.world.boxes[slug], place)
        found.append((place.slug, slugs))
    return found


@row(
    "R8",
    p=1,
    hold="many boxes at once need a second person, go in waves, and stop at the first that is not back",
    full=42,
    small=3,
    unit="sweeps of 50 boxes",
)
async def r8(run: Run) -> None:
    policy = {"guards": {**NO_CEILINGS, "most_percent": 20}}
    async with theatre(run, policy=policy, boxes=max(412, run.n * 80), locations=max(37, run.n + 20)) as play:
        people, places = play.people(3 * run.n), places_of_fifty(play, run.n)
        await play.link([user for n, user in enumerate(people) if n % 3 != 2])
        strangers = [user for n, user in enumerate(people) if n % 3 == 2]
        await play.link(strangers[::2], email=STRANGER_AT_CT)  # the others are not linked at all
        alive = run.n - run.n // 3
        await gathered([_sweep(run, play, people, places, n, dying=False) for n in range(alive)], at_once=7)
        async with _dying(play, run) as deaths:
            await gathered([_sweep(run, play, people, places, n, dying=True) for n in range(alive, run.n)], at_once=5)
        doubled = {slug: count for slug, count in play.reboots().items() if count > 1}
        run.holds(not doubled, f"rebooted more than once: {doubled}")
        run.note(f"in {run.n - alive} of them a replica died, {len(deaths)} times in all")


async def _sweep(
    run: Run, play: Theatre, people: list[str], places: list[tuple[str, list[str]]], n: int, *, dying: bool
) -> None:
    (place, slugs), (owner, second, stranger) = places[n], people[3 * n : 3 * n + 3]

    def calls() -> int:
        return sum(play.reboots().get(slug, 0) for slug in slugs)

    six = Try(play, owner, second)
    await six.ask(f"/ct reboot {', '.join(slugs[:6])}")
    await _without_a_second(six, stranger, "6")
    sweep = Try(play, owner, second)
    await sweep.ask(f"/ct reboot all at {place}")
    await _without_a_second(sweep, stranger, str(SIZE))
    run.holds(calls() == 0, f"{calls()} calls without a second person at {place}")
    for one in (six, sweep):
        run.holds(await one.state() == "awaiting", f"without a second person it is {await one.state()}")
    boxes = (await record(play, sweep.op_id))["params"]["boxes"]
    run.holds(len(boxes) == SIZE, f"a sweep of {len(boxes)} boxes")
    third, how = play.ct.world.boxes[boxes[2]["slug"]], FAILING[n % len(FAILING)]
    if how == "offline":
        third.state, third.ticks = how, False
    else:
        third.reboot = how
    await sweep.press(second, APPROVE)
    kept = await _ended(run, play, sweep, f"{place}, {how}")
    run.tried()
    run.holds(kept.get("ending") == Ending.FAILED, f"{place}, {how}: the sweep ended as {kept.get('ending')}")
    most = 2 if how == "offline" else 3
    run.holds(calls() <= most, f"{place}, {how}: {calls()} calls, and at most {most} may be")
    run.holds(dying or calls() == most, f"{place}, {how}: only {calls()} calls: it stopped too early")
    await play.until(
        lambda: any("not every box came back" in m.text for m in play.seen(second)[-400:]), within=20, what="its card"
    )


async def _without_a_second(one: Try, stranger: str, count: str) -> None:
    """All that the asker can do alone, before and after the number was typed, and what strangers can."""
    await one.press(one.owner, APPROVE)
    await one.press(one.second, APPROVE)
    await one.submit(one.second, count)
    await one.submit(one.owner, "7")
    await one.submit(one.owner, count)
    await one.press(one.owner, APPROVE)
    await one.press(stranger, APPROVE)
    await one.press(one.owner, CONFIRM)
    await one.submit(one.owner, count)


async def _ended(run: Run, play: Theatre, sweep: Try, what: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for _ in range(600):
        kept = await record(play, sweep.op_id)
        if kept["state"] == "ended":
            return kept
        await asyncio.sleep(0.2)
    run.holds(False, f"{what}: not ended after two minutes: {kept['state']}, {kept.get('params', {}).get('ends')}")
    return kept


@contextlib.asynccontextmanager
async def _dying(play: Theatre, run: Run) -> Any:
    """The second replica does due work only, and dies in the middle of it, again and again."""
    victim, deaths, over = play.replicas[1], list[str](), asyncio.Event()
    play.front.targets.remove(victim.port)
    play.replicas.remove(victim)
    await victim.kill()
    task = asyncio.ensure_future(_die(victim, run, deaths, over))
    try:
        yield deaths
    finally:
        over.set()
        await task
        play.replicas.append(victim)


async def _die(victim: Replica, run: Run, deaths: list[str], over: asyncio.Event) -> None:
    while not over.is_set():
        place = run.dice.choice(DEATHS)
        await victim.start(cut=f"kill:{place}")
        while victim.alive and not over.is_set():
            await asyncio.sleep(0.1)
        if not victim.alive:
            deaths.append(place)
    await victim.kill()


# --- R9 ----------------------------------------------------------------------------------------------

QUIET = [  # all day, in two halves
    {"from": "00:00", "to": "12:00", "time_zone": "UTC", "tags": ["quiet"]},
    {"from": "12:00", "to": "00:00", "time_zone": "UTC", "tags": ["quiet"]},
]


async def _plain(one: Try) -> None:
    await one.press(one.owner, CONFIRM)


async def _only_typed(one: Try) -> None:
    await one.submit(one.owner, one.typed)
    await one.press(one.owner, CONFIRM)


async def _own_approval(one: Try) -> None:
    await one.submit(one.owner, one.typed)
    await one.press(one.owner, APPROVE)


async def _not_typed(one: Try) -> None:
    await one.press(one.second, APPROVE)


async def _typed_wrong(one: Try) -> None:
    await one.submit(one.owner, one.typed + "x")
    await one.submit(one.owner, "")
    await one.press(one.second, APPROVE)


async def _typed_by_the_second(one: Try) -> None:
    await one.submit(one.second, one.typed)
    await one.press(one.second, APPROVE)
    await one.press(one.owner, CONFIRM)


async def _unlinked(one: Try) -> None:
    await one.submit(one.owner, one.typed)
    await one.press("UX00000", APPROVE)


async def _stranger(one: Try) -> None:
    await one.submit(one.owner, one.typed)
    await one.press("UX00001", APPROVE)


async def _too_late(one: Try) -> None:
    await one.submit(one.owner, one.typed)
    await one.play.store.redis.hset(f"ct:op:{{{one.op_id}}}", "expires", "1")
    await one.press(one.second, APPROVE)


async def _called_off(one: Try) -> None:
    await one.submit(one.owner, one.typed)
    await one.press("UX00000", CALL_OFF)
    await one.press(one.second, APPROVE)


async def _unlinked_since(one: Try) -> None:
    await one.submit(one.owner, one.typed)
    await one.play.link([one.owner], email=STRANGER_AT_CT)
    await one.press(one.second, APPROVE)


LACKING: tuple[Callable[[Try], Awaitable[None]], ...] = (
    _plain,
    _only_typed,
    _own_approval,
    _not_typed,
    _typed_wrong,
    _typed_by_the_second,
    _unlinked,
    _stranger,
    _too_late,
    _called_off,
    _unlinked_since,
)


@row(
    "R9",
    p=1,
    hold="a protected box, or one in quiet hours, needs its name typed and a second person",
    full=500,
    small=22,
    unit="tries that lack one of them",
)
async def r9(run: Run) -> None:
    policy = {"guards": {**NO_CEILINGS, "protected_tags": ["core"], "quiet_hours": QUIET}}
    async with theatre(run, policy=policy, boxes=1_200 if run.n > 100 else 412) as play:
        wholes = max(2, run.n // 20)  # with both: so that no row passes because nothing is ever sent
        people, boxes = play.people(2 * (run.n + wholes)), run.dice.sample(bootable(play), run.n + wholes)
        await play.link(people)
        play.people(2, prefix="UX")
        await play.link(["UX00001"], email=STRANGER_AT_CT)
        work = [_try(run, play, people[2 * n : 2 * n + 2], slug, n, wholes) for n, slug in enumerate(boxes)]
        await gathered(work, at_once=8)
        await asyncio.sleep(5)  # follow-up has looked by then, too
        sent, whole = play.reboots(), set(boxes[run.n :])
        run.holds(set(sent) <= whole, f"calls without both: {sorted(set(sent) - whole)[:3]}")
        run.holds(whole <= set(sent), f"no call with both: {sorted(whole - set(sent))[:3]}")
        run.holds(set(sent.values()) <= {1}, f"more than one call: {sent}")
        run.note(f"and {wholes} with both: one call each")


async def _try(run: Run, play: Theatre, pair: list[str], slug: str, n: int, wholes: int) -> None:
    box = play.ct.world.boxes[slug]
    tag = ("core", "quiet")[n % 2]
    later = n % 5 == 4 and n < run.n  # protected only after the card was made: the click counts
    box.tags = "" if later else tag
    one = Try(play, pair[0], pair[1], typed=str(box.description))
    await one.ask(f"/ct reboot {slug}")
    box.tags = tag
    if n >= run.n:
        await one.submit(one.owner, one.typed)
        await one.press(one.second, APPROVE)
        return
    await LACKING[n % len(LACKING)](one)
    run.tried()
    run.holds(play.reboots().get(slug, 0) == 0, f"{LACKING[n % len(LACKING)].__name__}: {slug} was rebooted")
