"""`/ct locations favourites`: the locations that one keeps as favourites at CT, trouble first."""

from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.services.venues import read_favourites
from bot.slack.context import Context
from bot.slack.grammar import page
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import locations as views
from bot.slack.views import parts


@dataclass(frozen=True)
class LocationsFavouritesArgs:
    page: int = page()


@command(
    "locations favourites", "List your favourite locations, trouble first", group="Look", args=LocationsFavouritesArgs
)
async def locations_favourites(ctx: Context, args: LocationsFavouritesArgs) -> Reply:
    venues = await ctx.ct(read_favourites)
    if not venues.locations:
        return _none()
    again = "locations favourites"
    return views.location_list(venues, search=None, page=args.page, now=ctx.now, again=again, noun="favourite")


def _none() -> Reply:
    line = "You have no favourites yet. Make a location one: /ct favourite"
    blocks: list[Block] = [parts.section(line), parts.actions(parts.run("Choose One", "favourite"))]
    return Reply(line, blocks)
