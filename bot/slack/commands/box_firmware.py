"""`/ct box firmware <box>`: its firmware."""

from dataclasses import dataclass

from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import box_details as views


@dataclass(frozen=True)
class BoxFirmwareArgs:
    box: str = rest("box", required=True, pick="box")


@command(
    "box firmware", "The firmware of a box, and what comes next", group="Look", args=BoxFirmwareArgs, example="ap-3"
)
async def box_firmware(ctx: Context, args: BoxFirmwareArgs) -> Reply:
    found = await ctx.box(args.box)
    return views.firmware(await ctx.ct(lambda ct: ct.boxes.details(found.slug)), ctx.now)
