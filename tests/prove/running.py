"""Family O: running it. Restarts, the audit, wrong settings, hours under load, what it is made of."""

import asyncio
import contextlib
import sys
import time
from collections import Counter, deque

from tests.house import audit, locks
from tests.prove.data import _leave, _load
from tests.prove.figures import p99, percent
from tests.prove.replica import Replica
from tests.prove.rows import Run, row
from tests.prove.slack_side import MIX, typed_at
from tests.prove.theatre import Theatre, theatre

# --- O1, O2 ------------------------------------------------------------------------------------------


@row("O1", p=0, hold="a rolling restart loses nothing that was acked", full=100, small=2, unit="restarts under 20/s")
async def o1(run: Run) -> None:
    async with theatre(run) as play:
        users, took = play.people(60), list[float]()
        await play.link(users)
        over, totals = asyncio.Event(), Counter[str]()
        load = asyncio.ensure_future(_steady(play, users, over, totals))
        for _ in range(run.n):
            old = next(replica for replica in play.replicas if replica.alive)
            await play.replica().start()
            await asyncio.sleep(run.dice.uniform(0, 0.3))
            took.append(await _leave(play, old))
            play.replicas.remove(old)
            run.tried()
        over.set()
        await load
        run.holds(totals["failed"] == 0, f"{totals['failed']} of {totals['typed']} commands failed in Slack")
        run.holds(
            totals["unanswered"] == 0, f"{totals['unanswered']} of {totals['typed']} acked commands got no answer"
        )
        run.holds(max(took) <= 25, f"the slowest end took {max(took):.1f} s")
        run.note(f"{totals['typed']} commands; ends took p50 {percent(took, 50):.2f} s, {max(took):.2f} s at most")


async def _steady(play: Theatre, users: list[str], over: asyncio.Event, totals: Counter[str]) -> None:
    """Twenty commands a second until it is over."""
    while not over.is_set():
        errors, unanswered = await _load(play, users, 100, rate=20)
        totals.update(typed=100, failed=len(errors), unanswered=unanswered)


