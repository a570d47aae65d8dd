"""`make bench`, third part: whole commands, from Slack's request to the answer in Slack, with CT's share taken out.

The practice CT and the practice Slack are served from this process, on another core than the bot's where there is one.
What a command takes is measured from here, so this process's own slow moments count against the bot.
"""

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.slack.people import ACME
from bot.sandbox.slack.surfaces import find_surface
from tests.bench.servers import cores
from tests.prove.figures import p99, percent
from tests.prove.rows import Run
from tests.prove.theatre import ANA_AT_CT, Theatre, theatre

RATE, SECONDS, PEOPLE = 50, 30, 100
MIX = ("status", "locations", "box {box}", "boxes {place}", "location {place}")
SMALL, BIG = (37, 412), (500, 10_000)  # locations, boxes
TYPED = 400


class Timed:
    """An ASGI layer that adds up the seconds inside, by bearer token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.seconds: dict[str, float] = defaultdict(float)
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        token = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        began = time.perf_counter()
        try:
            await self._app(scope, receive, send)
        finally:
            self.seconds[token] += time.perf_counter() - began
            self.requests += 1


class Clock:
    """When the first answer to each command arrived in Slack."""

    def __init__(self, play: Theatre) -> None:
        self.at: dict[str, float] = {}
        self._answer = play.slack.world.response_urls.answer
        play.slack.world.response_urls.answer = self._note  # type: ignore[method-assign]

    def _note(self, held: Any, body: dict[str, Any]) -> None:
        self.at.setdefault(held.user, time.perf_counter())
        self._answer(held, body)


@contextlib.asynccontextmanager
async def play_of(size: tuple[int, int]) -> AsyncIterator[tuple[Theatre, Timed, dict[str, str]]]:
    """The bot without proxies in between, and people with a token of their own each."""
    with tempfile.TemporaryDirectory(prefix="ct-bot-bench-") as folder:
        run = Run(n=1, seed="bench", folder=Path(folder))
        async with theatre(run, replicas=0, level="WARNING", locations=size[0], boxes=size[1]) as play:
            direct = {"SLACK_API_URL": f"{play.slack_url}/api/", "SLACK_URL": play.slack_url}
            direct |= dict.fromkeys(("CT_AUTH_URL", "CT_API_URL", "CT_DASHBOARD_URL"), play.ct_url)
            play.settings |= direct | {"REDIS_URL": play.store.url}
            play.slack.world.base_url = play.slack_url
            replica = play.replica()
            await replica.start()
            _pin(replica.pid)
            play.slack.courier.request_url = f"{replica.url}/slack/events"
            tokens = {user: await play.link_as(ACME, user, ANA_AT_CT) for user in play.people(PEOPLE)}
            assert play.ct.faults.app is not None
            timed = Timed(play.ct.faults.app)
            play.ct.faults.app = timed
            yield play, timed, tokens


def _pin(pid: int) -> None:
    """The bot on one core, this process on the other."""
    if cores()[0]:
        os.sched_setaffinity(pid, cores()[0])
        os.sched_setaffinity(0, cores()[1])


async def commands(size: tuple[int, int]) -> tuple[list[float], list[float]]:
    """Milliseconds of each command at `RATE`: whole, and without what CT took of it."""
    async with play_of(size) as (play, timed, tokens):
        people = list(tokens)
        clock, whole, own = Clock(play), list[float](), list[float]()
        boxes = list(play.ct.practice.world.boxes.values())
        places = list(play.ct.practice.world.locations.values())

        async def one(n: int, *, counts: bool) -> None:
            user = people[n % len(people)]
            box, place = boxes[n % len(boxes)], places[n % len(places)]
            text = MIX[n % len(MIX)].format(box=box.slug, place=place.slug)
            clock.at.pop(user, None)
            at_ct, began = timed.seconds[tokens[user]], time.perf_counter()
            await play.type(user, f"/ct {text}")
            while user not in clock.at:
                await asyncio.sleep(0.002)
            if counts:
                took = clock.at[user] - began
                whole.append(took * 1e3)
                own.append((took - (timed.seconds[tokens[user]] - at_ct)) * 1e3)

        for n in range(len(people)):  # each person's list of names is read once
            await one(n, counts=False)
        began = time.monotonic()
        tasks = []
        for n in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, began + n / RATE - time.monotonic()))
            tasks.append(asyncio.ensure_future(one(n, counts=True)))
        await asyncio.gather(*tasks)
        return whole, own


async def typeahead() -> tuple[list[float], int]:
    """Milliseconds of each look-up over 10,000 boxes, and the calls to CT that they took."""
    async with play_of(BIG) as (play, timed, tokens):
        user, names = next(iter(tokens)), [box.description for box in play.ct.practice.world.boxes.values()]
        await play.type(user, "/ct reboot")
        message = await play.sees(user, "Which box?")
        surface = find_surface(play.slack.world, user, {"kind": "message", "id": message.id})
        assert surface is not None
        found = [(block, one) for block in surface.blocks for one in _elements(block)]
        block, element = next((b, e) for b, e in found if e.get("type") == "external_select")
        ask = play._interactions.suggest
        await ask(user, surface, block["block_id"], element, "warm")
        calls, took = timed.requests, list[float]()
        for n in range(TYPED):
            name = names[n * 7919 % len(names)]
            began = time.perf_counter()
            offered = await ask(user, surface, block["block_id"], element, name[: 2 + n % max(1, len(name) - 1)])
            took.append((time.perf_counter() - began) * 1e3)
            assert "error" not in offered, offered
        return took, timed.requests - calls


def _elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]


async def status_calls(size: tuple[int, int]) -> int:
    """Calls to CT for one `/ct status`."""
    async with play_of(size) as (play, timed, tokens):
        user, before = next(iter(tokens)), timed.requests
        await play.type(user, "/ct status")
        await play.sees(user, "locations")
        return timed.requests - before


async def main() -> int:
    """Measure and print."""
    whole, own = await commands(SMALL)
    looked, calls = await typeahead()
    small, big = await status_calls(SMALL), await status_calls(BIG)
    say = sys.stdout.write
    say("| whole commands | wanted | measured |\n|---|---|---|\n")
    say(f"| read commands at {RATE}/s, n = {len(own):,}, without CT's share: p50 | ≤ 3 ms | {_ms(own, 50)} |\n")
    say(f"| the same, p99 | ≤ 15 ms | {p99(own):.1f} ms |\n")
    say(f"| the same with CT's share: p50 / p99 | | {statistics.median(whole):.1f} / {p99(whole):.1f} ms |\n")
    say(f"| look-up while typing, 10,000 boxes, n = {len(looked)}: p50 | | {_ms(looked, 50)} |\n")
    say(f"| the same, p99 | ≤ 50 ms | {p99(looked):.1f} ms, {calls} calls to CT |\n")
    say(f"| calls to CT for /ct status: 37 locations, 412 boxes / 500, 10,000 | the same | {small} / {big} |\n")
    return 0


def _ms(values: list[float], which: float) -> str:
    return f"{percent(values, which):.1f} ms"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
