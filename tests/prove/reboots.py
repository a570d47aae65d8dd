"""Family R: reboots. At most one call each, whatever people, networks and processes do."""

import asyncio
import functools
import secrets
import string
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from bot.sandbox.slack.messages import Message
from bot.slack.views.reboot import CONFIRM
from tests.prove.raw import Request, ask, sign
from tests.prove.replica import Replica
from tests.prove.rows import Run, row
from tests.prove.theatre import ANA_AT_CT, NOC, Theatre, theatre
from tests.slack.forged import click
from tests.slack.test_s6_odd_payloads import body_of


def bootable(play: Theatre) -> list[str]:
    """Boxes that can be rebooted and come back, by slug; each with a name of its own, as a message is of one box."""
    ana = play.ct.world.person(ANA_AT_CT)
    assert ana is not None
    found = [box for box in play.ct.world.boxes_of(ana) if box.state == "online" and box.is_cucumber and not box.job]
    found = [box for box in found if box.reboot is None and play.ct.practice.moment(box).allowed_job]
    for number, box in enumerate(found):
        box.description = f"Box {number:04d} of {box.location_slug[:20]}"
    return [box.slug for box in found]


def name_of(play: Theatre, slug: str) -> str:
    return str(play.ct.world.boxes[slug].description)


async def question(play: Theatre, user: str, slug: str, reason: str = "") -> Message:
    """Ask for a reboot; the card with the button."""
    had = len([*play.direct(user), *play.seen(user)])
    error = await play.type(user, f"/ct reboot {slug}" + (f" because {reason}" if reason else ""))
    assert error is None, error
    return await play.sees(user, "Reboot ", after=had, within=20)


def pressing(play: Theatre, user: str, value: str, *, action: str = CONFIRM, team: str = "T01ACME") -> Request:
    """A click as Slack signs it, each a delivery of its own."""
    url, _ = play.slack.world.response_urls.mint(play.to_slack.url, "actions", user, NOC)
    body, _ = body_of(click(user, action, value, team=team, response_url=url))
    raw = body.encode()
    return Request(raw, sign(raw))


async def press_all(play: Theatre, requests: list[Request], *, at_once: int = 50) -> list[int]:
    """Half to each replica, at the same moment."""
    halves = [requests[k :: len(play.replicas)] for k in range(len(play.replicas))]
    asked = (ask(play.replicas[k].port, half, at_once=at_once) for k, half in enumerate(halves) if half)
    return [status for statuses in await asyncio.gather(*asked) for status in statuses]


# --- R1 ----------------------------------------------------------------------------------------------


@row(
    "R1", p=0, hold="a hundred clicks over two replicas are one call", full=200, small=3, unit="rounds × 2 × 50 clicks"
)
async def r1(run: Run) -> None:
    async with theatre(run) as play:
        users, boxes = play.people(20), run.dice.sample(bootable(play), run.n)
        await play.link(users)
        for n, slug in enumerate(boxes):
            user = users[n % len(users)]
            value = play.value_of(await question(play, user, slug), CONFIRM)
            had = play.answers(user)
            statuses = await press_all(play, [pressing(play, user, value) for _ in range(100)])
            run.tried()
            run.holds(set(statuses) == {200}, f"acks {set(statuses)}")
            await play.until(partial(_has_answers, play, user, had + 100), within=30, what="a hundred answers")
            private = [message.text for message in play.seen(user) if message.only_for == user]
            already = sum("answered already" in text for text in private[-101:])
            run.holds(already >= 99, f"only {already} of 99 were told that it is done")
            run.holds(play.reboots().get(slug) == 1, f"{slug} was rebooted {play.reboots().get(slug, 0)} times")
        run.holds(sum(play.reboots().values()) == run.n, f"{sum(play.reboots().values())} calls for {run.n} rounds")


def _has_answers(play: Theatre, user: str, count: int) -> bool:
    return play.answers(user) >= count


# --- R2 ----------------------------------------------------------------------------------------------


async def _expire(play: Theatre, user: str, slug: str, value: str) -> None:
    await play.store.redis.hset(f"ct:op:{{{value}}}", "expires", "1")


async def _relink(play: Theatre, user: str, slug: str, value: str) -> None:
    await play.link([user], email="kim@venues.example")


async def _remove(play: Theatre, user: str, slug: str, value: str) -> None:
    play.ct.world.drop(play.ct.world.boxes[slug])


