"""`/ct unmute <box>`: let CT send alerts of a box again."""

from dataclasses import dataclass

from bot.ct import CTUser
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply


@dataclass(frozen=True)
class UnmuteArgs:
    box: str = rest("box", required=True, pick="box")


async def _unmute(ct: CTUser, op: Operation) -> None:
    await ct.boxes.mute(op.before.slug, False)


async def _shows(ct: CTUser, op: Operation) -> bool:
    return (await ct.boxes.get(op.before.slug)).ignored is False


UNMUTE = ActView(
    act=Act(kind="box_unmute", perform=_unmute, lost=until(_shows), ends="box_mute"),
    done=lambda op: f"{t.bold(op.before.name)} is no longer muted.",
    announce=lambda op: f"unmuted {t.bold(op.before.name)}",
    again=lambda op: f"unmute {op.before.slug}",
)


@command("unmute", "Let CT send alerts of a box again", group="Act", args=UnmuteArgs, example="ap-3")
async def unmute(ctx: Context, args: UnmuteArgs) -> Reply:
    return await ctx.do(UNMUTE, facts(await ctx.box(args.box)))
