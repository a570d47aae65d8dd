"""`/ct box <box>`: one box at a glance."""

from dataclasses import dataclass

from bot.ct import Box, CTError, CTUser, Heartbeat
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import boxes as views


@dataclass(frozen=True)
class BoxArgs:
    box: str = rest("box", required=True, pick="box")


@command(
    "box", "One box: its state, people, addresses, last 24 hours", group="Look", args=BoxArgs, example="lobby ap-3"
)
async def box(ctx: Context, args: BoxArgs) -> Reply:
    found = await ctx.box(args.box)
    fresh, beats = await ctx.ct(lambda ct: _read(ct, found.slug))
    return views.box_card(fresh, beats, now=ctx.now, dashboard=ctx.services.dashboard)


async def _read(ct: CTUser, slug: str) -> tuple[Box, list[Heartbeat]]:
    fresh = await ct.boxes.get(slug)
    try:
        return fresh, await ct.boxes.heartbeats(slug)
    except CTError:
        # The strip is an extra; an older CT, or a role without it, still shows the box.
        return fresh, []
