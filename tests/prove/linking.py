"""Family L: linking. Nobody's CT account is bound to anybody but the person who asked for it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator

from bot.stores.linking import Leg, LinkingStore
from tests.prove.linking_walks import (
    LEGS,
    Browser,
    Links,
    Visit,
    browsers,
    callback,
    exchanges,
    records,
    sign_ins,
    title,
    token_requests,
    visit,
)
from tests.prove.rows import Run, row
from tests.prove.theatre import Theatre, theatre
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
        near = [state[:place] + ("A" if state[place] != "A" else "B") + state[place + 1 :], state[:-1], state.swapcase()]
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

