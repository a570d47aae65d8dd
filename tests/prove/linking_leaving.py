"""Family L, third part: how links end. Nothing of one outlives an unlink or an uninstall."""

import asyncio
import contextlib
import time
from typing import Any

from bot.identity import SlackUser
from bot.sandbox.slack.people import ACME, ORBIT
from bot.stores.link_keys import keys_of
from tests.prove.linking_walks import Links, browsers, records, title, token_requests
from tests.prove.rows import Run, row
from tests.prove.theatre import ANA_AT_CT, Theatre, theatre

KIM = "kim@venues.example"
_NOT_OF_LINKS = ("mark", "dd", "rate", "link")  # moments, deliveries, open attempts: each has a time to live
_SLOW = {"kind": "delay", "prefix": "/oauth/token", "delay": 4.0, "times": None, "contains": "refresh_token"}


@row(
    "L8",
    p=0,
    hold="after an unlink, also in mid renewal, and after an uninstall, nothing of a link is left",
    full=500,
    small=15,
    unit="links of a team that leaves",
)
async def l8(run: Run) -> None:
    async with theatre(run) as play:
        await _unlinked_in_mid_renewal(run, play, max(6, run.n * 2 // 5))
        orbit = play.slack.world.directory.teams[ORBIT].id
        others = [f"UO{number:05d}" for number in range(20)]
        for user in others:
            await play.link_as(orbit, user, KIM)
        theirs = {key: await play.store.redis.dump(key) for key in await records(play)}
        for first in ("app_uninstalled", "tokens_revoked"):
            await _uninstalled(run, play, first)
        run.holds({key: await play.store.redis.dump(key) for key in theirs} == theirs, "another team's links changed")
        ended = [line for line in play.ct.practice.tokens.rows if line.person.startswith("kim") and line.revoked]
        run.holds(not ended, f"{len(ended)} tokens of another team were revoked")


async def _unlinked_in_mid_renewal(run: Run, play: Theatre, count: int) -> None:
    """Half of the renewals have happened at CT when the person unlinks, half have not yet."""
    users = play.people(count, prefix="UR")
    await play.link(users)
    for user in users:
        redis: Any = play.store.redis
        await redis.hset(keys_of(SlackUser(ACME, user))[0], "refresh_at", "0")
    in_flight = 0
    for late in (False, True):
        fault = play.ct.faults.add(**_SLOW, after=late)
        half = users[late::2]
        for start in range(0, len(half), 5):
            in_flight += await _unlink_meanwhile(run, play, half[start : start + 5])
        play.ct.faults.waiting.remove(fault)
    await play.until(lambda: all(line["status"] for line in _renewals(play)), what="the end of every renewal")
    await _nothing_left(run, play, f"{count} unlinks")
    run.holds(in_flight >= count // 2, f"only {in_flight} renewals were under way at {count} unlinks")
    run.note(f"{count} unlinks, {in_flight} in mid renewal")


async def _unlink_meanwhile(run: Run, play: Theatre, users: list[str]) -> int:
    """How many renewals CT had still not answered when all of them had unlinked."""
    had, asked = {user: len(play.seen(user)) for user in users}, token_requests(play)
    for user in users:
        await play.type(user, "/ct whoami")
    await play.until(lambda: token_requests(play) == asked + len(users), what="CT hears of every renewal")
    for user in users:
        await play.type(user, "/ct unlink")
    for user in users:
        await play.sees(user, "Unlinked.", after=had[user])
    linked = [key for key in await records(play) if key.endswith(tuple(users))]
    run.holds(not linked, f"linked after *Unlinked*: {linked}")
    return sum(not line["status"] for line in _renewals(play)[-len(users) :])


def _renewals(play: Theatre) -> list[dict[str, Any]]:
    """Token requests that CT has heard; those that it has not answered have no status."""
    return [line for line in play.ct.log.rows if line["path"] == "/oauth/token"]


async def _uninstalled(run: Run, play: Theatre, first: str) -> None:
    """All at once: people who are linked, and some in the middle of linking anew."""
    await play.workspace.tell("/_practice/install", {"team": ACME})
    users, links = play.people(run.n, prefix=f"U{first[0].upper()}"), Links(play)
    await play.link(users)
    before = sum(line["path"] == "/oauth/revoke" for line in play.ct.log.rows)
    async with browsers(play, users[:5]) as some:
        under_way = [await one.to_ct_callback(await links.new(user)) for one, user in zip(some, users, strict=False)]
        began = time.monotonic()
        await play.workspace.uninstall(ACME, first=first)
        left = await _left_after(play, 60)
        took = time.monotonic() - began
        pages = [await browser.look(url) for browser, url in zip(some, under_way, strict=True)]
    run.tried(run.n // 2 + (run.n % 2 if first == "app_uninstalled" else 0))
    run.holds(not left, f"{len(left)} keys were left after a minute: {left[:3]}")
    run.holds({page.status_code for page in pages} == {410}, f"then: {[title(page) for page in pages]}")
    await _nothing_left(run, play, "the end of what was under way")
    tries = sum(line["path"] == "/oauth/revoke" for line in play.ct.log.rows) - before
    run.holds(tries >= run.n, f"{tries} tries to revoke {run.n} pairs")
    run.note(f"{first} first: no key after {took:.1f} s, {tries} tries to revoke")


async def _nothing_left(run: Run, play: Theatre, after: str) -> None:
    """No key, and no token of the team's at CT: in at most a minute."""
    left = await _left_after(play, 30)
    run.holds(not left, f"after {after} there is {left[:3]}")
    person = play.ct.world.person(ANA_AT_CT)
    assert person is not None
    alive = [line for line in play.ct.practice.tokens.rows if line.person == person.slug and not line.revoked]
    with contextlib.suppress(TimeoutError):
        await play.until(lambda: all(line.revoked for line in alive), within=30)
    living = sum(not line.revoked for line in alive)
    run.holds(not living, f"after {after} {living} tokens still live at CT")


async def _left_after(play: Theatre, seconds: float) -> list[str]:
    """What is kept of the team's links, at once or after so long. What is left of attempts dies within ten minutes."""
    end = time.monotonic() + seconds
    while True:
        found = [key.decode() async for key in play.store.redis.scan_iter(f"ct:*{ACME}*", count=1_000)]
        left = [key for key in found if key.split(":")[1] not in _NOT_OF_LINKS]
        if not left or time.monotonic() > end:
            lasting = [key for key in found if not 0 < await play.store.redis.ttl(key) <= 600 and ":link:" in key]
            return left + lasting
        await asyncio.sleep(0.1)