async def _transfer(play: Theatre, user: str, slug: str, value: str) -> None:
    box = play.ct.world.boxes[slug]
    box.location_slug = next(one for one in play.ct.world.locations if one != box.location_slug)


async def _unlink(play: Theatre, user: str, slug: str, value: str) -> None:
    await play.type(user, "/ct unlink")
    await play.until(lambda: any("no longer" in m.text or "nlinked" in m.text for m in play.seen(user)), what="unlink")


async def _offline(play: Theatre, user: str, slug: str, value: str) -> None:
    box = play.ct.world.boxes[slug]
    box.state, box.ticks = "offline", False


STALE: dict[str, Callable[[Theatre, str, str, str], Awaitable[None]]] = {
    "expired": _expire,
    "another CT account": _relink,
    "unlinked": _unlink,
    "box removed": _remove,
    "box moved": _transfer,
    "box offline": _offline,
}


@row("R2", p=0, hold="a stale confirmation sends nothing", full=1_000, small=12, unit="late clicks")
async def r2(run: Run) -> None:
    async with theatre(run, boxes=2_000 if run.n > 300 else 412) as play:
        users, boxes = play.people(run.n), run.dice.sample(bootable(play), run.n)
        for start in range(0, run.n, 10):
            await asyncio.gather(
                *(_stale(run, play, users[n], boxes[n], n) for n in range(start, min(run.n, start + 10)))
            )
        await _waited_out(run, play)
        run.holds(play.reboots() == {}, f"calls went out: {play.reboots()}")


async def _stale(run: Run, play: Theatre, user: str, slug: str, n: int) -> None:
    name = list(STALE)[n % len(STALE)]
    await play.link([user])
    card = await question(play, user, slug)
    value = play.value_of(card, CONFIRM)
    await STALE[name](play, user, slug, value)
    had = play.answers(user)
    await press_all(play, [pressing(play, user, value)])
    await play.until(lambda: play.answers(user) > had, within=20, what=f"an answer ({name})")
    run.tried()
    told = play.words(play.seen(user)[-1])
    run.holds("Nothing was sent" in told or "not touched" in told or "CT account" in told, f"{name}: told {told[:120]}")


async def _waited_out(run: Run, play: Theatre) -> None:
    """Two minutes by the clock, for those who trust no changed field: at full n only."""
    if run.n < 300:
        return
    users = play.people(20, prefix="UW")
    await play.link(users)
    boxes = run.dice.sample(bootable(play), 20)
    values = [play.value_of(await question(play, user, slug), CONFIRM) for user, slug in zip(users, boxes, strict=True)]
    await asyncio.sleep(121.5)
    await press_all(play, [pressing(play, user, value) for user, value in zip(users, values, strict=True)])
    await play.until(
        lambda: all("expired" in play.seen(user)[-1].text for user in users), within=20, what="twenty times *expired*"
    )
    run.note("20 of them waited 121 s by the clock")


# --- R3, R4 ------------------------------------------------------------------------------------------

ROUND = 100


@row(
    "R3",
    p=0,
    hold="somebody else's click sends nothing, and leaves the question to its owner",
    full=1_000,
    small=20,
    unit="foreign clicks",
)
async def r3(run: Run) -> None:
    async with theatre(run) as play:
        (owner, *others) = play.people(51)
        await play.link([owner, *others[:25]])
        slug = run.dice.choice(bootable(play))
        card = await question(play, owner, slug)
        value = play.value_of(card, CONFIRM)
        requests = [pressing(play, run.dice.choice(others), value) for _ in range(run.n)]

        def answered(count: int) -> bool:
            return sum(map(play.answers, others)) >= count

        for so_far in range(0, run.n, ROUND):  # a thousand in one second would try the store's patience, not this
            await press_all(play, requests[so_far : so_far + ROUND])
            await play.until(partial(answered, min(so_far + ROUND, run.n)), within=60, what="every answer")
        for other in others:
            for message in play.seen(other):
                if message.only_for == other:
                    run.tried()
                    run.holds("somebody else's question" in message.text, f"told: {message.text[:100]}")
        run.holds(play.reboots() == {}, f"a foreign click rebooted {play.reboots()}")
        await play.press(owner, card, "Reboot")
        await play.until(lambda: play.reboots() == {slug: 1}, within=20, what="the owner's own click")


