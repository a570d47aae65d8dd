"""`/ct box radio <box>`: its radios."""

from dataclasses import dataclass

from bot.services.targets import refuse, unmanaged
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import box_details as views


@dataclass(frozen=True)
class BoxRadioArgs:
    box: str = rest("box", required=True, pick="box")


@command(
    "box radio",
    "The radios of a box: channels, widths, powers",
    group="Look",
    args=BoxRadioArgs,
    example="ap-3",
    details='A box that is itself called radio: /ct box "radio".',
)
async def box_radio(ctx: Context, args: BoxRadioArgs) -> Reply:
    found = await ctx.box(args.box)
    refuse(unmanaged(found, "radio settings"))
    return views.radio(await ctx.ct(lambda ct: ct.boxes.details(found.slug)), ctx.now)
