"""`/ct resync <box>`: let CT send a box its configuration again; the gentle step before a reset."""

from dataclasses import dataclass

from bot.ct import CTUser
from bot.services.changes import Act
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import cannot, refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.on_box import people_on


@dataclass(frozen=True)
class ResyncArgs:
    box: str = rest("box", required=True, pick="box")
    reason: str | None = after("because", "reason")


async def _resync(ct: CTUser, op: Operation) -> None:
    await ct.boxes.resync(op.before.slug)


async def _check(ct: CTUser, op: Operation) -> None:
    refuse(cannot(await same_box(ct, op), "resync"))


RESYNC = ActView(
    act=Act(kind="box_resync", perform=_resync, check=_check),
    done=lambda op: (
        f"CT took the resync of {t.bold(op.before.name)}. The box takes its configuration in a minute or two."
    ),
    announce=lambda op: f"resynced {t.bold(op.before.name)}: CT sends it its configuration again",
    again=lambda op: f"resync {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"box {op.before.slug}")],
)


@command(
    "resync",
    "Send a box its configuration again",
    group="Act",
    args=ResyncArgs,
    example="ap-3",
    details="Try it before a reset: it keeps everything. Wi-Fi may drop for a moment.",
)
async def resync(ctx: Context, args: ResyncArgs) -> Reply:
    found = await ctx.box(args.box)
    box = await ctx.ct(lambda ct: ct.boxes.get(found.slug))
    refuse(cannot(box, "resync"))
    lines = [f"{people_on(box)} Wi-Fi may drop for a moment while it takes its configuration again."]
    title = f"Resync {t.bold(box.name)} at {t.esc(box.location_name or 'no location')}?"
    return await ctx.ask(RESYNC, facts(box), title, lines, button="Resync", reason=args.reason)
