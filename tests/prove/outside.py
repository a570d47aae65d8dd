"""Family X: the outside failing. CT and the way to it, and Slack."""

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from bot.sandbox.slack.messages import Message
from tests.ct import broken
from tests.ct.broken import answers, says, says_and_resets
from tests.prove.figures import p99, percent
from tests.prove.lanes import Lane
from tests.prove.reboots import bootable, name_of
from tests.prove.replica import Replica
from tests.prove.rows import Run, row
from tests.prove.spoiled import Fault, SpoiledCT, slowly
from tests.prove.theatre import ANA_AT_CT, PACE, Theatre, theatre

# --- X1 ----------------------------------------------------------------------------------------------

RAW = b"canary-raw"
PAGE = b"<!DOCTYPE html><html><body><h1>Bad Gateway</h1>" + RAW + b"</body></html>"
HTML = b"Content-Type: text/html"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
TOLD = b'{"errors": ["Not today."], "debug": "' + RAW + b'"}'


def _faults(elsewhere: str) -> list[Fault]:
    """All but those below HTTP."""
    to = f"Location: {elsewhere}/api/v1/boxes".encode()
    return [
        Fault("401", answers(401, b"", b'WWW-Authenticate: Bearer realm="Doorkeeper", error="invalid_token"')),
        *(
            Fault(str(status), answers(status, TOLD, b"Content-Type: application/json"))
            for status in (403, 404, 409, 422)
        ),
        Fault("429", answers(429, TOLD, b"Retry-After: 30")),
        *(Fault(str(status), answers(status, PAGE, HTML)) for status in (500, 502, 503)),
        Fault("half open", broken.never, unclean=True),
        Fault("reset unanswered", says_and_resets()),
        Fault("reset in mid-body", says_and_resets(HEAD, b'{"boxes": [{"slug": "' + RAW)),
        Fault("cut short and kept open", says(HEAD, b'{"boxes": [{"slug": "' + RAW), unclean=True),
        Fault("garbage JSON", answers(200, b'{"boxes": [{"slug": "' + RAW + b'",')),
        Fault("HTML page", answers(200, PAGE, HTML)),
        Fault("wrong types", answers(200, b'"' + RAW + b'"')),
        Fault("10 MB", broken.floods(10_000_000), unclean=True),
        Fault("gzip bomb", answers(200, broken.bomb(50_000_000), b"Content-Encoding: gzip")),
        Fault("trickle", broken.trickles(b"HTTP/1.1 200 OK\r\nX: " + RAW + b"\r\n\r\n", every=0.1), unclean=True),
        Fault("redirect elsewhere", answers(302, PAGE, to, HTML)),
    ]


UNREACHABLE = ("refused", "no such name")
KINDS = ("list", "voucher", "reboot")
NEXT_STEP = re.compile(
    r"Try again|Ask again|Ask Again|Ask the owner|Look |Change it|Tell whoever|Connect CT|I tell you|its card|Its card"
)
RAW_MARKS = re.compile(r"canary-raw|<html|DOCTYPE|\{\"|Traceback|\w+Error\b|\b[a-z_]+\.[a-z_]+: ")
Key = tuple[str, str]
Step = Callable[[], Awaitable[Message]]
ROUND = 12  # tries at a replica that reaches no CT: the first few are told what failed, the others that CT is away


@dataclass(frozen=True)
class Try:
    """One thing that somebody does, and what goes wrong with it."""

    fault: str
    kind: str


@dataclass
class Told:
    """What people were told, and when."""

    took: list[float] = field(default_factory=list)
    resting: int = 0


