"""Row X3: Slack failing. What must arrive does, once, and in its order."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import ClientSession

from bot.crypto import Keyring
from bot.sandbox.slack import credentials
from bot.slack.courier import Courier
from bot.slack.outbox import Outbox
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.web_client import web_client
from bot.stores.due import DueQueue
from bot.stores.outbox import OutboxStore
from tests.prove.lanes import Lane
from tests.prove.reboots import bootable, name_of
from tests.prove.rows import Run, row
from tests.prove.theatre import KEY, Theatre, theatre

ALWAYS = 10**9
# Three in ten calls of the Web API, whatever they are; each is said to be so often, of those that the ones above left.
FAULTS: list[dict[str, Any]] = [
    {"method": "*", "status": 429, "retry_after": 1, "rate": 0.08},
    {"method": "*", "status": 500, "rate": 0.06},
    {"method": "*", "status": 503, "rate": 0.06},
    {"method": "*", "error": "internal_error", "rate": 0.05},
    {"method": "*", "status": 500, "delay": 9.0, "rate": 0.02},
    {"method": "chat.postMessage", "error": "channel_not_found", "rate": 0.04},
    {"method": "*", "error": "token_revoked", "rate": 0.04},
    {"method": "*", "delay": 0.3, "rate": 1.0},  # and what goes well takes its time
]
DOUBLED = 0.005
NUMBER = re.compile(r"Message (\d+) of (\d+)")


@row(
    "X3",
    p=1,
    hold="what must arrive does so through a failing Slack: none lost, next to none twice, all in their order",
    full=1_000,
    small=60,
    unit="messages, 30 % of calls fail",
)
async def x3(run: Run) -> None:
    async with theatre(run, switches={"reboot_seconds": 4.0, "voucher_seconds": 4.0}) as play:
        users = play.people(max(4, run.n // 25))
        ends = await _begun(run, play, rounds=max(1, run.n // 200))
        faults = play.slack.world.faults
        faults._dice = run.dice
        # An answer that is lost after the message was posted cannot be told from one that was not: these come twice.
        lost = int(run.n * DOUBLED)
        faults.add({"method": "chat.postMessage", "status": 500, "acts": True, "rate": 0.02, "times": lost})
        for fault in FAULTS:
            faults.add({**fault, "times": ALWAYS})
        play.slack.world.journal.clear()
        await _tell(play, users, run.n, run)
        began = time.monotonic()
        with contextlib.suppress(TimeoutError):
            await play.until(lambda: len(_arrived(play, users)) >= run.n, within=150)
        await asyncio.sleep(2)
        run.tried(run.n)
        for what, arrived in ends.items():
            try:
                await play.until(arrived, within=60)
            except TimeoutError:
                run.holds(False, f"{what} never arrived")
        run.note(f"{len(ends)} ends of reboots and batches arrived, too")
        _judge(run, play, users, time.monotonic() - began - 2)


async def _begun(run: Run, play: Theatre, *, rounds: int) -> dict[str, Callable[[], bool]]:
    """Reboots that others follow, and batches of codes, which end while Slack fails; what is to arrive, and whether."""
    world = play.ct.world
    # An archived location has no login page that is on: a form would ask which one.
    open_ones = [slug for slug in bootable(play) if not world.locations[world.boxes[slug].location_slug].archived]
    boxes, ends = run.dice.sample(open_ones, rounds), dict[str, Callable[[], bool]]()
    lanes = [Lane(play, user) for user in play.people(4 * rounds, prefix="UF")]
    await play.link([lane.user for lane in lanes])
    for n, slug in enumerate(boxes):
        asker, *followers, maker = lanes[4 * n : 4 * n + 4]
        name = name_of(play, slug)
        place = play.ct.world.boxes[slug].location_slug
        batch = await maker.asked(f"voucher new {place} 20 codes 1 day called Batch {n}", "Make 20 Codes")
        await asker.presses(await asker.asked(f"reboot {slug}", "Keep It Running"), "Reboot")
        for one in followers:
            await one.presses(await one.types(f"reboot {slug}"), "Follow")
            ends[f"the end of {name} for {one.user}"] = partial(_has, play, one.user, name, "is back")
        await maker.presses(batch, "Make")
        ends[f"the codes of batch {n}"] = partial(_has, play, maker.user, "The first 10 that nobody used")
    return ends


def _has(play: Theatre, user: str, *words: str) -> bool:
    """A direct message with all these words."""
    return any(all(word in play.words(message) for word in words) for message in play.direct(user))


async def _tell(play: Theatre, users: list[str], count: int, run: Run) -> None:
    """Everybody is told one thing after the other by this process; what Slack does not take, the replicas send."""
    redis = play.store.redis
    async with ClientSession() as session:
        courier = Courier(
            client=web_client(credentials.BOT_TOKEN, f"{play.to_slack.url}/api/", session),
            session=session,
            api_url=play.to_slack.url,
            outbox=Outbox(store=OutboxStore(redis), queue=DueQueue(redis), keyring=Keyring([KEY])),
            observe=lambda *_: None,
        )

        async def tell(place: int, user: str) -> None:
            for number in range(place, count, len(users)):
                text = f"Message {number} of {count}"
                run.holds(await courier.tell(user, Reply(text, [parts.section(text)])), f"{text} was given up")
                await asyncio.sleep(run.dice.uniform(0, 1.0))

        await asyncio.gather(*(tell(place, user) for place, user in enumerate(users)))


def _numbers(play: Theatre, user: str) -> list[int]:
    """The messages that somebody sees, in the order in which they stand."""
    found = (NUMBER.search(message.text) for message in play.direct(user))
    return [int(match[1]) for match in found if match]


def _arrived(play: Theatre, users: list[str]) -> set[int]:
    return {number for user in users for number in _numbers(play, user)}


def _judge(run: Run, play: Theatre, users: list[str], late: float) -> None:
    doubled = 0
    for user in users:
        numbers = _numbers(play, user)
        first = list(dict.fromkeys(numbers))
        doubled += len(numbers) - len(first)
        run.holds(first == sorted(first), f"{user} reads them in another order: {first}")
    missing = run.n - len(_arrived(play, users))
    run.holds(missing == 0, f"{missing} of {run.n} never arrived")
    run.holds(doubled <= run.n * DOUBLED, f"{doubled} of {run.n} came twice")
    calls = [
        line for line in play.slack.world.journal.calls if line["method"] in {"chat.postMessage", "conversations.open"}
    ]
    failed = sum(line["status"] != 200 or not line["answer"]["ok"] for line in calls)
    run.holds(failed > 0.2 * len(calls), f"only {failed} of {len(calls)} calls failed")
    run.note(f"{failed} of {len(calls)} calls failed")
    run.note(f"{doubled} came twice; all were there {late:.0f} s after the last was told")
