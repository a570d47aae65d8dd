"""`/ct resync <box>`: let CT send a box its configuration again; the gentle step before a reset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.ct import CTUser
from bot.services.box_jobs import Look, before, begun, following
from bot.services.changes import Act, Step
from bot.services.operation import Ending, Operation
from bot.services.reboot import facts
from bot.services.targets import cannot, refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.on_box import how_it_stands, people_on

JOB = "resync"
LOOK_AGAIN, PATIENCE = 5.0, 300.0
NO_SIGN = 60.0  # how long a job whose answer was lost is looked for


@dataclass(frozen=True)
class ResyncArgs:
    box: str = rest("box", required=True, pick="box")
    reason: str | None = after("because", "reason")


async def _resync(ct: CTUser, op: Operation) -> None:
    await ct.boxes.resync(op.before.slug)


async def _check(ct: CTUser, op: Operation) -> Mapping[str, Any]:
    box = await same_box(ct, op)
    refuse(cannot(box, JOB))
    return await before(ct, box, JOB)


def judge(op: Operation, seen: Look, now: float) -> Step:
    """What one look means. CT shows of a resync that the box is free again and was heard since (`ct-api.md` 4.3)."""
    box, free = seen.box, seen.up and seen.box.allowed_job is not False
    if seen.failed:
        return Step(ending=Ending.FAILED, messages=(f"CT's record of the job says so; {how_it_stands(box, now)}.",))
    if free and seen.taken and seen.heard_since and not seen.under_way:
        return Step(params={"after": (box.last_heartbeat or 0) - (op.sent_at or op.asked_at)})
    if seen.waited <= (PATIENCE if seen.taken else NO_SIGN):
        return Step(again=LOOK_AGAIN, params=None if "begun" in op.params or not begun(box, JOB) else {"begun": True})
    how = how_it_stands(box, now) if seen.taken else "CT shows no sign of it"
    record = f"; its record of the job says “{seen.record.status}”" if seen.record else ""
    why = f"After {t.span(seen.waited)} {how}{record}. Look at the box before you try once more."
    return Step(ending=Ending.UNKNOWN, messages=(why,))


def _done(op: Operation) -> str:
    after = op.params["after"]
    heard = f"{t.span(after)} after it" if after >= 1 else "since"
    return f"{t.bold(op.before.name)} is through with the resync: CT heard from it {heard}, and shows it online."


RESYNC = ActView(
    act=Act(kind="box_resync", perform=_resync, check=_check, follow=following(JOB, judge)),
    done=_done,
    started=lambda op: f"started a resync of {t.bold(op.before.name)}, by which CT sends it its configuration again",
    announce=lambda op: f"resynced {t.bold(op.before.name)}: it is online",
    again=lambda op: f"resync {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"box {op.before.slug}")],
)


@command(
    "resync",
    "Send a box its configuration again",
    group="Act",
    args=ResyncArgs,
    example="ap-3",
    details="Try it before a reset: it keeps everything. Wi-Fi may drop for a moment. I tell you how it ends.",
)
async def resync(ctx: Context, args: ResyncArgs) -> Reply:
    found = await ctx.box(args.box)
    box = await ctx.ct(lambda ct: ct.boxes.get(found.slug))
    refuse(cannot(box, JOB))
    lines = [f"{people_on(box)} Wi-Fi may drop for a moment while it takes its configuration again."]
    title = f"Resync {t.bold(box.name)} at {t.esc(box.location_name or 'no location')}?"
    return await ctx.ask(RESYNC, facts(box), title, lines, button="Resync", reason=args.reason)
