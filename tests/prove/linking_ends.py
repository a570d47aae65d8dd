"""Family L, second part: what comes in with a request, processes that die, and robots."""

import asyncio
import contextlib
import re
import time
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from bot.stores.linking import LinkingStore, hashed
from tests.prove.linking_walks import (
    COOKIE,
    FROM_OUR_PAGE,
    LEGS,
    Browser,
    Links,
    Visit,
    browsers,
    callback,
    exchanges,
    records,
    title,
    token_requests,
    visit,
)
from tests.prove.replica import Replica
from tests.prove.rows import Run, row
from tests.prove.theatre import Theatre, theatre
from tests.web.guarded import HOSTILE, MARK, NAMES, well_guarded
from tests.web.visitor import query

DONE = "Done. Go back to Slack."

# --- L5 ----------------------------------------------------------------------------------------------

_HEADERS = ("Host", "Origin", "Referer", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Cookie", "Accept")
_METHODS = (b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH")


class Hostile:
    """Visits with something hostile in them, each with a mark of its own that no answer may hold."""

    def __init__(self, run: Run, lids: list[str], states: list[tuple[str, str, str]]) -> None:
        self._run, self._lids, self._states, self._count = run, lids, states, 0

    def next(self) -> tuple[str, Visit]:
        self._count += 1
        mark = f"zq{self._count:06d}qz"
        payload = self._run.dice.choice(HOSTILE).replace(MARK, mark)
        makers = [
            self._in_the_query,
            self._in_the_query,
            self._with_a_right_state,
            self._in_the_path,
            self._in_a_header,
        ]
        return mark, self._run.dice.choice(makers)(payload)

    def _in_the_query(self, payload: str) -> Visit:
        names = self._run.dice.sample(NAMES, self._run.dice.randrange(1, len(NAMES)))
        path = self._run.dice.choice([*LEGS, f"/link/{self._run.dice.choice(self._lids)}", "/", "/healthz"])
        return Visit(f"{path}?{urlencode(dict.fromkeys(names, payload))}".encode(), {})

    def _with_a_right_state(self, payload: str) -> Visit:
        """CT, or Slack, says no, in hostile words."""
        if not self._states:
            return self._in_the_query(payload)
        leg, state, cookie = self._states.pop()
        error = self._run.dice.choice(["access_denied", "server_error", payload])
        told = {"state": state, "error": error, "error_description": payload, "error_uri": payload, "next": payload}
        return Visit(f"{leg}?{urlencode(told)}".encode(), {"Cookie": f"{COOKIE}={cookie}".encode()})

    def _in_the_path(self, payload: str) -> Visit:
        path = self._run.dice.choice(["/{0}", "//{0}", "/link/{0}", "/link/{0}/start", "/oauth/{0}/callback", "/{0}/"])
        raw = quote(payload, safe=self._run.dice.choice(["", "/:<>'()=;"]))
        return Visit(path.format(raw).encode(), {}, self._run.dice.choice(_METHODS))

    def _in_a_header(self, payload: str) -> Visit:
        """On the form that sends browsers onward, on its page, and where there is nothing."""
        link = f"/link/{self._run.dice.choice(self._lids)}"
        path, method = self._run.dice.choice(
            [(f"{link}/start", b"POST"), (link, b"GET"), (f"{link}/", b"GET"), (LEGS[1], b"GET"), ("/x", b"GET")]
        )
        value = re.sub(r"[\x00-\x1f]", "", payload).encode()
        right = {name: held.encode() for name, held in FROM_OUR_PAGE.items()}
        return Visit(path.encode(), {**right, self._run.dice.choice(_HEADERS): value}, method)


@row(
    "L5",
    p=0,
    hold="nothing that comes in with a request is shown or followed, and every page is guarded",
    full=2_000,
    small=150,
    unit="payloads",
)
async def l5(run: Run) -> None:
    async with theatre(run) as play:
        users, links = play.people(12), Links(play)
        async with browsers(play, users) as some:
            states = await _live_states(links, some, users, run.n // 15)
        lids = [(await links.new(user)).rpartition("/")[2] for user in users]
        run.dice.shuffle(states)
        hostile = Hostile(run, lids, states)
        marks, visits = zip(*(hostile.next() for _ in range(run.n)), strict=True)
        answers = await visit([one.port for one in play.replicas], visits)
        onward = (f"{play.settings['SLACK_URL']}/openid/", f"{play.settings['CT_AUTH_URL']}/oauth/authorize?")
        redirects = 0
        for mark, wanted, answer in zip(marks, visits, answers, strict=True):
            run.tried()
            redirects += "location" in answer.headers
            told = answer.text + str(answer.headers.raw)
            run.holds(mark not in told.lower(), f"{wanted} was reflected: {told[:200]}")
            run.holds(answer.headers.get("location", onward[0]).startswith(onward), f"{wanted} leads to elsewhere")
            run.holds(_guarded(answer), f"{wanted} got a page without guards: {dict(answer.headers)}")
            run.holds(answer.status_code < 500 or answer.status_code == 502, f"{wanted}: {answer.status_code}")
        run.holds(len(answers) == run.n, f"{run.n - len(answers)} were not answered")
        run.holds(token_requests(play) == 0, "a code reached CT")
        run.holds(redirects > 0, "no visit was sent onward at all")
        kinds = sorted({answer.status_code for answer in answers})
        run.note(f"answers {kinds}; {redirects} redirects, all to Slack's or CT's own page")


def _guarded(answer: httpx.Response) -> bool:
    try:
        return well_guarded(answer)
    except KeyError:
        return False


async def _live_states(links: Links, some: list[Browser], users: list[str], count: int) -> list[tuple[str, str, str]]:
    """Leg, state and cookie of attempts that are really under way."""
    found = []
    for turn in range(count):
        browser, user = some[turn % len(some)], users[turn % len(users)]
        if turn % 2:
            url = (await browser.press_continue(await links.new(user))).headers["location"]
        else:
            url = await browser.to_ct(await links.new(user))
        found.append((LEGS[(turn + 1) % 2], query(url)["state"], browser.cookie))
    return found


# --- L6 ----------------------------------------------------------------------------------------------

CUTS = ("link.marked", "link.exchanged", "link.adopted", "link.proved", "link.activated")
LINKED, CUT_OFF = "is now linked to this Slack account", "Linking was cut off before it was finished"
_TIMES = "ct:due:{due}:times"
_WAVE = 10


@row(
    "L6",
    p=0,
    hold="killed anywhere between CT's code and the link, nothing is half linked, it is told, and the next try works",
    full=200,
    small=5,
    unit="kills over 5 places",
)
async def l6(run: Run) -> None:
    async with theatre(run, replicas=1) as play:
        users, links = play.people(run.n), Links(play)
        cuts = {user: CUTS[turn % len(CUTS)] for turn, user in enumerate(users)}
        victims: list[Replica] = []
        longest = 0.0
        for start in range(0, run.n, _WAVE):
            wave = users[start : start + _WAVE]
            by_the_clock = run.n >= 100 and start + _WAVE >= run.n
            async with browsers(play, wave) as some:
                victims += await _killed(run, play, links, dict(zip(wave, some, strict=True)), cuts)
                waits = await _told(run, play, {user: cuts[user] for user in wave}, by_the_clock=by_the_clock)
                longest = max(longest, *waits)
                pages = [await browser.link(await links.new(user)) for user, browser in zip(wave, some, strict=True)]
            again = [title(page) for page in pages if title(page) != DONE]
            run.holds(not again, f"the next attempt ended in {again[:3]}")
            run.tried(len(wave))
        sent = run.n + sum(place != "link.marked" for place in cuts.values())
        run.holds(exchanges(play) == sent, f"{exchanges(play)} codes were sent, not {sent}")
        run.holds(len(await records(play)) == run.n, "there are more or fewer links than people")
        _nothing_in_plain(run, play, "".join(victim.logged() for victim in victims))
        run.note(f"told within {longest:.0f} s of the kill at most")


async def _killed(
    run: Run, play: Theatre, links: Links, browsers_of: dict[str, Browser], cuts: dict[str, str]
) -> list[Replica]:
    """Each of them brings CT's code to a replica that dies of it; three at a time."""
    left, dead = list(browsers_of.items()), list[Replica]()

    async def lane() -> None:
        while left:
            user, browser = left.pop()
            victim = play.replica()
            play.front.targets.remove(victim.port)
            back = query(await browser.to_ct_callback(await links.new(user)))
            await victim.start(cut=f"kill:{cuts[user]}")
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                (answer,) = await visit([victim.port], [callback(LEGS[1], browser.cookie, **back)])
                run.holds(False, f"{cuts[user]} killed nothing: {title(answer)!r}")
            await victim.died()
            play.replicas.remove(victim)
            dead.append(victim)
            found = await records(play, "tok")
            active = any(key.endswith(user) for key in found)
            run.holds(active == (cuts[user] == "link.activated"), f"{cuts[user]}: linked is {active}")

    await asyncio.gather(*(lane() for _ in range(3)))
    return dead


async def _told(run: Run, play: Theatre, cuts: dict[str, str], *, by_the_clock: bool) -> list[float]:
    """Seconds from each kill to its message: those until it is due, and those from then on.

    Not `by_the_clock`, what is due in half a minute is made due now, and that half minute is counted.
    """
    redis: Any = play.store.redis
    ahead = 0.0
    if not by_the_clock:
        due = [(name, at) for name, at in await redis.zrange(_TIMES, 0, -1, withscores=True) if b"cut-off" in name]
        seconds, micros = await redis.time()
        run.holds(len(due) == len(cuts), f"{len(cuts)} kills left {len(due)} markers")
        if due:
            ahead = max(at / 1000 - seconds - micros / 1e6 for _, at in due)
            await redis.zadd(_TIMES, {name: seconds * 1000 for name, _ in due})
    began, waits = time.monotonic(), list[float]()
    for user, place in cuts.items():
        said = LINKED if place == "link.activated" else CUT_OFF
        try:
            await play.sees(user, said, within=max(1.0, began + 60 - time.monotonic()))
        except TimeoutError:
            run.holds(False, f"{place}: {user} was not told in a minute: {[m.text for m in play.direct(user)]}")
        waits.append(ahead + time.monotonic() - began)
        run.holds(waits[-1] <= 60, f"{place}: told after {waits[-1]:.0f} s")
        run.holds(len(play.direct(user)) == 1, f"{place}: told {len(play.direct(user))} times")
    return waits


def _nothing_in_plain(run: Run, play: Theatre, logs: str) -> None:
    """No token and no code rests in the store's files or in a log."""
    rest, logs = play.store.on_disk(), logs + play.logs()
    practice = play.ct.practice.tokens
    secret = [token for line in practice.rows for token in (line.access, line.refresh) if token] + list(practice.codes)
    found = [one for one in secret if one.encode() in rest or one in logs]
    run.holds(not found, f"{len(found)} of {len(secret)} tokens and codes rest in plain")
    seen = play.people(1)[0].encode() in rest and "serving" in logs
    run.holds(seen, "the store's files and the logs were not read")


# --- L7 ----------------------------------------------------------------------------------------------

_ROBOTS: tuple[dict[str, bytes], ...] = (
    {"User-Agent": b"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
    {"User-Agent": b"Mozilla/5.0 (mail scanner)", "Accept": b"*/*"},
    {"Sec-Purpose": b"prefetch;prerender", "Sec-Fetch-Site": b"none"},
    {"Purpose": b"prefetch", "X-Moz": b"prefetch"},
    {},
)


@row("L7", p=0, hold="a link survives robots, previews and prefetches", full=100, small=4, unit="links × 50 robots")
async def l7(run: Run) -> None:
    async with theatre(run) as play:
        users, links = play.people(run.n), Links(play)
        async with browsers(play, users[:4]) as some:
            lanes = (_visited(run, play, links, browser, users[lane :: len(some)]) for lane, browser in enumerate(some))
            await asyncio.gather(*lanes)
        run.holds(len(await records(play)) == run.n, f"{len(await records(play))} of {run.n} could link")


async def _visited(run: Run, play: Theatre, links: Links, browser: Browser, users: list[str]) -> None:
    for user in users:
        browser.is_now(user)
        link = await links.new(user)
        path = link.removeprefix(play.front.url).encode()
        before = await _attempt(play, link)
        statuses = await _robots(run, play, [path, path, path + b"/start"], 50)
        run.holds(statuses <= {200, 405}, f"robots were answered {sorted(statuses)}")
        run.holds(await _attempt(play, link) == before, "a robot changed the attempt")
        if not run.holds((await browser.look(link)).status_code == 200, "the link did not outlive the robots"):
            continue
        at_slack = await browser.to_slack_callback(link)
        await _robots(run, play, [at_slack.removeprefix(play.front.url).encode()], 3, head=True)
        onward = (await browser.look(at_slack)).headers.get("location")
        if not run.holds(onward is not None, "a HEAD request used the callback of Slack's up") or onward is None:
            continue
        at_ct = await browser.allow_at_ct(onward)
        await _robots(run, play, [at_ct.removeprefix(play.front.url).encode()], 3, head=True)
        done = await browser.look(at_ct)
        run.holds(title(done) == DONE, f"after the robots: {title(done)!r}")
        run.tried()


async def _robots(run: Run, play: Theatre, paths: list[bytes], count: int, *, head: bool = False) -> set[int]:
    methods = [b"HEAD"] if head else [b"GET", b"HEAD"]
    visits = [Visit(run.dice.choice(paths), run.dice.choice(_ROBOTS), run.dice.choice(methods)) for _ in range(count)]
    return {answer.status_code for answer in await visit([one.port for one in play.replicas], visits, at_once=8)}


async def _attempt(play: Theatre, link: str) -> bytes | None:
    """The attempt as it rests."""
    return await play.store.redis.dump(LinkingStore._intent(hashed(link.rpartition("/")[2])))
