"""Family S: what comes in from Slack."""

import asyncio
import contextlib
import gc
import itertools
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from bot.sandbox.slack.people import ACME, ORBIT, Channel, Person, Team
from bot.slack.views.reboot import CONFIRM
from tests.prove.figures import p99, percent
from tests.prove.flooding import elsewhere
from tests.prove.raw import FORM, Request, ask, form, sign
from tests.prove.rows import Run, row
from tests.prove.theatre import NOC, Theatre, theatre
from tests.slack.forged import click, command
from tests.slack.test_s6_odd_payloads import body_of, mutated, new

# --- S1 ----------------------------------------------------------------------------------------------


def _command(n: int, text: str = "help") -> bytes:
    return form(command("UP00000", text, trigger_id=f"s1.{n}.{secrets.token_hex(4)}"))


def _bit_flipped(body: bytes) -> Request:
    headers = list(sign(body))
    name, value = headers[2]
    place = 3 + secrets.randbelow(64)
    other = b"0123456789abcdef".replace(value[place : place + 1], b"")
    return Request(body, [*headers[:2], (name, value[:place] + other[:1] + value[place + 1 :])])


def _stamped(stamp: bytes) -> Callable[[bytes], Request]:
    def make(body: bytes) -> Request:
        return Request(body, [FORM, (b"X-Slack-Request-Timestamp", stamp), *sign(body)[2:]])

    return make


def _signature(value: bytes) -> Callable[[bytes], Request]:
    return lambda body: Request(body, [*sign(body)[:2], (b"X-Slack-Signature", value)])


FORGED: dict[str, Callable[[bytes], Request]] = {
    "wrong secret": lambda body: Request(body, sign(body, secret="another")),
    "one digit changed": _bit_flipped,
    "version 1": lambda body: Request(body, [*sign(body)[:2], (b"X-Slack-Signature", b"v1=" + sign(body)[2][1][3:])]),
    "truncated": lambda body: Request(body, [*sign(body)[:2], (b"X-Slack-Signature", sign(body)[2][1][:-1])]),
    "301 s old": lambda body: Request(body, sign(body, at=time.time() - 302)),
    "301 s ahead": lambda body: Request(body, sign(body, at=time.time() + 302)),
    "a time in words": _stamped(b"yesterday"),
    "a time in other digits": _stamped("١٧٠٠٠٠٠٠٠٠".encode()),
    "a negative time": _stamped(b"-1700000000"),
    "a signature that is not ASCII": _signature("v0=ñ".encode() + b"a" * 62),
    "a body that is not UTF-8": lambda body: Request(b"\xff\xfe" + body, sign(b"\xff\xfe" + body)),
    "headers twice": lambda body: Request(body, [*sign(body), *sign(body)[1:]]),
    "over a megabyte": lambda body: Request(body + b"x" * 1_000_100, sign(body + b"x" * 1_000_100)),
    "another body": lambda body: Request(body + b"&x=1", sign(body)),
    "no signature": lambda body: Request(body, [FORM]),
}


@row(
    "S1",
    p=0,
    hold="forged, stale or malformed signatures: none accepted, never a 5xx",
    full=10_000,
    small=300,
    unit="requests",
)
async def s1(run: Run) -> None:
    async with theatre(run, replicas=1) as play:
        replica, before = play.replicas[0], await commands(play)
        kinds = list(itertools.islice(itertools.cycle(FORGED), run.n))
        run.dice.shuffle(kinds)
        requests = (FORGED[kind](_command(n)) for n, kind in enumerate(kinds))
        statuses = await ask(replica.port, requests)
        run.tried(len(statuses))
        # A body over the limit may be answered before it is all read; the connection is then closed.
        bad = [status for status in statuses if status == 200 or status >= 500]
        run.holds(not bad, f"{len(bad)} answers were {sorted(set(bad))}")
        run.holds(await commands(play) == before, "a forged request reached a handler")
        at_the_edge = [
            Request(body := _command(n), sign(body, at=time.time() + off)) for n in range(50) for off in EDGE
        ]
        good = await ask(replica.port, at_the_edge)
        run.holds(set(good) == {200}, f"signed requests within five minutes were answered {sorted(set(good))}")
        run.holds("Traceback" not in replica.logged(), "a traceback in the log")
        run.note(f"{len(FORGED)} classes, {len(set(statuses))} different refusals; {len(good)} at ±298 s accepted")


EDGE = (-298, 298, 0)


async def commands(play: Theatre) -> float:
    """Handler runs so far, over all replicas."""
    return await counted(play, "ct_bot_commands_total")


