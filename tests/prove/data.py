"""Family D: what rests, and what a failing Redis costs."""

import asyncio
import base64
import contextlib
import itertools
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

from bot.errors import NotLinkedError
from bot.identity import SlackUser
from bot.sandbox.slack.people import ACME
from bot.slack.views.reboot import CONFIRM
from bot.stores.link_keys import keys_of
from tests.prove.proxy import Proxy
from tests.prove.raw import Request
from tests.prove.reboots import bootable, press_all, pressing, question
from tests.prove.replica import Replica
from tests.prove.rows import NotRunError, Run, row
from tests.prove.slack_side import typed_at
from tests.prove.store import Store
from tests.prove.theatre import KEY, Theatre, theatre

HONEST = "store does not answer"


# --- D1, D2 ------------------------------------------------------------------------------------------


@row(
    "D1",
    p=0,
    hold="tokens are of no use to a thief, nor to another user",
    full=10_000,
    small=60,
    unit="swapped records",
)
async def d1(run: Run) -> None:
    async with theatre(run) as play:
        users = play.people(max(12, run.n // 20))
        await play.link(users)
        await typed_at(play, users, len(users), rate=50, mix=("whoami",))
        await play.store.redis.save()
        disk = play.store.on_disk()
        planted = [token for line in play.ct.practice.tokens.rows for token in (line.access, line.refresh or "")]
        hits = [token for token in planted if token.encode() in disk or base64.b64encode(token.encode()) in disk]
        run.holds(not hits, f"{len(hits)} of {len(planted)} tokens are readable on disk")
        run.holds(users[0].encode() in disk, "the files were not looked at")
        run.note(f"{len(planted)} tokens, {len(disk) / 1e6:.1f} MB on disk, {len(hits)} found")
        await _swaps(run, play, users)


async def _swaps(run: Run, play: Theatre, users: list[str]) -> None:
    """Everybody's record in the place of somebody else's: nobody may act with it."""
    people = [SlackUser(ACME, user) for user in users]
    redis, sessions = play.store.redis, play.services.sessions
    records: dict[SlackUser, Any] = {who: await redis.hgetall(keys_of(who)[0]) for who in people}
    for _ in range(run.n):
        thief, victim = run.dice.sample(people, 2)
        await redis.hset(keys_of(thief)[0], mapping=records[victim])
        try:
            await sessions.call(thief, lambda ct: ct.me())
            run.holds(False, "a swapped record was used")
        except NotLinkedError:
            run.tried()
        await redis.hset(keys_of(thief)[0], mapping=records[thief])
    await redis.hset(keys_of(people[0])[0], mapping=records[people[1]])
    await play.type(users[0], "/ct status")
    answer = await play.sees(users[0], "CT account")
    run.holds("ct-" not in answer.text or "ref" in answer.text, f"the bot itself said: {answer.text[:100]}")


@row("D2", p=0, hold="data keys are changed online, and nothing is lost", full=1_800, small=60, unit="commands at 20/s")
async def d2(run: Run) -> None:
    async with theatre(run) as play:
        users = play.people(30)
        await play.link(users)
        names = ["prove", "second", "third", "fourth"]
        keys = {name: f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}" for name in names[1:]}
        keys["prove"] = f"{KEY.id}:{base64.b64encode(KEY.key).decode()}"
        load = asyncio.ensure_future(_load(play, users, run.n, rate=20))
        for old, new in itertools.pairwise(names):
            await _roll(play, f"{keys[new]},{keys[old]}")
            await _rewrap(run, play)
            await _roll(play, keys[new])
        errors, unanswered = await load
        run.tried(run.n)
        run.holds(not errors, f"{len(errors)} commands failed: {errors[:2]}")
        run.holds(unanswered == 0, f"{unanswered} commands got no answer")
        told = [m.text for user in users for m in play.seen(user) if "Connect" in m.text or "connect" in m.text]
        run.holds(not told, f"somebody was asked to connect again: {told[:1]}")
        await _roll(play, f"stranger:{base64.b64encode(secrets.token_bytes(32)).decode()}")
        await play.type(users[0], "/ct status")
        await play.sees(users[0], "CT account")
        run.holds("Traceback" not in play.logs(), "a removed key made a traceback")
        run.note("3 rotations, each with two rolling restarts; then a key that nobody has: asked to connect again")


async def _rewrap(run: Run, play: Theatre) -> None:
    """As the runbook says: `ct-bot links rewrap`, which seals every link with the first key."""
    env = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **play.settings}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "links", "rewrap"), env=env, stdout=asyncio.subprocess.PIPE
    )
    said = (await process.communicate())[0].decode()
    run.holds(process.returncode == 0 and "cannot be opened" not in said, f"rewrapping: {said}")


