"""`/ct locations [search]`: the locations, trouble first."""

from dataclasses import dataclass

from bot.services.venues import read_venues
from bot.slack.context import Context
from bot.slack.grammar import compose, page, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import locations as views


@dataclass(frozen=True)
class LocationsArgs:
    search: str | None = rest("search")
    page: int = page()


@command("locations", "List locations, trouble first", group="Look", args=LocationsArgs, example="nord")
async def locations(ctx: Context, args: LocationsArgs) -> Reply:
    venues = await ctx.ct(lambda ct: read_venues(ct, args.search))
    again = compose("locations", args, page=None)
    return views.location_list(venues, search=args.search, page=args.page, now=ctx.now, again=again)
