"""Family T: the life of token pairs. A pair is renewed once, saved before it is used, and lost by no fault of ours."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from bot import cuts
from bot.services.pairs import Pair
from bot.serving import LINGER_SECONDS
from tests.prove.reboots import press_all
from tests.prove.replica import Replica
from tests.prove.rows import Run, row
from tests.prove.theatre import Theatre, theatre
from tests.prove.token_links import ACTS, CONNECT, MODES, Links

# --- T1, T2 ------------------------------------------------------------------------------------------


@row(
    "T1",
    p=0,
    hold="two hundred commands at a token's end are one renewal",
    full=20,
    small=2,
    unit="rounds × 2 × 100 commands",
)
async def t1(run: Run) -> None:
    for refused in await _rounds(run, Links.run_out):
        run.holds(refused == 0, f"{refused} calls were made with a token that had run out")


@row(
    "T2",
    p=0,
    hold="two hundred commands with a token that died early are one renewal, and one repeat each",
    full=20,
    small=2,
    unit="rounds × 2 × 100 commands",
)
async def t2(run: Run) -> None:
    for refused in await _rounds(run, Links.die):
        run.holds(0 < refused <= 200, f"{refused} refused calls for 200 commands")


async def _rounds(run: Run, spoil: Callable[[Links, str], Awaitable[object]]) -> list[int]:
    """Two hundred commands each with a token that was spoiled before; how many calls CT refused with 401."""
    async with theatre(run) as play:
        links, users, refused = Links(play), play.people(run.n), list[int]()
        await play.link(users)
        for n, user in enumerate(users):
            play.ct.switches.refresh_mode = MODES[n % 2]
            await spoil(links, user)
            refused.append(await _two_hundred(run, play, links, user))
        return refused


async def _two_hundred(run: Run, play: Theatre, links: Links, user: str) -> int:
    """A hundred at each replica; how many calls CT refused with 401."""
    before, had = len(links.watch.asked), links.count(user)
    play.ct.log.clear()
    await press_all(play, [links.typing(user) for _ in range(200)], at_once=100)
    await play.until(lambda: links.count(user) >= had + 200, within=60, what="two hundred answers")
    run.tried()
    wrong = [words for _, words in links.answers(user)[had:] if ACTS not in words]
    run.holds(not wrong, f"{len(wrong)} of 200 were told something else: {wrong[:1]}")
    asked = len(links.watch.asked) - before
    run.holds(asked == 1, f"{asked} renewals for 200 commands")
    calls = [line["status"] for line in play.ct.log.rows if line["path"].startswith("/api/")]
    run.holds(len(calls) == 200 + calls.count(401), f"{len(calls)} calls for 200 commands")
    return calls.count(401)


# --- T3 ----------------------------------------------------------------------------------------------

EVERY = 0.5  # seconds between two people: more lost answers in a row would be a CT that is down (X2)


@row(
    "T3",
    p=0,
    hold="a lost answer costs nothing where CT repeats it, and one message where it does not",
    full=200,
    small=6,
    unit="lost answers",
)
async def t3(run: Run) -> None:
    async with theatre(run) as play:
        links, users = Links(play), play.people(run.n)
        await play.link(users)
        half = run.n // 2
        for mode, some, lost in (("on_use", users[:half], _recovers), ("immediate", users[half:], _is_asked)):
            play.ct.switches.refresh_mode = mode
            await asyncio.gather(*(_later(k * EVERY, lost(run, play, links, user, k)) for k, user in enumerate(some)))
        most = max(links.watch.count(sent) for _, sent in links.watch.asked)
        run.holds(most <= 3, f"{most} requests for one person")
        run.note(f"{len(links.watch.asked)} requests for {run.n} people, {most} for one at most")


async def _later(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    await asyncio.sleep(seconds)
    await work


async def _recovers(run: Run, play: Theatre, links: Links, user: str, k: int) -> None:
    """Mode U: CT rotated twice for nobody, and answers the third request."""
    pair = await links.die(user)
    links.fault("drop", after=True, times=2, contains=pair.refresh)
    words, _ = await links.answer(play.replicas[k % 2], user)
    run.tried()
    run.holds(ACTS in words, f"U: told {words[:100]!r}")
    run.holds(links.watch.count(pair.refresh) == 3, f"U: {links.watch.count(pair.refresh)} requests")
    run.holds(not links.direct(user), "U: somebody was told of it")


async def _is_asked(run: Run, play: Theatre, links: Links, user: str, k: int) -> None:
    """Mode I: the only good pair is lost on its way. Commands at both replicas, one message."""
    pair = await links.die(user)
    links.fault("drop", after=True, contains=pair.refresh)
    told = await asyncio.gather(*(links.answer(replica, user) for replica in play.replicas))
    await asyncio.sleep(1)
    again, _ = await links.answer(play.replicas[k % 2], user)
    run.tried()
    for words in (*(words for words, _ in told), again):
        run.holds(CONNECT in words or "connect again" in words, f"I: told {words[:100]!r}")
    run.holds(not await links.active(user), "I: the link is not marked")
    run.holds(len(links.direct(user)) == 1, f"I: {len(links.direct(user))} messages")
    run.holds(links.watch.count(pair.refresh) == 2, f"I: {links.watch.count(pair.refresh)} requests")


# --- T4 ----------------------------------------------------------------------------------------------

AT_ONCE = 10  # renewals under way in one replica


@row("T4", p=0, hold="cancelled or ended in mid renewal, no pair is lost", full=200, small=8, unit="renewals cut short")
async def t4(run: Run) -> None:
    async with theatre(run, replicas=1) as play:
        links, users = Links(play), play.people(run.n)
        await play.link(users)
        ended, cancelled = users[: run.n // 2], users[run.n // 2 :]
        under_way, took = 0, list[float]()
        for start in range(0, len(ended), AT_ONCE):
            some = ended[start : start + AT_ONCE]
            play.ct.switches.refresh_mode = MODES[start // AT_ONCE % 2]
            count, seconds = await _ended(run, play, links, some)
            under_way, took = under_way + count, [*took, seconds]
        for start in range(0, len(cancelled), AT_ONCE):
            play.ct.switches.refresh_mode = MODES[start // AT_ONCE % 2]
            await _cancelled(run, play, links, cancelled[start : start + AT_ONCE])
        play.ct.faults.clear()
        play.ct.log.clear()
        for user in users:
            run.tried()
            run.holds(await links.good(user), "a pair is lost: the saved one is dead at CT")
        for start in range(0, len(users), AT_ONCE):
            some = users[start : start + AT_ONCE]
            for words, _ in await asyncio.gather(*(links.answer(play.replicas[0], user) for user in some)):
                run.holds(ACTS in words, f"afterwards somebody was told {words[:100]!r}")
        run.note(f"{len(took)} SIGTERMs with {under_way} renewals under way; ends took {max(took):.1f} s at most")


async def _ended(run: Run, play: Theatre, links: Links, users: list[str]) -> tuple[int, float]:
    """SIGTERM at any moment of their renewals; how many were under way, and how long the end took."""
    victim = await _victim(play)
    old = [await links.die(user) for user in users]
    late = links.fault("delay", delay=LINGER_SECONDS + 0.8, after=True, times=None)  # rotated, the answer on its way
    await links.type_at(victim, users)
    await asyncio.sleep(run.dice.uniform(0.1, 1.5))
    begun = sum(links.watch.count(pair.refresh) for pair in old)
    saved = sum([await links.pair(user) != pair for user, pair in zip(users, old, strict=True)])
    code, took = await victim.drain()
    run.holds(code == 0 and took <= 25, f"the replica ended with {code} after {took:.1f} s")
    play.ct.faults.waiting.remove(late)
    play.replicas.remove(victim)
    return begun - saved, took


async def _cancelled(run: Run, play: Theatre, links: Links, users: list[str]) -> None:
    """Everybody who waits for a renewal goes away, at any moment of it."""
    services = play.services
    for user in users:
        await links.die(user)
    late = links.fault("delay", delay=0.05, after=True, times=None)
    callers = [asyncio.ensure_future(services.me(who)) for who in map(links.who, users) for _ in range(3)]
    for caller in callers:
        asyncio.get_running_loop().call_later(run.dice.uniform(0, 0.3), caller.cancel)
    await asyncio.gather(*callers, return_exceptions=True)
    await services.settle()
    play.ct.faults.waiting.remove(late)


async def _victim(play: Theatre, *, cut: str | None = None) -> Replica:
    """One more replica, to which the row alone speaks."""
    victim = play.replica()
    play.front.targets.remove(victim.port)
    await victim.start(cut=cut)
    return victim


# --- T5 ----------------------------------------------------------------------------------------------

WAITS = 15.0  # seconds at most for whoever needs the link meanwhile
FROZEN = 20.0  # seconds: longer than a lock
TOLD = 60.0  # seconds until the owner of a pair that died with its replica knows
LATER = "CT has not renewed your link yet"
PLACES = ("refresh.answered", "on its way", "refresh.locked")


@dataclass
class Group:
    """Some links, and the replica that is killed or frozen while it renews them."""

    how: str
    place: str
    users: list[str]
    victim: Replica
    old: dict[str, Pair] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)  # CT rotated these, and nobody has the new pair

    @property
    def armed(self) -> bool:
        """Whether the replica cuts itself."""
        return self.place in cuts.PLACES


@row(
    "T5",
    p=0,
    hold="killed or frozen in mid renewal: nobody waits long, no link dies while its pair lives",
    full=200,
    small=8,
    unit="renewals killed or frozen",
)
async def t5(run: Run) -> None:
    async with theatre(run, replicas=1) as play:
        links, users = Links(play), play.people(run.n)
        await play.link(users)
        each, waits, groups = max(1, run.n // 20), list[float](), list[Group]()
        some = [users[start : start + each] for start in range(0, run.n, each)]
        for k, mode in enumerate(MODES):
            play.ct.switches.refresh_mode = mode
            mine = [await _group(play, n, people) for n, people in enumerate(some[k::2])]
            took = [_later(1.5 * n, _cut(run, play, links, group, waits)) for n, group in enumerate(mine)]
            await asyncio.gather(*took)
            groups += mine
        lost, ended = sum(len(group.lost) for group in groups), await _ended_links(play)
        run.holds(ended == lost, f"{ended} links were marked dead, and {lost} were")
        run.note(f"{len(groups)} replicas cut; waits of {max(waits):.1f} s at most; {lost} pairs died with a replica")


async def _group(play: Theatre, n: int, users: list[str]) -> Group:
    how, place = ("stop", "kill")[n % 2], PLACES[n // 2 % len(PLACES)]
    return Group(how, place, users, await _victim(play, cut=f"{how}:{place}" if place in cuts.PLACES else None))


async def _cut(run: Run, play: Theatre, links: Links, group: Group, waits: list[float]) -> None:
    survivor, victim = play.replicas[0], group.victim
    typed = await _under_way(play, links, group)
    waiting = [asyncio.ensure_future(links.answer(survivor, user, within=30)) for user in group.users]
    began = time.monotonic()
    for user, pair in group.old.items():
        if group.how == "kill" and links.watch.count(pair.refresh) and not await links.good(user):
            group.lost.append(user)
    answers = await asyncio.gather(*waiting)
    if group.how == "stop":
        await asyncio.sleep(began + FROZEN - time.monotonic())
        victim.thaw()
    await typed
    for words, took in answers:
        waits.append(took)
        run.holds(took <= WAITS, f"{group.how} at {group.place}: somebody waited {took:.1f} s")
        run.holds(ACTS in words or LATER in words, f"{group.how} at {group.place}: told {words[:100]!r}")
    await asyncio.gather(*(_ends_well(run, play, links, group, user) for user in group.users))
    await victim.kill()
    play.replicas.remove(victim)


async def _under_way(play: Theatre, links: Links, group: Group) -> asyncio.Future[list[int]]:
    """Let the replica renew them, and cut it. The answers of CT are late, so that many are on their way then."""
    late = []
    for user in group.users:
        group.old[user] = await links.die(user)
        if group.place != "refresh.locked":
            seconds = 0.8 if group.armed else 2.5
            late.append(links.fault("delay", delay=seconds, after=True, contains=group.old[user].refresh))
    typed = asyncio.ensure_future(links.type_at(group.victim, group.users))
    if not group.armed:
        refreshes = [pair.refresh for pair in group.old.values()]
        await play.until(lambda: all(map(links.watch.count, refreshes)), what="all renewals under way")
        os.kill(group.victim.pid, signal.SIGKILL if group.how == "kill" else signal.SIGSTOP)
    await play.until(lambda: not group.victim.alive or group.victim.frozen, what=f"{group.how} at {group.place}")
    play.ct.faults.waiting[:] = [fault for fault in play.ct.faults.waiting if fault not in late]
    return typed


async def _ends_well(run: Run, play: Theatre, links: Links, group: Group, user: str) -> None:
    """A lost pair is told once, every other link goes on."""
    run.tried()
    where, until = f"{group.how} at {group.place}", time.monotonic() + TOLD
    lost = user in group.lost
    while time.monotonic() < until and (await links.active(user) if lost else not await links.good(user)):
        await asyncio.sleep(0.2)
    wanted = "connect again" if lost else ACTS  # a thawed replica still answers, too
    words, _ = await links.answer(play.replicas[0], user, saying=wanted, within=10)
    run.holds(wanted in words, f"{where}: afterwards told {words[:100]!r}")
    run.holds(len(links.direct(user)) == lost, f"{where}: {len(links.direct(user))} messages")


async def _ended_links(play: Theatre) -> int:
    return sum(line["event"] == "link_ended" for line in await play.audit())