async def counted(play: Theatre, name: str) -> float:
    """The sum of a counter over its labels and over all replicas."""
    total = 0.0
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        for replica in play.replicas:
            if replica.alive:
                text = (await http.get(f"{replica.url}/metrics")).text
                lines = (line for line in text.splitlines() if line.startswith(name) and "_created" not in line)
                total += sum(float(line.rpartition(" ")[2]) for line in lines)
    return total


# --- S2 ----------------------------------------------------------------------------------------------


@row("S2", p=0, hold="each delivery acts once, however often it comes", full=1_000, small=20, unit="deliveries × 5")
async def s2(run: Run) -> None:
    async with theatre(run) as play:
        users = play.people(50)
        requests: dict[int, list[Request]] = {0: [], 1: []}
        for n in range(run.n):
            user = users[n % len(users)]
            url, _ = play.slack.world.response_urls.mint(play.to_slack.url, "commands", user, NOC)
            body = form(command(user, "help", trigger_id=f"s2.{n}.{secrets.token_hex(6)}", response_url=url))
            for copy in range(5):
                requests[(n + copy) % 2].append(Request(body, sign(body)))
        for held in requests.values():
            run.dice.shuffle(held)
        both = await asyncio.gather(*(ask(play.replicas[k].port, held) for k, held in requests.items()))
        statuses = [status for one in both for status in one]
        run.holds(set(statuses) == {200}, f"answered {sorted(set(statuses))}")
        await play.until(lambda: sum(map(play.answers, users)) >= run.n, within=60, what="every answer")
        await asyncio.sleep(1)
        answers, runs = sum(map(play.answers, users)), await commands(play)
        run.tried(run.n)
        run.holds(answers == run.n, f"{answers} answers to {run.n} deliveries")
        run.holds(runs == run.n, f"{runs:.0f} handler runs for {run.n} deliveries")


# --- S3 ----------------------------------------------------------------------------------------------

MIX = ("status", "boxes", "box lobby ap-3", "help", "locations nord", "whoami", "location harbour hotel")
RATE = 50.0