@row("R4", p=0, hold="forged or changed button values send nothing", full=10_000, small=200, unit="values")
async def r4(run: Run) -> None:
    async with theatre(run) as play:
        users = play.people(20)
        await play.link(users)
        real = [play.value_of(await question(play, users[0], slug), CONFIRM) for slug in bootable(play)[:3]]
        others = ["ct.change.confirm", CONFIRM, "ct.change.type", "ct.reboot.follow", "ct.change.cancel"]
        values = list(_values(run, real))
        requests = [pressing(play, run.dice.choice(users), value, action=run.dice.choice(others)) for value in values]
        statuses = await press_all(play, requests, at_once=8)
        run.tried(len(values))
        run.holds(set(statuses) == {200}, f"acks {sorted(set(statuses))}")
        await asyncio.sleep(1)
        run.holds(play.reboots() == {}, f"calls went out: {play.reboots()}")
        changed = [line for line in play.ct.log.rows if line["method"] != "GET" and line["path"].startswith("/api/")]
        run.holds(not changed, f"CT was asked to change something: {changed[:2]}")
        run.holds(not play.errors(), f"errors in the log: {play.errors()[:1]}")


def _values(run: Run, real: list[str]) -> Iterator[str]:
    """Ids that are none, nearly right, of other things, or no ids at all; never a whole real one."""
    alphabet = string.ascii_letters + string.digits + "-_"
    for _ in range(run.n):
        base = run.dice.choice(real)
        place = run.dice.randrange(len(base))
        kinds = [
            secrets.token_urlsafe(16),
            base[:place],
            base[:place] + run.dice.choice(alphabet.replace(base[place], "")) + base[place + 1 :],
            base + run.dice.choice(alphabet),
            base.swapcase(),
            "lobby-ap-3-4c0412",
            "}:lock{" + base,
            base + "}{x",
            "*",
            "../" + base,
            "\u0000" + base,
            base + "\r\nDEL x",
            "x" * 1_900,
            "".join(chr(run.dice.randrange(32, 0x2FFF)) for _ in range(20)),
        ]
        value = run.dice.choice(kinds)
        yield value if value not in real else value + "x"


# --- R5 ----------------------------------------------------------------------------------------------

LOST = {
    "lost_answer": "a 500 after acting",
    "dropped": "the connection broke after acting",
    "dropped_unacted": "it broke before",
    "late": "acted, answered too late",
}


@row(
    "R5", p=0, hold="an answer that was lost is watched, told, and never sent again", full=500, small=8, unit="reboots"
)
async def r5(run: Run) -> None:
    async with theatre(run, switches={"late_seconds": 9.0}, boxes=1_200) as play:
        users, boxes = play.people(40), run.dice.sample(bootable(play), run.n)
        await play.link(users)
        left, lock = list(enumerate(boxes)), asyncio.Semaphore(12)

        async def one(n: int, slug: str) -> None:
            async with lock:
                await _lost(run, play, users[n % len(users)], slug, list(LOST)[n % len(LOST)])

        await asyncio.gather(*(one(n, slug) for n, slug in left))
        await asyncio.sleep(2)  # the late ones are still being answered, to nobody
        calls = play.reboots()
        for slug in boxes:
            run.holds(calls.get(slug) == 1, f"{slug}: {calls.get(slug, 0)} calls")
        rows = await play.audit()
        unknown = {line["box"] for line in rows if line["event"] == "reboot_unknown"}
        run.holds(unknown >= set(boxes), f"{len(set(boxes) - unknown)} were not noted as unknown")


async def _lost(run: Run, play: Theatre, user: str, slug: str, how: str) -> None:
    play.ct.world.boxes[slug].reboot = how
    name = name_of(play, slug)

    def heard() -> list[str]:
        return [play.words(m) for m in [*play.seen(user), *play.direct(user)] if name in m.text]

    def unsent() -> int:
        return sum("was not sent" in words for words in heard())

    def told(before: int) -> bool:
        return any(map(_over, heard())) or unsent() > before

    # A CT that lost several answers in a row is left alone for a moment: nobody can look or send, and they ask again.
    for _ in range(20):
        before = unsent()
        try:
            value = play.value_of(await question(play, user, slug), CONFIRM)
        except TimeoutError:
            continue
        await press_all(play, [pressing(play, user, value)], at_once=1)
        await play.until(functools.partial(told, before), within=60, what=f"the end of {name} ({how})")
        if unsent() == before:
            break
        run.holds(not play.reboots().get(slug), f"{how}: told as not sent, and CT was called")
        await asyncio.sleep(2)
    run.tried()
    card = next(play.words(m) for m in reversed(play.seen(user)) if name in m.text and not m.only_for)
    run.holds("No answer from CT" in card, f"{how}: the card does not say that CT's answer was lost: {card[:200]}")


