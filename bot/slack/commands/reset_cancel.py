"""`/ct reset cancel <box>`: withdraw a reset that somebody asked for at the box itself."""

from dataclasses import dataclass

from bot.ct import Box, CTUser
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply


@dataclass(frozen=True)
class ResetCancelArgs:
    box: str = rest("box", required=True, pick="box")


async def _cancel(ct: CTUser, op: Operation) -> None:
    await ct.boxes.cancel_reset(op.before.slug)


async def _check(ct: CTUser, op: Operation) -> None:
    refuse(_cannot(await same_box(ct, op)))


def _cannot(box: Box) -> str | None:
    return None if box.reset_confirmation else f"Nobody asked for a reset at {box.name}: there is nothing to withdraw."


async def _is_withdrawn(ct: CTUser, op: Operation) -> bool:
    return not (await ct.boxes.get(op.before.slug)).reset_confirmation


RESET_CANCEL = ActView(
    act=Act(kind="box_reset_cancel", perform=_cancel, check=_check, lost=until(_is_withdrawn)),
    done=lambda op: f"The reset that was asked for at {t.bold(op.before.name)} is withdrawn.",
    announce=lambda op: f"withdrew the reset that was asked for at {t.bold(op.before.name)}",
    again=lambda op: f"reset cancel {op.before.slug}",
)


@command(
    "reset cancel",
    "Withdraw a reset that was asked for at the box",
    group="Act",
    args=ResetCancelArgs,
    example="ap-3",
)
async def reset_cancel(ctx: Context, args: ResetCancelArgs) -> Reply:
    found = await ctx.box(args.box)
    box = await ctx.ct(lambda ct: ct.boxes.get(found.slug))
    refuse(_cannot(box))
    return await ctx.do(RESET_CANCEL, facts(box))