async def _roll(play: Theatre, keys: str) -> None:
    """New replicas with other keys, one by one; the old ones drain."""
    play.settings["CT_BOT_DATA_KEYS"] = keys
    for old in [replica for replica in play.replicas if replica.alive]:
        await play.replica().start()
        await _leave(play, old)


async def _leave(play: Theatre, old: Replica) -> float:
    play.front.targets.remove(old.port)
    code, took = await old.drain()
    assert code == 0, f"a replica ended with {code}"
    return took


async def _load(play: Theatre, users: list[str], count: int, *, rate: float) -> tuple[list[str], int]:
    """Commands at a rate; (errors that Slack showed, commands without an answer)."""
    had = sum(map(play.answers, users))
    errors = await typed_at(play, users, count, rate=rate, mix=("whoami", "status", "box lobby ap-3"))
    wanted = had + count - len(errors)
    with contextlib.suppress(TimeoutError):
        await play.until(lambda: sum(map(play.answers, users)) >= wanted, within=20)
    return errors, max(0, wanted - sum(map(play.answers, users)))


# --- D3 ----------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _down(play: Theatre) -> AsyncIterator[None]:
    await play.store.kill()
    yield
    await play.store.start()


@contextlib.asynccontextmanager
async def _frozen(play: Theatre) -> AsyncIterator[None]:
    play.store.freeze()
    yield
    play.store.thaw()


@contextlib.asynccontextmanager
async def _full(play: Theatre) -> AsyncIterator[None]:
    await play.store.config(maxmemory=1)
    yield
    await play.store.config(maxmemory=0)


@contextlib.asynccontextmanager
async def _read_only(play: Theatre) -> AsyncIterator[None]:
    await play.store.redis.replicaof("127.0.0.1", "1")
    yield
    await play.store.redis.replicaof("NO", "ONE")


@contextlib.asynccontextmanager
async def _no_replicas(play: Theatre) -> AsyncIterator[None]:
    await play.store.config(min_replicas_to_write=1)
    yield
    await play.store.config(min_replicas_to_write=0)


@contextlib.asynccontextmanager
async def _paused(play: Theatre) -> AsyncIterator[None]:
    await play.store.redis.client_pause(10**7, all=False)  # writes hang; with `all` nobody could end it
    yield
    await play.store.redis.client_unpause()


@contextlib.asynccontextmanager
async def _reset(play: Theatre) -> AsyncIterator[None]:
    play.to_redis.trouble.refuse = True
    play.to_redis.drop()
    yield
    play.to_redis.trouble.refuse = False


@contextlib.asynccontextmanager
async def _silent(play: Theatre) -> AsyncIterator[None]:
    play.to_redis.trouble.silent = True
    yield
    play.to_redis.trouble.silent = False


FAULTS: dict[str, Callable[[Theatre], contextlib.AbstractAsyncContextManager[None]]] = {
    "killed": _down,
    "frozen": _frozen,
    "full": _full,
    "read only": _read_only,
    "without replicas": _no_replicas,
    "paused": _paused,
    "reset": _reset,
    "half open": _silent,
}