def _over(words: str) -> bool:
    return any(end in words for end in (" is back", "has not restarted", "online again", "has been down", "Not back"))


# --- R6 ----------------------------------------------------------------------------------------------

CUTS = (
    "change.settled",
    "change.intended",
    "change.sending",
    "change.answered",
    "change.noted",
    "change.queued",
    "card.shown",
    "follow.ended",
)


@row(
    "R6",
    p=0,
    hold="killed anywhere, a reboot is sent once at most and always ends in words",
    full=200,
    small=8,
    unit="kills",
)
async def r6(run: Run) -> None:
    async with theatre(run, replicas=1, boxes=800) as play:
        users, boxes = play.people(40), run.dice.sample(bootable(play), run.n)
        await play.link(users)
        asked = [
            await _killed(run, play, users[n % len(users)], slug, CUTS[n % len(CUTS)]) for n, slug in enumerate(boxes)
        ]
        for n, slug in enumerate(boxes):
            await _ends(run, play, users[n % len(users)], slug, asked[n], CUTS[n % len(CUTS)])
        calls = play.reboots()
        doubled = {slug: count for slug, count in calls.items() if count > 1}
        run.holds(not doubled, f"sent more than once: {doubled}")
        # A replica may die over an earlier one's card before it has sent this one: then that is what people are told.
        told = {line["box"] for line in await play.audit() if line["event"] == "reboot_not_sent"}
        late = [slug for n, slug in enumerate(boxes) if CUTS[n % len(CUTS)] not in CUTS[:3] and slug not in calls]
        run.holds(told >= set(late), f"never sent, and not noted as that: {sorted(set(late) - told)[:3]}")
        run.holds(len(late) <= run.n // 20, f"{len(late)} were not sent although the cut comes after")
        early = [slug for n, slug in enumerate(boxes) if CUTS[n % len(CUTS)] in CUTS[:3] and slug in calls]
        run.holds(not early, f"sent although the cut came before: {early[:3]}")
        await intent_before_each_call(run, play)


async def _ends(run: Run, play: Theatre, user: str, slug: str, op_id: str, place: str) -> None:
    """Within half a minute after the last kill, in words."""
    name = name_of(play, slug)
    try:
        await play.until(partial(_told, play, user, name), within=30)
    except TimeoutError:
        record = await play.store.redis.hgetall(f"ct:op:{{{op_id}}}")
        due = await play.store.redis.zscore("ct:due:{due}:times", f"reboot {op_id}")
        seen = [play.words(m)[:90] for m in [*play.direct(user), *play.seen(user)] if name in play.words(m)]
        run.holds(False, f"{name}, cut at {place}, did not end: {record.get(b'data')!r}, due {due}, seen {seen}")


async def _killed(run: Run, play: Theatre, user: str, slug: str, place: str) -> str:
    """A second replica that dies at `place`; the first one lives and finishes. Returns the operation's id."""
    value = play.value_of(await question(play, user, slug), CONFIRM)
    victim = play.replica()
    play.front.targets.remove(victim.port)
    survivor = play.replicas[0]
    if place == "follow.ended":
        await _killed_in_follow_up(play, user, value, victim, survivor)
    else:
        await victim.start(cut=f"kill:{place}")
        acked = await ask(victim.port, [pressing(play, user, value)], at_once=1) if victim.alive else [0]
        await victim.died()
        # It died over the work of an earlier one, before or just after the ack: the question stands there unanswered,
        # and people press again.
        if acked != [200] or await play.store.redis.hget(f"ct:op:{{{value}}}", "state") == b"proposed":
            await ask(survivor.port, [pressing(play, user, value)], at_once=1)
    play.replicas.remove(victim)
    run.tried()
    return value


async def _killed_in_follow_up(play: Theatre, user: str, value: str, victim: Replica, survivor: Replica) -> None:
    """The one that watches dies between writing the end and drawing it; another takes over."""
    await ask(survivor.port, [pressing(play, user, value)], at_once=1)
    await survivor.drain()
    await victim.start(cut="kill:follow.ended", ready=False)
    await victim.died(within=30)
    await survivor.start()


def _told(play: Theatre, user: str, name: str) -> bool:
    """A card or a message that says how it ended, or that nothing was sent."""
    for message in reversed([*play.seen(user), *play.direct(user)]):
        words = play.words(message)
        if name in words and (_over(words) or "not touched" in words):
            return True
    return False


async def intent_before_each_call(run: Run, play: Theatre) -> None:
    """No call without a row of its own before it (O2)."""
    rows = await play.audit()
    intents = [line["box"] for line in rows if line["event"] == "reboot_intent"]
    without = [slug for slug in play.reboots() if slug not in intents]
    run.holds(not without, f"calls without an intent: {without[:3]}")


# --- R7, R10 -----------------------------------------------------------------------------------------


@row(
    "R7",
    p=0,
    hold="twenty people and one box: one call, and the others are told",
    full=10,
    small=1,
    unit="rounds × 20 people",
)
async def r7(run: Run) -> None:
    async with theatre(run) as play:
        users, boxes = play.people(20), run.dice.sample(bootable(play), run.n)
        await play.link(users)
        spread = 60.0 if run.n >= 10 else 2.0
        rounds = [boxes[n : n + 5] for n in range(0, run.n, 5)]  # five at once: they are different boxes
        for some in rounds:
            await asyncio.gather(*(_crowd(run, play, users, slug, spread) for slug in some))
        run.holds(all(count == 1 for count in play.reboots().values()), f"calls: {play.reboots()}")
        run.holds(len(play.reboots()) == run.n, f"{len(play.reboots())} boxes of {run.n} were rebooted")


async def _crowd(run: Run, play: Theatre, users: list[str], slug: str, spread: float) -> None:
    name = name_of(play, slug)
    told: list[str] = []

    async def one(user: str) -> None:
        await asyncio.sleep(run.dice.uniform(0, spread))
        before = {m.id for m in play.seen(user)}

        def mine() -> list[Message]:
            return [m for m in play.seen(user) if m.id not in before and m.only_for == user]

        await play.type(user, f"/ct reboot {slug}")
        card = await play.until(
            lambda: next((m for m in mine() if name in m.text), None), what=f"{user}'s question about {name}"
        )
        if card.text.startswith("Reboot "):
            await press_all(play, [pressing(play, user, play.value_of(card, CONFIRM))], at_once=1)
            await play.until(
                lambda: any(m.id != card.id and _first_or_late(play.words(m)) for m in mine()),
                what=f"{user}'s answer about {name}",
            )
        told.append(user)

    await asyncio.gather(*(one(user) for user in users))
    run.tried()
    run.holds(len(told) == len(users), f"{len(users) - len(told)} people were told nothing about {name}")


def _first_or_late(words: str) -> bool:
    return words.startswith("Sent") or "rebooted" in words or "just being sent" in words


@row("R10", p=0, hold="without its store the bot reboots nothing", full=200, small=8, unit="clicks")
async def r10(run: Run) -> None:
    async with theatre(run) as play:
        users = play.people(run.n)
        await play.link(users)
        boxes = run.dice.sample(bootable(play), run.n)
        for start in range(0, run.n, 20):
            some = range(start, min(run.n, start + 20))
            values = {n: play.value_of(await question(play, users[n], boxes[n]), CONFIRM) for n in some}
            fault = ("freeze", "kill", "read only", "cut off")[start // 20 % 4] if run.n > 20 else "freeze"
            await _without_store(play, fault, [pressing(play, users[n], value) for n, value in values.items()])
            run.tried(len(some))
        run.holds(play.reboots() == {}, f"calls went out: {play.reboots()}")


async def _without_store(play: Theatre, fault: str, requests: list[Request]) -> None:
    match fault:
        case "freeze":
            play.store.freeze()
        case "kill":
            await play.store.kill()
        case "read only":
            await play.store.redis.replicaof("127.0.0.1", "1")
        case _:
            play.to_redis.trouble.refuse = True
            play.to_redis.drop()
    try:
        await press_all(play, requests, at_once=10)
        await asyncio.sleep(2)
    finally:
        match fault:
            case "freeze":
                play.store.thaw()
            case "kill":
                await play.store.start()
            case "read only":
                await play.store.redis.replicaof("NO", "ONE")
            case _:
                play.to_redis.trouble.refuse = False
    await asyncio.sleep(1)
