"""`/ct boxes [location]`: the boxes of a location, or of all, trouble first."""

import time
from dataclasses import dataclass

from bot.services.venues import read_venue, trouble_first
from bot.slack.context import Context
from bot.slack.grammar import compose, page, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import boxes as views


@dataclass(frozen=True)
class BoxesArgs:
    location: str | None = rest("location")
    page: int = page()


@command(
    "boxes", "List the boxes of a location, or of all, trouble first", group="Look", args=BoxesArgs, example="café nord"
)
async def boxes(ctx: Context, args: BoxesArgs) -> Reply:
    if args.location is None:
        return await _everywhere(ctx, args)
    place = await ctx.location(args.location)
    venue = await ctx.ct(lambda ct: read_venue(ct, place.slug))
    return views.box_list(
        venue.boxes,
        place=venue.location,
        page=args.page,
        now=ctx.now,
        at=ctx.now,
        again=compose("boxes", args, location=place.slug, page=None),
        complete=venue.complete,
    )


async def _everywhere(ctx: Context, args: BoxesArgs) -> Reply:
    """All boxes come from the directory, which may be a minute old: the list says how old."""
    catalogue = await ctx.services.directory.boxes(ctx.who)
    age = max(0.0, time.monotonic() - catalogue.at)
    found = trouble_first([thing.item for thing in catalogue.things])
    return views.box_list(
        found, place=None, page=args.page, now=ctx.now, at=ctx.now - age, again="boxes", complete=catalogue.complete
    )