@row(
    "D3",
    p=0,
    hold="whatever ails Redis: an answer within 3 s, no change, quick recovery",
    full=9_600,
    small=64,
    unit="commands at 20/s",
)
async def d3(run: Run) -> None:
    async with theatre(run) as play:
        users = play.people(40)
        await play.link(users)
        each, recovered = run.n // len(FAULTS), list[float]()
        boxes = run.dice.sample(bootable(play), 3 * len(FAULTS))
        for number, (name, fault) in enumerate(FAULTS.items()):
            ready = [
                pressing(play, users[k], play.value_of(await question(play, users[k], boxes[3 * number + k]), CONFIRM))
                for k in range(3)
            ]
            await asyncio.sleep(0.3)
            play.slack.world.deliveries.clear()
            before = play.reboots()
            async with fault(play):
                load = asyncio.ensure_future(_load(play, users, each, rate=20))
                await asyncio.sleep(0.2)
                await press_all(play, ready, at_once=3)
                errors, unanswered = await load
            recovered.append(await _healthy(play, users[-1]))
            run.tried(each)
            acks = [record.ack_ms or 9e9 for record in play.slack.world.deliveries._records]
            run.holds(not errors, f"{name}: {len(errors)} failed: {errors[:2]}")
            run.holds(unanswered == 0, f"{name}: {unanswered} of {each} were not answered")
            run.holds(max(acks) < 3000, f"{name}: slowest ack {max(acks):.0f} ms")
            run.holds(play.reboots() == before, f"{name}: a reboot went out")
            run.holds(recovered[-1] < 10, f"{name}: healthy only after {recovered[-1]:.1f} s")
        run.note(f"healthy again after {max(recovered):.1f} s at most; LOADING cannot be produced on demand")


async def _healthy(play: Theatre, user: str) -> float:
    """Seconds until a command is answered as it should be."""
    began = time.monotonic()
    while time.monotonic() - began < 20:
        had = play.answers(user)
        await play.type(user, "/ct whoami")
        with contextlib.suppress(TimeoutError):
            await play.until(partial(_more_answers, play, user, had), within=3)
            if HONEST not in play.seen(user)[-1].text:
                break
        await asyncio.sleep(0.1)
    return time.monotonic() - began


def _more_answers(play: Theatre, user: str, had: int) -> bool:
    return play.answers(user) > had


# --- D4, D5 ------------------------------------------------------------------------------------------


@row(
    "D4",
    p=0,
    hold="killed at any moment, Redis has every link that was told as made",
    full=50,
    small=3,
    unit="kills under load",
)
async def d4(run: Run) -> None:
    async with theatre(run, replicas=1) as play:
        users, linked = iter(play.people(run.n * 40)), list[str]()
        for _ in range(run.n):
            over = asyncio.Event()

            async def work(over: asyncio.Event = over) -> None:
                while not over.is_set():
                    user = next(users)
                    with contextlib.suppress(Exception):  # what was not told as made is not counted
                        await play.link([user])
                        linked.append(user)

            workers = [asyncio.ensure_future(work()) for _ in range(4)]
            await asyncio.sleep(run.dice.uniform(0.1, 0.4))
            await play.store.kill()
            over.set()
            await asyncio.gather(*workers, return_exceptions=True)
            await play.store.start()
            run.tried()
        kept = [user for user in linked if await play.services.tokens.load(SlackUser(ACME, user)) is not None]
        run.holds(len(kept) == len(linked), f"{len(linked) - len(kept)} of {len(linked)} links are gone")
        run.holds(len(linked) >= 2 * run.n, f"only {len(linked)} links were made")
        run.note(f"{len(linked)} links made under {run.n} kills, {len(linked) - len(kept)} lost")


@row(
    "D5",
    p=1,
    hold="a failover with a lost tail costs a new link at most, never a second reboot",
    full=50,
    small=3,
    unit="failovers",
)
async def d5(run: Run) -> None:
    async with theatre(run, policy={"redis_copies": 1}, boxes=600) as play:
        users, boxes = play.people(run.n * 2), iter(run.dice.sample(bootable(play), run.n))
        await play.link(users)
        relinks = 0
        for n in range(run.n):
            slug, user, other = next(boxes), users[2 * n], users[2 * n + 1]
            async with _pair(play) as (copy, between):
                value = play.value_of(await question(play, user, slug), CONFIRM)
                request = partial(pressing, play, user, value)
                await _lose_the_tail(play, n, between, request, other)
                await play.store.kill()
                await copy.redis.replicaof("NO", "ONE")
                play.to_redis.drop()
                play.to_redis.targets[:] = [copy.port]
                await asyncio.sleep(0.3)
                await press_all(play, [request() for _ in range(4)], at_once=2)
                await asyncio.sleep(0.5)
                relinks += await _asked_to_link(play, other)
                run.holds(play.reboots().get(slug, 0) <= 1, f"{slug} was rebooted {play.reboots().get(slug)} times")
            await play.moved(copy)
            run.tried()
        run.holds(relinks <= run.n, f"{relinks} relinks for {run.n} people whose renewal was lost")
        run.note(
            f"{sum(play.reboots().values())} calls in {run.n} failovers, none twice; {relinks} asked to link again"
        )


