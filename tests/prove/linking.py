"""Family L: linking. Nobody's CT account is bound to anybody but the person who asked for it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence

from bot.stores.linking import Leg, LinkingStore
from tests.prove.linking_walks import (
    LEGS,
    OLEG_AT_CT,
    Browser,
    Links,
    Visit,
    browsers,
    callback,
    events,
    exchanges,
    records,
    sign_ins,
    title,
    token_requests,
    visit,
)
from tests.prove.rows import Run, row
from tests.prove.theatre import ANA_AT_CT, Theatre, theatre
from tests.web.visitor import query

DONE = "Done. Go back to Slack."
USED = "This page was used already."
OTHER = "This link was made for another Slack user. Nothing was connected."

# --- L1 ----------------------------------------------------------------------------------------------

REFUSED = {400, 403, 409, 410}


class Walker:
    """One person with a browser, and what attackers do to their attempts; each attack says what it was answered."""

    def __init__(self, run: Run, play: Theatre, links: Links, browser: Browser, user: str) -> None:
        self.run, self.play, self.links, self.browser, self.user = run, play, links, browser, user

    async def at_slack(self) -> dict[str, str]:
        """What this person's browser is about to bring back from Slack: `state` and `code`."""
        return query(await self.browser.to_slack_callback(await self.links.new(self.user)))

    async def at_ct(self) -> dict[str, str]:
        """The same, from CT."""
        return query(await self.browser.to_ct_callback(await self.links.new(self.user)))

    async def brings(self, leg: str, params: dict[str, str], cookie: str | None = None) -> int:
        """A callback to one of the replicas; the status. Without `cookie`, in this person's own browser."""
        own = self.browser.cookie if cookie is None else cookie
        port = self.run.dice.choice(self.play.replicas).port
        (answer,) = await visit([port], [callback(leg, own, **params)], at_once=1)
        return answer.status_code

    async def both(self, leg: str) -> dict[str, str]:
        return await (self.at_slack() if leg == LEGS[0] else self.at_ct())

    async def late(self, leg: str) -> list[int]:
        """Ten minutes have passed."""
        params = await self.both(leg)
        kind = Leg.SLACK if leg == LEGS[0] else Leg.CT
        gone = await self.play.store.redis.pexpire(LinkingStore._leg(kind, params["state"]), 1)
        self.run.holds(bool(gone), "there was no state that could end")
        await asyncio.sleep(0.01)
        return [await self.brings(leg, params)]

    async def foreign(self, leg: str) -> list[int]:
        """In a browser of somebody else, or in none; then in the right one, and again."""
        params = await self.both(leg)
        cookie = self.run.dice.choice(["", "x", secrets.token_urlsafe(32), self.browser.cookie.swapcase()])
        return [await self.brings(leg, params, cookie), *[await self.brings(leg, params) for _ in range(2)]]

    async def swapped(self, leg: str) -> list[int]:
        """On the other leg."""
        params = await self.both(leg)
        other = LEGS[1] if leg == LEGS[0] else LEGS[0]
        return [await self.brings(other, params) for _ in range(2)]

    async def changed(self, leg: str) -> list[int]:
        """Nearly right: one character, its end, its case."""
        params = await self.both(leg)
        state = params["state"]
        place = self.run.dice.randrange(len(state))
        near = [
            state[:place] + ("A" if state[place] != "A" else "B") + state[place + 1 :],
            state[:-1],
            state.swapcase(),
        ]
        return [await self.brings(leg, params | {"state": one}) for one in near]

    async def overtaken(self, leg: str) -> list[int]:
        """A newer link of the same person lives."""
        params = await self.both(leg)
        await self.links.new(self.user)
        return [await self.brings(leg, params)]

    async def repeated(self, leg: str) -> list[int]:
        """Slack's callback once more, after it has gone well."""
        params = await self.at_slack()
        first = await self.brings(LEGS[0], params)
        self.run.holds(first == 303, f"an honest callback was answered {first}")
        return [await self.brings(LEGS[0], params) for _ in range(3)]

    async def without_code(self, leg: str) -> list[int]:
        """A right state with no code, or an error in its place."""
        params = await self.both(leg)
        more = self.run.dice.choice([{}, {"error": "access_denied"}, {"error": "server_error"}, {"code": ""}])
        return [await self.brings(leg, {"state": params["state"], **more})]


