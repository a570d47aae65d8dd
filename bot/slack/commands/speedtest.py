"""`/ct speedtest <box>`: measure the line of a box (generation 3), and say what came out."""

import time
from dataclasses import dataclass

from bot.ct import BoxDetails, CTUser
from bot.services.changes import Act, Step
from bot.services.operation import Ending, Operation
from bot.services.reboot import facts
from bot.services.targets import cannot, refuse, same_box, unmanaged
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.box_details import last_speed, mbits

LOOK_AGAIN, PATIENCE = 2.0, 180.0
JOB = "speed test"


@dataclass(frozen=True)
class SpeedtestArgs:
    box: str = rest("box", required=True, pick="box")


def _cannot(details: BoxDetails) -> str | None:
    """Why no test can be started now (`ct-api.md` 3.2: generation 3 only)."""
    box = details.box
    if why := unmanaged(box, JOB):
        return why
    if box.generation is not None and box.generation != "3":
        return f"CT measures only boxes of generation 3; {box.name} is of generation {box.generation}."
    if details.speedtest_running:
        return f"A speed test of {box.name} is running already. Look at its health in a minute."
    return cannot(box, JOB)


async def _check(ct: CTUser, op: Operation) -> None:
    await same_box(ct, op)
    refuse(_cannot(await ct.boxes.details(op.before.slug)))


async def _start(ct: CTUser, op: Operation) -> None:
    await ct.boxes.speedtest(op.before.slug)


async def _follow(ct: CTUser, op: Operation) -> Step:
    """Look for a result that was not there when the question was asked. CT tells of no failure: it stays silent."""
    details = await ct.boxes.details(op.before.slug)
    latest = details.latest_speedtest
    if latest and latest.result is not None and not details.speedtest_running and latest.at != op.params["last_at"]:
        return Step(params={"result": latest.result})
    if time.time() - (op.sent_at or op.asked_at) > PATIENCE:
        return Step(ending=Ending.UNKNOWN, messages=(f"CT shows no result after {t.span(PATIENCE)}.",))
    return Step(again=LOOK_AGAIN)


def _done(op: Operation) -> str:
    before = op.params.get("last_result")
    compared = f" The test before had {mbits(before)}." if before is not None else ""
    return f"{t.bold(op.before.name)}: *{mbits(op.params['result'])}*.{compared}"


SPEEDTEST = ActView(
    act=Act(kind="box_speedtest", perform=_start, check=_check, follow=_follow),
    done=_done,
    going=lambda op: f"Measuring {t.bold(op.before.name)}: that takes about half a minute. I send you the result.",
    again=lambda op: f"speedtest {op.before.slug}",
    buttons=lambda op: [parts.run("Health", f"box health {op.before.slug}")],
)


@command(
    "speedtest",
    "Measure the internet line of a box, and see the last result",
    group="Act",
    args=SpeedtestArgs,
    example="lobby ap-3",
    details="Boxes of generation 3 only.",
)
async def speedtest(ctx: Context, args: SpeedtestArgs) -> Reply:
    found = await ctx.box(args.box)
    details = await ctx.ct(lambda ct: ct.boxes.details(found.slug))
    refuse(_cannot(details))
    box, last = details.box, details.latest_speedtest
    title = f"Run a speed test of {t.bold(box.name)} at {t.esc(box.location_name or 'no location')}?"
    people = f"{t.people(box.clients_online)} online there" if box.clients_online else "Whoever is online there"
    lines = [f"It fills the line for about half a minute. {people} may notice."]
    lines.append(last_speed(last) or "No test before.")
    params = {"last_at": last.at if last else None, "last_result": last.result if last else None}
    return await ctx.ask(SPEEDTEST, facts(box), title, lines, button="Run Speed Test", params=params)