@row(
    "O2",
    p=0,
    hold="each call that changes something has its intent before it and its outcome after it",
    full=10_000,
    small=30,
    unit="changes, 1 % killed",
)
async def o2(run: Run) -> None:
    async with theatre(run, boxes=run.n + 400, locations=40) as play:
        play.ct.log.rows = deque(maxlen=10 * run.n + 1000)
        users = play.people(100)
        await play.link(users)
        ana = play.ct.world.person("ana@venues.example")
        assert ana is not None
        boxes = [box.slug for box in play.ct.world.boxes_of(ana)][: run.n]
        killer = asyncio.ensure_future(_kill_now_and_then(run, play, kills=max(1, run.n // 100)))
        lock = asyncio.Semaphore(12)

        async def mute(n: int, slug: str) -> None:
            async with lock:
                user = users[n % len(users)]
                had = play.answers(user)
                await play.type(user, f"/ct mute {slug} for 2h because of row O2")
                run.tried()
                with contextlib.suppress(TimeoutError):  # whose replica was killed gets no answer, or a later one
                    await play.until(lambda: play.answers(user) > had, within=5)

        await asyncio.gather(*(mute(n, slug) for n, slug in enumerate(boxes)))
        kills = await killer
        run.done += run.n - len(boxes)
        with contextlib.suppress(TimeoutError):  # what was cut off is looked into when its claim is void
            async with asyncio.timeout(60):
                while _without_outcome(await play.audit()):
                    await asyncio.sleep(1)
        await _audited(run, play, kills)


async def _kill_now_and_then(run: Run, play: Theatre, *, kills: int) -> int:
    """The two replicas in turn: killed in the middle of their work, and started again."""
    done = 0
    while done < kills and run.done < run.n * 0.95:
        victim = play.replicas[done % 2]
        await asyncio.sleep(run.dice.uniform(0.2, 0.8))
        await victim.kill()
        await victim.start()
        done += 1
    return done


def _without_outcome(rows: list[dict[str, str]]) -> set[str]:
    """Operations that have an intent and nothing after it."""
    mutes = [(line["event"], line["operation"]) for line in rows if line["event"].startswith("box_mute_")]
    ended = {operation for event, operation in mutes if event != "box_mute_intent"}
    return {operation for _, operation in mutes} - ended


async def _audited(run: Run, play: Theatre, kills: int) -> None:
    rows = await play.audit()
    intents = {line["operation"]: line for line in rows if line["event"] == "box_mute_intent"}
    calls = [
        line for line in play.ct.log.rows if line["method"] == "PATCH" and line["path"].startswith("/api/v1/boxes/")
    ]
    by_box = Counter(line["path"].rpartition("/")[2] for line in calls)
    intended = Counter(line["box"] for line in intents.values())
    without = [slug for slug, count in by_box.items() if count > intended[slug]]
    run.holds(not without, f"{len(without)} calls without an intent: {without[:2]}")
    first = {line["box"]: int(line["at"]) for line in reversed(list(intents.values()))}
    late = [line for line in calls if line["at"] * 1000 + 5 < first.get(line["path"].rpartition("/")[2], 0)]
    run.holds(not late, f"{len(late)} calls came before their intent")
    silent = _without_outcome(rows)
    run.holds(not silent, f"{len(silent)} intents without an outcome, of {len(intents)}")
    kinds = Counter(line["event"].removeprefix("box_mute_") for line in rows if line["event"].startswith("box_mute_"))
    run.note(f"{len(calls)} calls, {len(intents)} intents, {kills} kills; {dict(kinds)}")


# --- O3 ----------------------------------------------------------------------------------------------

Wrong = tuple[str, dict[str, str | None], str]


def _absent(name: str) -> Wrong:
    return f"{name} is missing", {name: None}, f"{name} is missing"


def _empty(name: str) -> Wrong:
    return f"{name} is empty", {name: " "}, f"{name} is empty"


WRONG: list[Wrong] = [
    *map(_absent, ("SLACK_BOT_TOKEN", "CT_CLIENT_ID", "CT_CLIENT_SECRET", "PUBLIC_URL", "REDIS_URL")),
    _absent("CT_BOT_DATA_KEYS"),
    *map(_empty, ("SLACK_SIGNING_SECRET", "CT_CLIENT_ID", "PORT")),
    ("an http address", {"PUBLIC_URL": "http://bot.example.com"}, "PUBLIC_URL must be https"),
    ("an address with a query", {"PUBLIC_URL": "https://bot.example.com/?x=1"}, "PUBLIC_URL must have no"),
    ("no address", {"CT_API_URL": "api.ctapp.io"}, "CT_API_URL must be an address"),
    ("an http CT", {"CT_AUTH_URL": "http://id.ctapp.io"}, "CT_AUTH_URL must be https"),
    ("a user's token", {"SLACK_BOT_TOKEN": "xoxp-1"}, "SLACK_BOT_TOKEN must start"),
    ("a bot token as app token", {"SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN must start"),
    ("no scheme", {"REDIS_URL": "localhost:6379"}, "REDIS_URL must start"),
    ("no host", {"REDIS_URL": "redis:///0"}, "REDIS_URL names no host"),
    ("a short key", {"CT_BOT_DATA_KEYS": "k1:c2hvcnQ="}, "CT_BOT_DATA_KEYS key k1 must be 32 bytes"),
    ("a key of zeros", {"CT_BOT_DATA_KEYS": "k1:" + "A" * 43 + "="}, "CT_BOT_DATA_KEYS key k1 is not random"),
    ("two keys of one name", {"CT_BOT_DATA_KEYS": "TWICE"}, "CT_BOT_DATA_KEYS two keys have the same id"),
    ("a port in words", {"PORT": "http"}, "PORT must be a number"),
    ("a port too high", {"PORT": "70000"}, "PORT must be a number"),
    ("a level that is none", {"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be"),
    ("a policy that is not there", {"CT_BOT_POLICY": "/nowhere/policy.json"}, "CT_BOT_POLICY cannot be read"),
    ("a policy that is no JSON", {"CT_BOT_POLICY": "POLICY {"}, "CT_BOT_POLICY is not JSON"),
    ("an unknown policy", {"CT_BOT_POLICY": 'POLICY {"x": 1}'}, "CT_BOT_POLICY: unknown field"),
    ("too short a rest", {"CT_BOT_POLICY": 'POLICY {"reboot_cooldown_seconds": 1}'}, "reboot_cooldown_seconds must be"),
    (
        "the typed code beside other teams",
        {"CT_BOT_POLICY": 'POLICY {"link_proof": "typed_code", "allowed_teams": ["T2"]}'},
        "link_proof typed_code is for one workspace alone",
    ),
    ("Sign in with Slack without its client", {"SLACK_CLIENT_ID": None}, "SLACK_CLIENT_ID is missing"),
]


@row("O3", p=1, hold="wrong settings end the start with one line each", full=len(WRONG), small=4, unit="wrong settings")
async def o3(run: Run) -> None:
    async with theatre(run, replicas=0) as play:
        for name, change, line in run.dice.sample(WRONG, min(run.n, len(WRONG))):
            settings = {**play.settings, **{key: value for key, value in change.items() if value is not None}}
            for key, value in change.items():
                if value is None:
                    settings.pop(key)
                elif value == "TWICE":
                    settings[key] = f"{play.settings[key]},{play.settings[key]}"
                elif value.startswith("POLICY "):
                    (run.folder / "wrong.json").write_text(value[len("POLICY ") :])
                    settings[key] = str(run.folder / "wrong.json")
            code, said = await _start_with(settings)
            run.tried()
            run.holds(code == 2, f"{name}: exit code {code}")
            lines = said.strip().splitlines()
            run.holds(len(lines) == 1 and line in said, f"{name}: said {said[:200]!r}")
        await _forgetful_redis(run, play)


async def _start_with(settings: dict[str, str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve"),
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(path for path in sys.path if path), **settings},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, said.decode()


async def _forgetful_redis(run: Run, play: Theatre) -> None:
    """In production a Redis that would lose or drop links ends the start, too."""
    settings = {**play.settings, "PUBLIC_URL": "https://bot.example.com"}
    for name, config in (("no AOF", {"appendonly": "no"}), ("eviction", {"maxmemory_policy": "allkeys-lru"})):
        await play.store.config(**config)
        code, said = await _start_with(settings)
        run.holds(code == 2, f"Redis with {name}: exit code {code}: {said[:150]}")
        await play.store.config(appendonly="yes", maxmemory_policy="noeviction")
    run.note("and a Redis without AOF, or with an evicting policy, in production")


# --- O4, O5 ------------------------------------------------------------------------------------------


@row(
    "O4",
    p=1,
    hold="hours under load change nothing: memory, descriptors, answers",
    full=90_000,
    small=150,
    unit="commands at 50/s",
)
async def o4(run: Run) -> None:
    async with theatre(run, replicas=1, level="WARNING") as play:
        users, bot = play.people(600), play.replicas[0]
        await play.link(users)
        play.slack.world.deliveries._records = deque(maxlen=5_000)
        warm = min(6_000, run.n // 3)
        await typed_at(play, users, warm, rate=50, mix=MIX)
        resting = [await _at_rest(bot)]
        began = time.monotonic()
        samples: list[tuple[float, float, int, float]] = []
        left = run.n - warm
        while left > 0:
            some = min(left, 3_000)
            errors = await typed_at(play, users, some, rate=50, mix=MIX)
            acks = [record.ack_ms or 9e9 for record in play.slack.world.deliveries._records]
            samples.append((time.monotonic() - began, bot.resident(), bot.descriptors(), p99(acks)))
            run.holds(not errors, f"{len(errors)} commands failed: {errors[:1]}")
            _forget_the_past(play)
            left -= some
        run.tried(run.n)
        resting.append(await _at_rest(bot))
        _flat(run, samples, resting)


_IDLE_SECONDS = 30  # longer than anybody here keeps a connection for the next call


async def _at_rest(bot: Replica) -> int:
    """Descriptors when nothing has been asked for a while: under load they are as many as calls are under way."""
    await asyncio.sleep(_IDLE_SECONDS)
    return bot.descriptors()


def _forget_the_past(play: Theatre) -> None:
    """The practice servers keep everything; the bot's memory is what is measured, not theirs."""
    world = play.slack.world
    world.messages.clear()
    world.journal.clear()
    world.deliveries.clear()
    world.response_urls._held.clear()
    play.ct.log.clear()


def _flat(run: Run, samples: list[tuple[float, float, int, float]], resting: list[int]) -> None:
    first, last = samples[0], samples[-1]
    growth = last[1] / first[1] - 1
    run.holds(growth < 0.10, f"memory grew by {growth:.0%}: {first[1]:.0f} → {last[1]:.0f} MB")
    run.holds(resting[1] <= resting[0] + 20, f"descriptors grew: {resting[0]} → {resting[1]} at rest")
    half = len(samples) // 2 or 1
    early, late = percent([s[3] for s in samples[:half]], 50), percent([s[3] for s in samples[half:]] or [0.0], 50)
    run.holds(late < 2 * early + 20, f"acks got slower: p99 {early:.0f} → {late:.0f} ms")
    most = max(sample[2] for sample in samples)
    run.note(
        f"{last[0] / 60:.0f} min; memory {first[1]:.0f} → {last[1]:.0f} MB, "
        f"descriptors at rest {resting[0]} → {resting[1]}, under load {most} at most; "
        f"ack p99 {early:.0f} → {late:.0f} ms"
    )


@row("O5", p=1, hold="what it is made of is pinned, and free of known holes", full=1, small=1, unit="audit")
async def o5(run: Run) -> None:
    bad, told = await asyncio.to_thread(audit.holes)
    found = [*locks.faults(), *bad, *await asyncio.to_thread(audit.code), *await asyncio.to_thread(audit.secrets)]
    run.holds(not found, "; ".join(found[:3]))
    run.tried()
    run.note(f"pip-audit: {told}; bandit, secrets and the hashes of the lock files are clean")
