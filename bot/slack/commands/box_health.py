"""`/ct box health <box>`: its self-test and its line."""

from dataclasses import dataclass

from bot.services.targets import refuse, unmanaged
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import box_details as views


@dataclass(frozen=True)
class BoxHealthArgs:
    box: str = rest("box", required=True, pick="box")


@command(
    "box health",
    "How a box is: its self-test, its connection, its line",
    group="Look",
    args=BoxHealthArgs,
    example="ap-3",
    details='A box that is itself called health: /ct box "health".',
)
async def box_health(ctx: Context, args: BoxHealthArgs) -> Reply:
    found = await ctx.box(args.box)
    refuse(unmanaged(found, "self-test"))
    return views.health(await ctx.ct(lambda ct: ct.boxes.details(found.slug)), ctx.now)