@row(
    "X1",
    p=0,
    hold="whatever CT does, people read within 10 s what is so and what next; no crash, nothing raw, little memory",
    full=3_300,
    small=66,
    unit="tries: 22 faults × 3",
)
async def x1(run: Run) -> None:
    async with contextlib.AsyncExitStack() as stack:
        elsewhere = await stack.enter_async_context(broken.listening(answers(200, b"{}")))
        pace = {**PACE, "poll": 3.0, "slow_poll": 6.0, "recovery": 20.0, "cut_off": 15.0}
        play = await stack.enter_async_context(
            theatre(run, replicas=0, policy={"pace": pace}, locations=60, boxes=max(600, 2 * run.n))
        )
        front = await stack.enter_async_context(SpoiledCT(play.to_ct.targets[0]).served())
        play.to_ct.targets[:] = [front.port]
        bot = play.replica()
        await bot.start()
        stage = X1Stage(run, play, front, bot)
        await stage.ready()
        faults = _faults(elsewhere.url)
        every = [Try(name, kind) for name in (*(fault.name for fault in faults), *UNREACHABLE) for kind in KINDS]
        tries = (every * (run.n // len(every) + 1))[: run.n] if run.n >= len(every) else run.dice.sample(every, run.n)
        async with _watched(run, bot):
            await stage.spoiled(
                {fault.name: fault for fault in faults}, [t for t in tries if t.fault not in UNREACHABLE]
            )
        await stage.unreachable([t for t in tries if t.fault in UNREACHABLE])
        await stage.over(elsewhere.arrived)


@contextlib.asynccontextmanager
async def _watched(run: Run, bot: Replica) -> AsyncIterator[None]:
    """The memory and the descriptors of its process while the block lasts."""
    before, files, most = bot.resident(), bot.descriptors(), bot.resident()

    async def look() -> None:
        nonlocal most
        while True:
            most = max(most, bot.resident())
            await asyncio.sleep(0.1)

    looking = asyncio.ensure_future(look())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    run.holds(most - before < 50, f"its memory grew by {most - before:.0f} MB")
    run.holds(bot.descriptors() <= files + 20, f"descriptors grew: {files} → {bot.descriptors()}")
    run.note(f"memory {before:.0f} → {most:.0f} MB at most")


class X1Stage:
    """Who does what in X1."""

    LANES = 24

    def __init__(self, run: Run, play: Theatre, front: SpoiledCT, bot: Replica) -> None:
        self.run, self.play, self.front, self.bot, self.told = run, play, front, bot, Told()
        self.lanes = [Lane(play, user) for user in play.people(self.LANES)]
        ana = play.ct.world.person(ANA_AT_CT)
        assert ana is not None
        self.boxes = bootable(play)
        run.dice.shuffle(self.boxes)
        sites = [one for one in play.ct.world.locations_of(ana) if not one.archived]
        self.places = [site.slug for site in sites][: self.LANES]

    async def ready(self) -> None:
        """Everybody is linked and has done everything once, so that what is kept is kept before memory is measured."""
        await self.play.link([lane.user for lane in self.lanes])
        for n in range(4):
            await asyncio.gather(*(self._once(lane, Try("nothing", KINDS[n % 3])) for lane in range(self.LANES)))
        self.told = Told()

    async def spoiled(self, faults: dict[str, Fault], tries: list[Try]) -> None:
        """One after the other in each lane, in no order: most of CT's answers are good ones."""
        self.faults, left = faults, list(tries)
        self.run.dice.shuffle(left)

        async def work(lane: int) -> None:
            while left:
                await self._once(lane, left.pop())

        await asyncio.gather(*(work(lane) for lane in range(self.LANES)))

    async def _once(self, lane: int, one: Try) -> None:
        key, step = await self._before(lane, one)
        with self._planned(key, one):
            await self._judged(one, step)
        if one.fault == "401":
            await self.play.link([self.lanes[lane].user])

    async def _before(self, lane: int, one: Try) -> tuple[Key, Step]:
        """All but the last step; and the request to CT that this one leads to."""
        person, place = self.lanes[lane], self.places[lane]
        match one.kind:
            case "list":
                return ("GET", f"/api/v1/boxes?location_id={place}&"), lambda: person.types(f"boxes {place}")
            case "voucher":
                card = await person.asked(f"voucher new {place} 20 codes 1 day", "Make 20 Codes")
                return ("POST", f"/locations/{place}/vouchers"), lambda: person.presses(card, "Make")
            case _:
                slug = self.boxes.pop()
                card = await person.asked(f"reboot {slug}", "Keep It Running")
                label = f"Reboot {name_of(self.play, slug)[:20]}"
                return ("PATCH|POST", f"/boxes/{slug}"), lambda: person.presses(card, label)

    @contextlib.contextmanager
    def _planned(self, key: Key, one: Try) -> Iterator[None]:
        if one.fault == "nothing" or one.fault in UNREACHABLE:
            yield
            return
        self.front.plan[key] = self.faults[one.fault]
        try:
            yield
        finally:
            del self.front.plan[key]

    async def _judged(self, one: Try, step: Step) -> None:
        began = time.monotonic()
        message = await step()
        took, words = time.monotonic() - began, self.play.words(message)
        if one.fault == "nothing":
            return
        self.run.tried()
        self.told.took.append(took)
        self.told.resting += "CT answers nobody" in words
        what = f"{one.kind}, {one.fault}"
        self.run.holds(took < 10, f"{what}: told after {took:.1f} s")
        self.run.holds(bool(NEXT_STEP.search(words)), f"{what}: no next step in {words[:200]!r}")
        raw = RAW_MARKS.search(words)
        self.run.holds(raw is None, f"{what}: {raw and raw[0]!r} was shown: {words[:200]!r}")
        self.run.holds("a fault of mine" not in words, f"{what}: {words[:200]!r}")

    async def unreachable(self, tries: list[Try]) -> None:
        """Asked while CT is there, answered by a replica to which it is not; started anew for each round."""
        closed = broken.refusing_port()
        for name, url in (("refused", closed), ("no such name", "https://ct.invalid")):
            self.play.settings.update(CT_API_URL=url)
            bad = self.play.replica()
            self.play.front.targets.remove(bad.port)
            left = [one for one in tries if one.fault == name]
            while left:
                await bad.start()
                some, left = left[:ROUND], left[ROUND:]
                steps = await asyncio.gather(*(self._before(lane, one) for lane, one in enumerate(some)))
                self.play.front.targets[:] = [bad.port]
                await asyncio.gather(*(self._judged(one, step) for one, (_, step) in zip(some, steps, strict=True)))
                self.play.front.targets[:] = [self.bot.port]
                await bad.drain()
            self.run.holds("task failed" not in bad.logged(), f"{name}: a task failed")

    async def over(self, elsewhere: list[str]) -> None:
        """It lives, does its work, and has let go of every connection that was of no more use."""
        await self._once(0, Try("nothing", "list"))
        await asyncio.sleep(0.5)
        front, bot, run = self.front, self.bot, self.run
        run.holds(bot.alive, "the bot ended")
        run.holds(not elsewhere, f"it followed CT elsewhere: {elsewhere[:2]}")
        run.holds(not front.again, f"asked again on a connection with a broken answer: {Counter(front.again)}")
        run.holds(not front.held, f"{len(front.held)} connections with broken answers were never ended")
        run.holds("task failed" not in bot.logged() and "due work failed" not in bot.logged(), "a task failed")
        slowest, resting = max(self.told.took), self.told.resting
        run.note(
            f"told after p50 {percent(self.told.took, 50):.2f} s, {slowest:.1f} s at most; {resting} while CT rested"
        )


# --- X2 ----------------------------------------------------------------------------------------------

RESTS = "CT answers nobody"
ASKED = ("box lobby ap-3", "locations nord", "boxes")
AWAY = {
    "hangs": Fault("hangs", broken.never, unclean=True),
    "503 after two seconds": Fault("503", slowly(2, answers(503, PAGE, HTML))),
    "closes every connection": Fault("closed", broken.says_and_closes()),
}


@row(
    "X2",
    p=1,
    hold="a CT that fails everybody is left alone: fast refusals, one probe a second, and back by itself",
    full=3_600,
    small=240,
    unit="commands at 20/s in 3 outages",
)
async def x2(run: Run) -> None:
    async with theatre(run, replicas=1) as play, SpoiledCT(play.to_ct.targets[0]).served() as front:
        play.to_ct.targets[:] = [front.port]
        lanes = [Lane(play, user, direct=True) for user in play.people(240)]
        await play.link([lane.user for lane in lanes])
        for name, fault in AWAY.items():
            outage = Outage(play, lanes)
            front.plan["GET|POST|PATCH", "/"] = fault
            await outage.opened()
            front.at.clear()
            began = time.monotonic()
            took, told = await outage.typed(run.n // len(AWAY))
            lasted, probes = time.monotonic() - began, len(front.at)
            front.plan.clear()
            recovered = await outage.over()
            run.tried(len(took))
            run.holds(set(told) == {True}, f"{name}: {told.count(False)} of {len(told)} were told something else")
            run.holds(p99(took) < 0.3, f"{name}: refused after p99 {p99(took) * 1000:.0f} ms")
            run.holds(probes <= lasted + 2, f"{name}: {probes} probes in {lasted:.0f} s")
            run.holds(recovered < 15, f"{name}: back only after {recovered:.1f} s")
            run.note(
                f"{name}: refused after p99 {p99(took) * 1000:.0f} ms; {probes} probes in {lasted:.0f} s; "
                f"back after {recovered:.1f} s"
            )


class Outage:
    """Commands at twenty a second, each by somebody who waits for nothing else."""

    def __init__(self, play: Theatre, lanes: list[Lane]) -> None:
        self.play, self.free, self.typing = play, list(lanes), set[asyncio.Task[None]]()
        self.answered: list[tuple[float, bool]] = []

    async def one(self, text: str) -> None:
        lane, began = self.free.pop(0), time.time()
        message = await lane.types(text)
        self.answered.append((float(message.ts) - began, RESTS in message.text))
        self.free.append(lane)

    def type(self, n: int) -> None:
        task = asyncio.ensure_future(self.one(ASKED[n % len(ASKED)]))
        self.typing.add(task)
        task.add_done_callback(self.typing.discard)

    async def opened(self) -> None:
        """Type until somebody is told that CT rests, and until everybody who asked before that has an answer."""
        n = 0
        while not any(rests for _, rests in self.answered):
            self.type(n := n + 1)
            await asyncio.sleep(0.05)
        await asyncio.gather(*self.typing)
        self.answered.clear()

    async def typed(self, count: int) -> tuple[list[float], list[bool]]:
        """So many: how long each waited, and whether it was told that CT rests."""
        began = time.monotonic()
        for n in range(count):
            await asyncio.sleep(max(0.0, began + n / 20 - time.monotonic()))
            self.type(n)
        await asyncio.gather(*self.typing)
        return [took for took, _ in self.answered], [rests for _, rests in self.answered]

    async def over(self) -> float:
        """Seconds until somebody gets what they asked for."""
        began = time.monotonic()
        while time.monotonic() - began < 20:
            self.answered.clear()
            await self.one(ASKED[0])
            if not self.answered[0][1] and "AP-3" in self.play.words(self.free[-1].mine()[-1]):
                break
            await asyncio.sleep(0.1)
        return time.monotonic() - began