@row(
    "S3",
    p=0,
    hold="every command is acked within 3 s and answered, whatever CT takes",
    full=30_000,
    small=40,
    unit="commands at 50/s",
)
async def s3(run: Run) -> None:
    async with theatre(run) as play:
        play.slack.world.deliveries._records = deque(maxlen=2_000_000)
        users = play.people(min(600, max(20, run.n // 10)))
        await play.link(users)
        play.to_ct.trouble.delay = 2.0
        errors = await typed_at(play, users, run.n, rate=RATE, mix=MIX)
        run.tried(run.n)
        await play.until(lambda: sum(map(play.answers, users)) >= run.n, within=60, what="every answer")
        acks = [record.ack_ms or 9e9 for record in play.slack.world.deliveries._records if record.kind == "command"]
        run.holds(not errors, f"{len(errors)} commands failed in Slack: {errors[:3]}")
        run.holds(p99(acks) < 500, f"ack p99 {p99(acks):.0f} ms")
        run.holds(max(acks) < 3000, f"slowest ack {max(acks):.0f} ms")
        run.note(f"acks p50 {percent(acks, 50):.1f} ms, p99 {p99(acks):.1f} ms, slowest {max(acks):.0f} ms")
        play.to_ct.trouble.delay = 0
        await _frozen(run, play, users, seconds=60 if run.n >= 10_000 else 3)


async def _frozen(run: Run, play: Theatre, users: list[str], *, seconds: int) -> None:
    """Redis stops for a minute: every ack still comes, and says so."""
    play.slack.world.deliveries.clear()
    play.store.freeze()
    try:
        errors = await typed_at(play, users, seconds * 5, rate=5, mix=("status",))
    finally:
        play.store.thaw()
    records = [record for record in play.slack.world.deliveries._records if record.kind == "command"]
    dishonest = [record.answer for record in records if "store does not answer" not in str(record.answer)]
    slowest = max(record.ack_ms or 9e9 for record in records)
    run.holds(not errors and slowest < 3000, f"with Redis frozen: {errors[:2]}, slowest ack {slowest:.0f} ms")
    run.holds(not dishonest, f"with Redis frozen {len(dishonest)} acks said something else: {dishonest[:2]}")
    run.note(f"Redis frozen {seconds} s: slowest ack {slowest:.0f} ms")


async def typed_at(play: Theatre, users: list[str], count: int, *, rate: float, mix: tuple[str, ...]) -> list[str]:
    """Type commands at a steady rate, whatever becomes of them; the errors that Slack showed."""
    errors, tasks, began = list[str](), set[asyncio.Task[None]](), time.monotonic()

    async def one(n: int) -> None:
        error = await play.type(users[n % len(users)], f"/ct {mix[n % len(mix)]}")
        if error:
            errors.append(error)

    for n in range(count):
        await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
        task = asyncio.ensure_future(one(n))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return errors


# --- S4 ----------------------------------------------------------------------------------------------

TEAMS = {ACME: "ana@venues.example", ORBIT: "oleg@cafes.example", "T03NOVA": "kim@venues.example"}


@row(
    "S4",
    p=0,
    hold="the same user id in another workspace is somebody else; outsiders are refused",
    full=800,
    small=30,
    unit="commands and clicks",
)
async def s4(run: Run) -> None:
    async with theatre(run, policy={"allowed_teams": [ORBIT, "T03NOVA"]}) as play:
        directory = play.slack.world.directory
        directory.teams.setdefault("T03NOVA", Team("T03NOVA", "Nova", "nova"))
        directory.people["U123"] = Person("U123", "namesake", "Namesake", "member", ACME)
        places = {team: f"C{team}" for team in TEAMS}
        for team, place in places.items():
            directory.channels[place] = Channel(place, place.lower(), "shared", ACME, {"U123"}, bot_is_member=True)
            await play.link_as(team, "U123", TEAMS[team])
        each = max(1, run.n // 4)
        for n in range(each):
            for team in run.dice.sample(list(TEAMS), 3):
                url, _ = play.slack.world.response_urls.mint(play.to_slack.url, "commands", "U123", places[team])
                body = form(command("U123", "whoami", team=team, channel_id=places[team], response_url=url))
                await ask(play.replicas[n % 2].port, [Request(body, sign(body))], at_once=1)
        await play.until(
            lambda: all(len(play.seen("U123", place)) >= each for place in places.values()), within=60, what="answers"
        )
        for team, place in places.items():
            for message in play.seen("U123", place):
                run.tried()
                run.holds(TEAMS[team] in play.words(message), f"{team} was told: {play.words(message)[:80]}")
        await _outsiders(run, play, run.n - 3 * each)


async def _outsiders(run: Run, play: Theatre, count: int) -> None:
    """Clicks by somebody from elsewhere on a member's question."""
    (ana,) = play.people(1)
    await play.link([ana])
    await play.type(ana, "/ct reboot lobby ap-3")
    question = await play.sees(ana, "Reboot Lobby AP-3 at")
    value = play.value_of(question, CONFIRM)
    directory = play.slack.world.directory
    directory.people["U666"] = Person("U666", "stranger", "Stranger", "member", "T66ELSE")
    directory.channels["C03ORB"].members.add("U666")
    for n in range(count):
        url, _ = play.slack.world.response_urls.mint(play.to_slack.url, "actions", "U666", "C03ORB")
        payload = click("U666", CONFIRM, value, team="T66ELSE", response_url=url)
        body, _ = body_of(payload)
        raw = body.encode()
        await ask(play.replicas[n % 2].port, [Request(raw, sign(raw))], at_once=1)
    await play.until(lambda: len(play.seen("U666", "C03ORB")) >= count, within=30, what="refusals")
    for message in play.seen("U666", "C03ORB"):
        run.tried()
        run.holds("Only members" in message.text, f"an outsider was told: {message.text[:80]}")
    run.holds(play.reboots() == {}, f"outsiders' clicks rebooted {play.reboots()}")
    await play.press(ana, question, "Reboot Lobby AP-3")
    await play.until(lambda: play.reboots(), within=10, what="the member's own click")


# --- S5 ----------------------------------------------------------------------------------------------


STRETCH = 10  # s


@row(
    "S5",
    p=1,
    hold="one person's flood leaves the others unharmed, and is told once",
    full=18_000,
    small=150,
    unit="commands at 100/s, in three floods",
)
async def s5(run: Run) -> None:
    """Three people flood for a minute each, ten seconds at a time with ten of calm before or after.

    A machine has its own slow half minutes. In turns so short they come to floods and calm alike; with whole minutes
    they, and not the bot, decided the p99 of one of the two. Small, that p99 hangs on a handful of answers.
    """
    async with theatre(run, policy={"requests_per_minute": 30}) as play:
        everybody = play.people(43)
        await play.link(everybody)
        flooders, others, each = everybody[:3], everybody[3:], run.n // 3
        await _answer_times(play, others, _moments(run))
        calm, during, seen = list[float](), list[float](), list[str]()
        for flooder in flooders:
            acks, began = Counter[str](), time.monotonic()
            async with elsewhere([one.port for one in play.replicas], _flood(play, flooder, each), rate=100) as send:
                for turn, start in enumerate(range(0, each, STRETCH * 100)):
                    moments, count = _moments(run), min(STRETCH * 100, each - start)
                    for flooded in (turn % 2 == 0, turn % 2 == 1):
                        if flooded:
                            flood = asyncio.ensure_future(send(count))
                            during += await _answer_times(play, others, moments)
                            acks += await flood
                        else:
                            calm += await _answer_times(play, others, moments)
            run.tried(each)
            told = sum(count for ack, count in acks.items() if "too much at once" in ack)
            served, minutes = play.answers(flooder), (time.monotonic() - began) / 60
            run.holds(all(ack.startswith("200 ") for ack in acks), f"the flood was answered {list(acks)[:3]}")
            run.holds(1 <= told <= minutes + 1, f"the flooder was told {told} times")
            run.holds(served <= 15 + 30 * minutes + 1, f"the flooder was served {served} times")
            seen.append(f"{served} and {told}")
        ratio = p99(during) / p99(calm)
        run.holds(ratio < 1.2, f"others waited {ratio:.2f} times as long: p99 {p99(calm):.0f} → {p99(during):.0f} ms")
        run.note(f"others' answers p99 {p99(calm):.0f} ms between, in the floods {p99(during):.0f} ms ({ratio:.2f} ×)")
        run.note(f"commands of each flooder served, and how often they were told: {', '.join(seen)}")


def _flood(play: Theatre, user: str, count: int) -> list[bytes]:
    """So many of what the others type, as Slack would send them."""
    mint, bodies = play.slack.world.response_urls.mint, list[bytes]()
    for n in range(count):
        url, _ = mint(play.to_slack.url, "commands", user, NOC)
        trigger = f"s5.{n}.{secrets.token_hex(4)}"
        bodies.append(form(command(user, "box lobby ap-3", channel_id=NOC, response_url=url, trigger_id=trigger)))
    return bodies


def _moments(run: Run) -> list[float]:
    """When people type, in seconds: ten a second, each when they like, knowing nothing of the others.

    Two at once are as likely as chance has it. The same stretch is played with a flood and without: who meets whom by
    chance is the same then. On a beat nobody would ever wait for anybody in calm.
    """
    return sorted(run.dice.uniform(0, STRETCH) for _ in range(10 * STRETCH))


async def _answer_times(play: Theatre, users: list[str], moments: list[float]) -> list[float]:
    """From typing to the answer on the screen, in ms, for different people at these moments."""
    took: list[float] = []

    async def one(user: str) -> None:
        had, began = play.answers(user), time.perf_counter()
        await play.type(user, "/ct box lobby ap-3")
        while play.answers(user) == had:
            await asyncio.sleep(0.002)
        took.append((time.perf_counter() - began) * 1000)

    with _no_collections():
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for n, moment in enumerate(moments):
                await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
                group.create_task(one(users[n % len(users)]))
    return took


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """Slack and CT would stand still for 20 ms at each of this process's own, and it would be taken for the bot."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


# --- S6 ----------------------------------------------------------------------------------------------


@row(
    "S6",
    p=1,
    hold="payloads of unknown or broken shape are ignored and counted",
    full=5_000,
    small=200,
    unit="payloads",
)
async def s6(run: Run) -> None:
    async with theatre(run, replicas=1) as play:
        requests = [_request(payload) for payload in itertools.islice(_broken(run), run.n)]
        statuses = await ask(play.replicas[0].port, requests, at_once=8)
        run.tried(len(statuses))
        await asyncio.sleep(1)
        bad = sorted({status for status in statuses if status >= 500 or not status})
        run.holds(not bad, f"answered {bad}")
        run.holds(play.replicas[0].alive, "the bot ended")
        run.holds(not play.errors(), f"{len(play.errors())} errors in the log: {play.errors()[:1]}")
        odd = await counted(play, "ct_bot_commands_total")
        run.holds(odd > 0, "nothing was counted")


def _broken(run: Run) -> Iterator[dict[str, Any]]:
    while True:
        yield from mutated(run.dice)


def _request(payload: dict[str, Any]) -> Request:
    body, kind = body_of(new(payload))
    raw = body.encode()
    return Request(raw, [(b"Content-Type", kind.encode()), *sign(raw)[1:]])
