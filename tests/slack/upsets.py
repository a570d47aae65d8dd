"""What goes wrong at the practice CT, for the tests of changes."""

import asyncio

from bot.sandbox.slack.person import Person
from tests.slack.hotel import kept_records
from tests.stage import LOBBY, Stage

FOLLOWED = "CT is working on it. I tell you how it ends."
BOX = f"/api/v1/boxes/{LOBBY}"


async def lose_answer(stage: Stage, method: str, prefix: str) -> None:
    """The next such call is carried out, and its answer is lost."""
    fault = {"kind": "drop", "method": method, "prefix": prefix, "after": True}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()


async def lose_request(stage: Stage, method: str, prefix: str) -> None:
    """The next such call breaks off, and nothing is done."""
    fault = {"kind": "drop", "method": method, "prefix": prefix}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()


async def hide_records(stage: Stage) -> None:
    """CT shows nobody its record of jobs."""
    fault = {"kind": "status", "prefix": f"{BOX}/operations", "status": 403, "times": None}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()


async def demote(stage: Stage, who: str = "ana@venues.example") -> None:
    """From now on this person may only look."""
    (await stage.control.patch(f"/_practice/people/{who}", json={"role_id": 140})).raise_for_status()


async def calls(stage: Stage, method: str, prefix: str) -> int:
    """How many such calls reached CT."""
    routes = (await stage.counts())["routes"]
    return sum(number for route, number in routes.items() if route.startswith(f"{method} {prefix}"))


async def at_ct(stage: Stage, box: str = LOBBY) -> dict[str, object]:
    """The box as CT has it."""
    return dict((await stage.control.get(f"/_practice/boxes/{box}")).json())


def end_job(stage: Stage) -> None:
    """The box is through with its job now, and CT's record of it says how it went."""
    practice = stage.ct.practice
    box, now = practice.world.boxes[LOBBY], practice.clock()
    if box.job:
        box.job.seconds = now - box.job.at
    practice.world.histories.operations[LOBBY][-1].done_at = now


async def begun(stage: Stage) -> None:
    """Wait until the bot has seen the box at its job."""
    while '"begun":true' not in await kept_records(stage):
        await asyncio.sleep(0.02)


async def lines_about(person: Person) -> list[str]:
    """What the channel that they are in was told of the box: a line that is edited is one."""
    return [seen.text for seen in await person.messages() if not seen.ephemeral and "Lobby AP-3" in seen.text]
