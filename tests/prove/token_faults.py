"""Family T, second part: stores that fail, token endpoints that fail, odd expiries, and everybody at once."""

import asyncio
import itertools
import time
from typing import Any

from bot.ct import CTError
from bot.errors import NotLinkedError
from tests.prove.data import _down, _full, _read_only
from tests.prove.figures import p99, percent
from tests.prove.rows import NotRunError, Run, row
from tests.prove.theatre import Theatre, theatre
from tests.prove.token_links import ABSENT, ACTS, MODES, Links
from tests.services.test_t7_faults import FAULTS

# --- T6 ----------------------------------------------------------------------------------------------

OUTAGES = {"read only": _read_only, "down": _down, "full": _full}
SAVED = 5.0  # seconds after the store is back
OVER = 1.8  # seconds that CT keeps its answers back: so long there is to begin an outage


@row(
    "T6",
    p=0,
    hold="a pair that the store does not take is not used, and saved as soon as it does",
    full=50,
    small=6,
    unit="renewals into an outage",
)
async def t6(run: Run) -> None:
    async with theatre(run) as play:
        links, users, took = Links(play), play.people(run.n), list[float]()
        await play.link(users)
        each = max(2, run.n // 7)
        for n, start in enumerate(range(0, run.n, each)):
            play.ct.switches.refresh_mode = MODES[n % 2]
            took.append(await _into_an_outage(run, play, links, list(OUTAGES)[n % 3], users[start : start + each]))
        run.note(f"saved {max(took):.1f} s after the store was back at the latest")


async def _into_an_outage(run: Run, play: Theatre, links: Links, name: str, users: list[str]) -> float:
    """CT answers their renewals when the store has just stopped taking writes; seconds until all are saved."""
    old = {user: await links.die(user) for user in users}
    late = [links.fault("delay", delay=OVER, after=True, contains=pair.refresh) for pair in old.values()]
    had = {user: links.count(user) for user in users}
    for n, user in enumerate(users):
        await links.type_at(play.replicas[n % 2], [user])
    await play.until(lambda: all(links.watch.count(pair.refresh) for pair in old.values()), what="all renewals")
    known = {row.access for row in play.ct.practice.tokens.rows[: -len(users)]}
    async with OUTAGES[name](play):
        await asyncio.sleep(OVER + run.dice.uniform(0.5, 3.0))
        acks = [await links.type_at(play.replicas[n % 2], [user]) for n, user in enumerate(users)]
        run.holds(acks == [[200]] * len(users), f"{name}: acks {acks}")
        await asyncio.sleep(1)
        saved = set() if name == "down" else {(await links.pair(user)).access for user in users}
        used = links.watch.used - known - saved
        run.holds(not used, f"{name}: {len(used)} calls with a token that was not saved")
        run.holds(name == "full" or not saved - known, f"{name}: the outage was none")
    began = time.monotonic()
    for user in users:
        while await links.pair(user) == old[user] and time.monotonic() < began + 2 * SAVED:
            await asyncio.sleep(0.02)
    took = time.monotonic() - began
    run.holds(took <= SAVED, f"{name}: saved only {took:.1f} s after the store was back")
    run.holds(not any(fault in play.ct.faults.waiting for fault in late), f"{name}: somebody was not renewed")
    await play.until(lambda: all(links.count(user) > had[user] for user in users), what="every answer")
    for user in users:
        run.tried()
        run.holds(links.watch.count(old[user].refresh) == 1, f"{name}: renewed more than once")
        words, _ = await links.answer(play.replicas[0], user, saying=ACTS, within=10)
        run.holds(ACTS in words and await links.good(user), f"{name}: afterwards told {words[:100]!r}")
    return took


# --- T7 ----------------------------------------------------------------------------------------------

REAL = 0.05  # of the faults: CT really ends the link
TYPED = 0.05  # of the faults: met by a command in Slack, with the patience of the bot as it is
LONG: tuple[dict[str, Any], ...] = ({"kind": "hang"}, {"kind": "trickle"})  # met there only


@row(
    "T7",
    p=0,
    hold="whatever the token endpoint says, only a real refusal ends a link",
    full=1_000,
    small=40,
    unit="faults",
)
async def t7(run: Run) -> None:
    async with theatre(run, level="WARNING") as play:
        links, typed = Links(play), max(4, round(run.n * TYPED))
        users = play.people(max(10, run.n // 10))
        await play.link(users)
        play.ct.switches.refresh_mode = "on_use"
        left, ended = list(range(run.n - typed)), list[str]()

        async def one(user: str) -> None:
            while left:
                left.pop()
                await _spoilt(run, play, links, user, ended)

        await asyncio.gather(*(one(user) for user in users[:20]))
        told = [who for _, who in play.services.told.messages]
        run.holds(len(told) == len(ended), f"{len(told)} people were told of {len(ended)} ends")
        await _typed(run, play, links, users[-typed:] if typed < len(users) else users, typed)
        run.note(f"{len(ended)} real ends among them, each told once; {typed} faults met by commands in Slack")


async def _spoilt(run: Run, play: Theatre, links: Links, user: str, ended: list[str]) -> None:
    """One fault, or one real end, met by a session of this process."""
    who, pair = links.who(user), await links.die(user)
    run.tried()
    if run.dice.random() < REAL:
        (await links.row(user)).revoked = True
        ended.append(user)
        try:
            await play.services.me(who)
            run.holds(False, "a link that CT ended went on")
        except NotLinkedError:
            run.holds(not await links.active(user), "a link that CT ended is not marked")
        await play.services.settle()
        await play.link([user])
        return
    fault = run.dice.choice(FAULTS)
    spoilt = links.fault(**fault, times=run.dice.choice((1, 2, None)), contains=pair.refresh)
    try:
        await play.services.me(who)
    except CTError:
        pass
    except NotLinkedError:
        run.holds(False, f"{fault} ended a link")
        await play.link([user])
    run.holds(await links.active(user), f"{fault} marked a link")
    if spoilt in play.ct.faults.waiting:
        play.ct.faults.waiting.remove(spoilt)
    run.holds((await play.services.me(who)).email != "", "afterwards the link does not work")


async def _typed(run: Run, play: Theatre, links: Links, users: list[str], count: int) -> None:
    """The same in Slack, with the two replicas: their patience is longer, their pace slower."""
    faults = list(itertools.islice(itertools.cycle([*LONG, *FAULTS]), count))
    lock = asyncio.Semaphore(8)

    async def one(n: int, user: str, fault: dict[str, Any]) -> None:
        async with lock:
            pair = await links.die(user)
            spoilt = links.fault(**fault, times=1, contains=pair.refresh)
            words, _ = await links.answer(play.replicas[n % 2], user)
            run.tried()
            run.holds(words != "" and "onnect" not in words, f"{fault}: told {words[:100]!r}")
            run.holds(await links.active(user), f"{fault} marked a link")
            if spoilt in play.ct.faults.waiting:
                play.ct.faults.waiting.remove(spoilt)

    await asyncio.gather(*(one(n, user, fault) for n, (user, fault) in enumerate(zip(users, faults, strict=False))))
    run.done += max(0, count - len(users))
    await _wrong_secret(run, play, links, users)
    run.holds(not any(map(links.direct, users)), "somebody was told that their link ended")


async def _wrong_secret(run: Run, play: Theatre, links: Links, users: list[str]) -> None:
    """The operator's matter: in the log, and no link ends."""
    user, application = users[0], play.ct.practice.application
    await links.die(user)
    secret, application.secret = application.secret, "another"
    words, _ = await links.answer(play.replicas[0], user)
    application.secret = secret
    run.holds("own credentials" in words, f"a wrong secret: told {words[:100]!r}")
    run.holds("CT refuses the bot itself" in play.logs(), "a wrong secret is not in the log")
    run.holds(await links.active(user), "a wrong secret marked a link")


# --- T8 ----------------------------------------------------------------------------------------------

EXPIRIES: tuple[Any, ...] = (-1, 0, 1, 60, 300, 7200, 10**12, "soon", None, ABSENT)
CREATED: tuple[Any, ...] = (-5, 0, ABSENT, "yesterday", 10**12)
SKEWS = (-600.0, 600.0)
TIMES = 10  # commands for each renewed pair


@row(
    "T8",
    p=1,
    hold="odd expiries and clocks make no storm, and a missing refresh token keeps the old one",
    full=200,
    small=8,
    unit="odd answers × 10 commands",
)
async def t8(run: Run) -> None:
    async with theatre(run) as play:
        links, users = Links(play), play.people(run.n)
        await play.link(users)
        matrix = list(itertools.product(EXPIRIES, CREATED, SKEWS, (True, False)))
        run.dice.shuffle(matrix)
        cells = list(itertools.islice(itertools.cycle(matrix), run.n))
        for user, cell in zip(users, cells, strict=True):
            await _odd(run, play, links, user, *cell)
        run.note(f"{len(links.watch.asked)} renewals in {TIMES * len(cells)} commands of {len(cells)} people")


async def _odd(
    run: Run, play: Theatre, links: Links, user: str, expires: Any, created: Any, skew: float, whole: bool
) -> None:
    play.ct.switches.clock_skew = skew
    play.ct.switches.refresh_mode = "immediate" if whole else "on_use"
    links.watch.claims = {"expires_in": expires, "created_at": created}
    if not whole:
        links.watch.claims["refresh_token"] = ABSENT
    before, asked, had = await links.pair(user), len(links.watch.asked), links.count(user)
    await links.let_timer_run_out(user)
    for n in range(2):
        await links.type_at(play.replicas[n], [user] * (TIMES // 2))
    await play.until(lambda: links.count(user) >= had + TIMES, what="every answer")
    run.tried()
    what = f"expires_in {expires!r}, created_at {created!r}, clock {skew:+.0f} s"
    run.holds(len(links.watch.asked) - asked == 1, f"{what}: {len(links.watch.asked) - asked} renewals")
    wrong = [words for _, words in links.answers(user)[had:] if ACTS not in words]
    run.holds(not wrong, f"{what}: told {wrong[:1]}")
    after = await links.pair(user)
    run.holds(after.access != before.access, f"{what}: not renewed")
    again = (await links.record(user)).refresh_in
    run.holds(290 < again <= 86_400, f"{what}: renewed again after {again:.0f} s")
    run.holds((after.refresh == before.refresh) is not whole, f"{what}: the refresh token is not the right one")


# --- T9 ----------------------------------------------------------------------------------------------

MOST = 10  # requests for tokens in any second


@row("T9", p=1, hold="when all links end in the same minute, CT is not flooded", full=2_000, small=60, unit="people")
async def t9(run: Run) -> None:
    async with theatre(run, level="WARNING") as play:
        links, users = Links(play), play.people(run.n)
        await play.link(users)
        for user in users:
            await links.let_timer_run_out(user)
        await asyncio.sleep(1.5)  # a rest
        minute = min(60.0, run.n / 30)
        stood = list[tuple[float, float]]()
        watching = asyncio.ensure_future(_standing_still(stood))
        typed = await _spread(run, play, links, users, minute)
        watching.cancel()
        run.tried(len(users))
        took = [links.answers(user)[0][0] - typed[user] if links.count(user) else 99.0 for user in users]
        wrong = [words for user in users for _, words in links.answers(user) if ACTS not in words]
        run.holds(not wrong, f"{len(wrong)} were told something else: {wrong[:1]}")
        run.holds(p99(took) < 10, f"p99 of a command {p99(took):.1f} s")
        judged = [at for at, _ in links.watch.asked if not any(start <= at <= end for start, end in stood)]
        if len(judged) < len(links.watch.asked) / 2:
            raise NotRunError("this machine is too busy to see when requests came")
        most = links.watch.most_in(1.0, judged)
        run.holds(most <= MOST, f"{most} requests for tokens in one second")
        run.note(
            f"{run.n} people in {minute:.0f} s: {len(links.watch.asked)} renewals, {most} in a second at most"
            f" ({len(judged)} judged); "
            f"commands p50 {percent(took, 50):.2f} s, p99 {p99(took):.2f} s"
        )


async def _standing_still(stood: list[tuple[float, float]]) -> None:
    """When this process itself was too busy to look: what came then is seen only afterwards, all at once."""
    while True:
        asleep = time.monotonic()
        await asyncio.sleep(0.02)
        if time.monotonic() - asleep > 0.1:
            stood.append((asleep, time.monotonic() + 0.2))


async def _spread(run: Run, play: Theatre, links: Links, users: list[str], seconds: float) -> dict[str, float]:
    """Everybody types once within so many seconds, a good part at its very beginning; when each did."""
    typed: dict[str, float] = {}

    async def one(n: int, user: str) -> None:
        await asyncio.sleep(0 if n < MOST * 3 else run.dice.uniform(0, seconds))
        typed[user] = time.monotonic()
        await links.type_at(play.replicas[n % 2], [user])

    await asyncio.gather(*(one(n, user) for n, user in enumerate(users)))
    await play.until(lambda: all(map(links.count, users)), within=30, what="every answer")
    return typed
