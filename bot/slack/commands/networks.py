"""`/ct networks <location>`: the Wi-Fi networks of a location."""

from dataclasses import dataclass

from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import networks as views
from bot.slack.which_network import read_networks


@dataclass(frozen=True)
class NetworksArgs:
    location: str = rest("location", required=True, pick="location")


@command("networks", "The Wi-Fi networks of a location", group="Look", args=NetworksArgs, example="café nord")
async def networks(ctx: Context, args: NetworksArgs) -> Reply:
    found = await ctx.location(args.location)
    place, known = await ctx.ct(lambda ct: read_networks(ct, found.slug))
    return views.network_list(place, known, now=ctx.now) if known else views.none_yet(place)
