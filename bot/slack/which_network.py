"""Which network, and of which location: what commands about networks ask for when it was not typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.ct import CTUser, Location, Network
from bot.services.networks import find_network
from bot.services.operation import Facts
from bot.slack.context import Context
from bot.slack.grammar import after, compose, rest
from bot.slack.pickers import Choice, Picker
from bot.slack.reply import Reply
from bot.slack.views import asking
from bot.slack.views import networks as views


@dataclass(frozen=True)
class NetworkArgs:
    network: str | None = rest("network")
    location: str | None = after("in", "location")


async def _choices(ctx: Context, scope: str) -> Sequence[Choice]:
    networks = await ctx.ct(lambda ct: ct.networks.list(scope))
    return [Choice(network.id, network.ssid, views.network_words(network)) for network in networks]


NETWORK = Picker(noun="network", choices=_choices)


async def ask_location(ctx: Context, lead: str, template: str) -> Reply:
    """Ask for the location; `template` is the command with `{}` for it."""
    return asking.picker("location", await ctx.services.asks.keep(ctx.who.key, template), lead)


async def which_network(ctx: Context, name: str, args: NetworkArgs) -> tuple[Location, Network] | Reply:
    """The network that is meant, read fresh with its location; or the question which one."""
    if args.location is None:
        return await ask_location(ctx, "At which location?", compose(name, args, location="{}"))
    found = await ctx.location(args.location)
    place, networks = await ctx.ct(lambda ct: read_networks(ct, found.slug))
    if not networks:
        return views.none_yet(place)
    network = find_network(networks, args.network) if args.network else None
    if network is not None:
        return place, network
    template = compose(name, NetworkArgs("{}", place.slug))
    lead = views.no_such(args.network, place) if args.network else f"Which network of {place.name}?"
    return await ctx.pick(NETWORK, lead, template=template, scope=place.slug)


def facts_in(meta: Mapping[str, str]) -> Facts:
    """The network that a form is about, from what the form carries: id, slug, name and place."""
    slug = meta["slug"]
    return Facts(id=meta["id"], slug=slug, name=meta["name"], location_name=meta.get("place"), location_slug=slug)


async def read_networks(ct: CTUser, slug: str) -> tuple[Location, list[Network]]:
    """A location and its networks, read fresh."""
    return await ct.locations.get(slug), await ct.networks.list(slug)