async def _attacked(run: Run, walker: Walker, left: list[int], statuses: list[int]) -> None:
    attacks: list[Callable[[str], Awaitable[list[int]]]] = [
        walker.late,
        walker.foreign,
        walker.swapped,
        walker.changed,
        walker.overtaken,
        walker.repeated,
        walker.without_code,
    ]
    while left[0] > 0:
        attack, leg = run.dice.choice(attacks), run.dice.choice(LEGS)
        told = await attack(leg)
        left[0] -= len(told)
        statuses += told
        run.tried(len(told))
        bad = set(told) - REFUSED - ({502} if attack == walker.without_code else set())
        run.holds(not bad, f"{attack.__name__} on {leg}: answered {told}")


def _made_up(run: Run, count: int) -> Iterator[Visit]:
    odd = ["", "x", "../../etc", "%00", "used", "ct:link:slack", "é" * 40, "a" * 3_000, "{}", "*", "\r\nX: y", "0"]
    for _ in range(count):
        state = run.dice.choice([secrets.token_urlsafe(32), secrets.token_urlsafe(32), run.dice.choice(odd)])
        params = {"state": state, "code": secrets.token_hex(16)}
        if run.dice.random() < 0.1:
            del params["state"]
        yield callback(run.dice.choice(LEGS), run.dice.choice(["", secrets.token_urlsafe(32)]), **params)


