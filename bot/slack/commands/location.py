"""`/ct location <location>`: one location at a glance."""

from dataclasses import dataclass

from bot.services.venues import read_venue
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import locations as views


@dataclass(frozen=True)
class LocationArgs:
    location: str = rest("location", required=True, pick="location")


@command("location", "One location: its people and its boxes", group="Look", args=LocationArgs, example="café nord")
async def location(ctx: Context, args: LocationArgs) -> Reply:
    place = await ctx.location(args.location)
    venue = await ctx.ct(lambda ct: read_venue(ct, place.slug))
    return views.location_card(venue, now=ctx.now, dashboard=ctx.services.dashboard)