@contextlib.asynccontextmanager
async def _pair(play: Theatre) -> AsyncIterator[tuple[Store, Proxy]]:
    """A replica of the present store, and the proxy through which it hears from it."""
    between = await Proxy(play.store.port).start()
    copy = Store()
    await copy.start()
    await copy.redis.replicaof("127.0.0.1", str(between.port))
    async with asyncio.timeout(15):
        while not await _in_step(copy):
            await asyncio.sleep(0.02)
    try:
        yield copy, between
    finally:
        await between.close()


async def _in_step(copy: Store) -> bool:
    info = await copy.redis.info("replication")
    return info.get("master_link_status") == "up" and not info.get("master_sync_in_progress")


async def _lose_the_tail(play: Theatre, n: int, between: Proxy, request: Callable[[], Request], other: str) -> None:
    """What is written from now on, or from just after the call, never reaches the copy."""
    if n % 2 == 0:
        between.trouble.silent = True  # before: too few copies, so nothing may be sent
        await press_all(play, [request()], at_once=1)
    else:
        had = sum(play.reboots().values())
        await press_all(play, [request()], at_once=1)
        with contextlib.suppress(TimeoutError):
            await play.until(lambda: sum(play.reboots().values()) > had, within=5)
        between.trouble.silent = True  # after the call: its outcome is lost
    play.ct.practice.tokens.kill_access()
    await play.type(other, "/ct status")  # renewed, and only the store that is about to die knows the new pair
    await asyncio.sleep(0.5)


async def _asked_to_link(play: Theatre, user: str) -> int:
    """1 if they must link again, in words that say so."""
    had = play.answers(user)
    await play.type(user, "/ct status")
    await play.until(partial(_more_answers, play, user, had), within=20, what="an answer after the failover")
    words = [play.words(m) for m in [*play.seen(user)[-2:], *play.direct(user)[-1:]]]
    return int(any("Connect CT" in text for text in words))


# --- D6 ----------------------------------------------------------------------------------------------


@row(
    "D6", p=1, hold="full disks cost lines and changes, not answers", full=300, small=4, unit="seconds with full disks"
)
async def d6(run: Run) -> None:
    async with _small_disk(run.folder / "disk", "32m") as disk, theatre(run, replicas=0) as play:
        await _store_on(play, disk / "redis")
        replica = play.replica()
        replica.log = disk / "bot.log"
        await replica.start()
        users = play.people(20)
        await play.link(users)
        _fill(disk)
        errors, unanswered = await _load(play, users, run.n * 5, rate=5)
        run.tried(run.n)
        run.holds(not errors and not unanswered, f"{len(errors)} failed, {unanswered} unanswered: {errors[:1]}")
        run.holds(replica.alive, "the bot ended")
        (disk / "filler").unlink()
        ended = not play.store.alive
        if ended:  # as it does with `appendfsync always`; whoever supervises it starts it again
            await play.store.start()
        took = await _healthy(play, users[0])
        run.holds(took < 10, f"healthy only after {took:.1f} s")
        also = ", and Redis ran again, for a full disk ends it" if ended else ""
        run.note(f"Redis' AOF and the bot's log on a full tmpfs; healthy {took:.1f} s after there was room{also}")


@contextlib.asynccontextmanager
async def _small_disk(folder: Path, size: str) -> AsyncIterator[Path]:
    await asyncio.to_thread(folder.mkdir, parents=True)
    mount = await asyncio.create_subprocess_exec("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    if await mount.wait():
        raise NotRunError("no small disk can be mounted here; the nearest: tests/test_log.py, D6 (a full device)")
    try:
        yield folder
    finally:
        await (await asyncio.create_subprocess_exec("umount", "-l", str(folder))).wait()


async def _store_on(play: Theatre, folder: Path) -> None:
    await asyncio.to_thread(folder.mkdir)
    store = Store(folder)
    await store.start()
    await play.moved(store)


def _fill(disk: Path) -> None:
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(os.urandom(4096))