@row(
    "L1",
    p=0,
    hold="a state that is made up, late, used, swapped or of another browser is refused before CT hears of it",
    full=10_000,
    small=150,
    unit="callbacks",
)
async def l1(run: Run) -> None:
    async with theatre(run) as play:
        users, links = play.people(12), Links(play)
        answers = await visit([one.port for one in play.replicas], _made_up(run, run.n * 6 // 10))
        run.tried(len(answers))
        statuses = {answer.status_code for answer in answers}
        run.holds(statuses <= {400, 410}, f"made-up states were answered {statuses}")
        run.holds(sign_ins(play) == 0, "a made-up state sent a code to Slack")
        left, told = [run.n - run.done], list[int]()
        async with browsers(play, users) as some:
            walkers = [Walker(run, play, links, browser, user) for browser, user in zip(some, users, strict=True)]
            await asyncio.gather(*(_attacked(run, walker, left, told) for walker in walkers))
            run.holds(token_requests(play) == 0, f"{token_requests(play)} token requests reached CT")
            run.holds(await records(play) == [], "a record was written")
            done = await some[0].link(await links.new(users[0]))
            run.holds(title(done) == DONE and exchanges(play) == 1, f"the honest way ended in {title(done)!r}")
        run.note(f"{len(answers)} made up, {len(told)} of real attempts; {sign_ins(play)} honest sign-ins on the way")


# --- L2 ----------------------------------------------------------------------------------------------


@row(
    "L2",
    p=0,
    hold="whoever opens somebody else's link gives them nothing, linked before or not",
    full=1_000,
    small=8,
    unit="runs × 2 victims",
)
async def l2(run: Run) -> None:
    async with theatre(run) as play:
        lanes = min(8, run.n)
        mallories, newcomers, linked = (play.people(lanes, prefix=prefix) for prefix in ("UM", "UN", "UL"))
        await play.link(linked, email="kim@venues.example")
        links, before = Links(play), await _values(play)
        async with browsers(play, newcomers) as some, browsers(play, linked, ct="kim@venues.example") as others:
            await asyncio.gather(
                *(
                    _phished(run, play, links, mallories[lane], [some[lane], others[lane]], range(lane, run.n, lanes))
                    for lane in range(lanes)
                )
            )
            at_ct = [line for line in play.ct.log.rows if line["path"] == "/oauth/authorize"]
            run.holds(not at_ct, f"{len(at_ct)} browsers were sent to CT")
            async with browsers(play, mallories) as hers:
                for lane in range(lanes):
                    for victim in (some[lane], others[lane]):
                        await _sent_into_the_middle(run, links, mallories[lane], hers[lane], victim)
        run.holds(token_requests(play) == 0, f"{token_requests(play)} token requests reached CT")
        run.holds(await _values(play) == before, "a link was made, changed or lost")
        rows = await events(play, "link_identity_mismatch")
        run.holds(len(rows) == 2 * run.n, f"{len(rows)} rows in the audit for {2 * run.n} visits")
        named = {line["who"].rpartition(":")[2] for line in rows} | {line["browser"][-7:] for line in rows}
        run.holds(named == {*mallories, *newcomers, *linked}, f"the audit names {sorted(named)}")
        run.note(f"{2 * run.n} opened a foreign link, {4 * lanes} were sent into the middle of an attempt")


async def _phished(
    run: Run, play: Theatre, links: Links, mallory: str, victims: list[Browser], turns: Sequence[int]
) -> None:
    for _ in turns:
        for victim in victims:
            link = await links.new(mallory)
            page = await victim.look(link)
            run.holds(f"@{mallory.lower()}" in page.text, "the page does not name whom the link is for")
            answer = await victim.look(await victim.to_slack_callback(link))
            run.holds((answer.status_code, title(answer)) == (403, OTHER), f"told {title(answer)!r}")
            run.holds("location" not in answer.headers, "the victim was sent on")
            run.holds((await victim.look(link)).status_code == 410, "the link lives on")
        run.tried()


async def _sent_into_the_middle(run: Run, links: Links, mallory: str, hers: Browser, victim: Browser) -> None:
    """Mallory starts in her own browser and passes on the page at Slack, or the one at CT."""
    at_slack = (await hers.press_continue(await links.new(mallory))).headers["location"]
    signed_in = await victim.look((await victim.look(at_slack)).headers["location"])
    at_ct = await hers.to_ct(await links.new(mallory))
    allowed = await victim.look(await victim.allow_at_ct(at_ct))
    told = (signed_in.status_code, allowed.status_code)
    run.holds(told == (410, 410), f"in the middle: told {told}")


async def _values(play: Theatre) -> dict[str, bytes | None]:
    """The links as they rest."""
    return {key: await play.store.redis.dump(key) for key in await records(play)}


# --- L3 ----------------------------------------------------------------------------------------------


@row(
    "L3",
    p=0,
    hold="an attacker's CT account is never bound to a victim, and a link that is made is told with a way to undo it",
    full=1_000,
    small=12,
    unit="attacks",
)
async def l3(run: Run) -> None:
    async with theatre(run) as play:
        lanes, links = min(8, run.n), Links(play)
        mallories, people = play.people(lanes, prefix="UM"), play.people(lanes)
        async with browsers(play, mallories, ct=OLEG_AT_CT) as hers, browsers(play, people) as theirs:
            await asyncio.gather(
                *(
                    _crossed(run, links, (mallories[k], hers[k]), (people[k], theirs[k]), range(k, run.n, lanes))
                    for k in range(lanes)
                )
            )
            run.holds(await records(play) == [], "something was stored")
            refused = exchanges(play)
            done = await theirs[0].link(await links.new(people[0]))
            run.holds(title(done) == DONE, f"the honest way ended in {title(done)!r}")
        told = await play.sees(people[0], "is now linked to this Slack account")
        run.holds(ANA_AT_CT in play.words(told), f"the message does not name the account: {play.words(told)[:200]}")
        labels = [one["text"]["text"] for block in told.blocks for one in block.get("elements", []) if "text" in one]
        run.holds({"Unlink", "This Wasn't Me"} <= set(labels), f"the message offers {labels}")
        run.note(f"{refused} codes of the attacker's under the victim's own state, all refused by CT (PKCE)")


async def _crossed(
    run: Run, links: Links, mallory: tuple[str, Browser], victim: tuple[str, Browser], turns: Sequence[int]
) -> None:
    attacks = (_planted_fresh, _planted_busy, _injected, _posted_from_elsewhere, _slacks_half)
    for turn in turns:
        attack = attacks[turn % len(attacks)]
        told = await attack(links, mallory, victim)
        run.holds(told, f"{attack.__name__}: not refused as it should be")
        run.tried()


async def _planted_fresh(links: Links, mallory: tuple[str, Browser], victim: tuple[str, Browser]) -> bool:
    """The attacker's finished callback, opened by the victim, whose browser has nothing to do with it."""
    answer = await victim[1].look(await mallory[1].to_ct_callback(await links.new(mallory[0])))
    return answer.status_code == 410


async def _planted_busy(links: Links, mallory: tuple[str, Browser], victim: tuple[str, Browser]) -> bool:
    """The same while the victim is linking."""
    await victim[1].to_ct(await links.new(victim[0]))
    return await _planted_fresh(links, mallory, victim)


async def _injected(links: Links, mallory: tuple[str, Browser], victim: tuple[str, Browser]) -> bool:
    """The attacker's code under the victim's own state: it is CT that refuses it, by PKCE."""
    code = query(await mallory[1].to_ct_callback(await links.new(mallory[0])))["code"]
    state = query(await victim[1].to_ct(await links.new(victim[0])))["state"]
    answer = await victim[1].look(f"{victim[1].play.front.url}{LEGS[1]}?code={code}&state={state}")
    return answer.status_code == 502


async def _slacks_half(links: Links, mallory: tuple[str, Browser], victim: tuple[str, Browser]) -> bool:
    """The attacker's sign-in with Slack under the victim's own state: the nonce is another."""
    code = query(await mallory[1].to_slack_callback(await links.new(mallory[0])))["code"]
    state = query((await victim[1].press_continue(await links.new(victim[0]))).headers["location"])["state"]
    answer = await victim[1].look(f"{victim[1].play.front.url}{LEGS[0]}?code={code}&state={state}")
    return answer.status_code == 400


async def _posted_from_elsewhere(links: Links, mallory: tuple[str, Browser], victim: tuple[str, Browser]) -> bool:
    """The form of the attacker's page, sent from another site in the victim's browser."""
    here, link = victim[1].play.front.url, await links.new(mallory[0])
    foreign: list[dict[str, str]] = [
        {},
        {"Origin": "null"},
        {"Origin": f"{here}.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site", "Origin": here},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ]
    answers = [await victim[1].http.post(f"{link}/start", headers=headers) for headers in foreign]
    return all(answer.status_code == 403 and "set-cookie" not in answer.headers for answer in answers)


# --- L4 ----------------------------------------------------------------------------------------------


@row(
    "L4",
    p=0,
    hold="a callback that comes fifty times over two replicas is one exchange",
    full=100,
    small=3,
    unit="rounds × 50 callbacks",
)
async def l4(run: Run) -> None:
    async with theatre(run) as play:
        users, links = play.people(run.n), Links(play)
        ports = [one.port for one in play.replicas]
        async with browsers(play, users[:4]) as some:
            for turn, user in enumerate(users):
                browser = some[turn % len(some)]
                browser.is_now(user)
                back = query(await browser.to_ct_callback(await links.new(user)))
                had = exchanges(play)
                answers = await visit(ports, [callback(LEGS[1], browser.cookie, **back)] * 50, at_once=50)
                run.tried()
                told = sorted(title(answer) for answer in answers)
                run.holds(told == [DONE] + [USED] * 49, f"told {sorted(set(told))}, {told.count(DONE)} × done")
                run.holds(exchanges(play) - had == 1, f"{exchanges(play) - had} exchanges in a round")
        for user in users:
            await play.sees(user, "is now linked to this Slack account")
        doubled = [user for user in users if len(play.direct(user)) > 1]
        run.holds(not doubled, f"told more than once: {doubled[:3]}")
        run.holds(len(await records(play)) == run.n, f"{len(await records(play))} links for {run.n} rounds")
        spent = [line for line in play.ct.practice.tokens.rows if line.revoked]
        run.holds(not spent, f"{len(spent)} of the tokens were revoked, as by a code that was used twice")
