"""`/ct wifi <location>`: the Wi-Fi of a location with its passwords, to the asker alone."""

import asyncio
from dataclasses import dataclass

from bot.ct import CTUser, Location, NetworkDetails
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import networks as views
from bot.slack.which_network import read_networks


@dataclass(frozen=True)
class WifiArgs:
    location: str = rest("location", required=True, pick="location")


@command(
    "wifi",
    "The Wi-Fi of a location with its passwords, for you alone",
    group="Look",
    args=WifiArgs,
    example="café nord",
    details="Nobody else in the channel sees it. CT can send it on by e-mail or SMS.",
)
async def wifi(ctx: Context, args: WifiArgs) -> Reply:
    found = await ctx.location(args.location)
    place, details = await ctx.ct(lambda ct: _read(ct, found.slug))
    return views.wifi(place, details)


async def _read(ct: CTUser, slug: str) -> tuple[Location, list[NetworkDetails]]:
    """Passwords are read only of the networks that are on and have one."""
    place, networks = await read_networks(ct, slug)
    on = [network for network in networks if network.active is not False]
    locked = [network for network in on if network.access_type not in {"open", "radius"}]
    read = await asyncio.gather(*(ct.networks.details(slug, network.id) for network in locked))
    known = {one.network.id: one for one in read}
    return place, [known.get(network.id) or NetworkDetails(network=network) for network in on]
