"""Networks of a location: which one is meant, and looking at it again just before a change."""

from collections.abc import Sequence

from bot.ct import CTUser, Location, Network
from bot.services import names
from bot.services.operation import Facts, Operation
from bot.services.targets import NotNowError


def find_network(networks: Sequence[Network], query: str) -> Network | None:
    """The one that is meant, by its id, its whole name, or a part that only one has; else None."""
    things = [names.named(network, keys=(network.id,), name=network.ssid) for network in networks]
    hits = names.exact(things, query) or names.containing(things, query)
    return hits[0] if len(hits) == 1 else None


def network_facts(network: Network, place: Location) -> Facts:
    """What an operation keeps of a network. Its slug is the location's: there history looks for it."""
    return Facts(
        id=network.id,
        slug=place.slug,
        name=network.ssid or "A network without a name",
        location_name=place.name,
        location_slug=place.slug,
        clients_online=place.clients_online,
    )


async def same_network(ct: CTUser, op: Operation) -> Network:
    """The network again. Raises NotNowError when it is gone, or is called differently now."""
    network = await network_now(ct, op)
    if network is None:
        raise NotNowError("CT no longer shows you this network.")
    if network.ssid and network.ssid != op.before.name:
        raise NotNowError(f"It is called {network.ssid} now. Ask again.")
    return network


async def network_now(ct: CTUser, op: Operation) -> Network | None:
    """The network as it is after a change, whatever it is called."""
    return next((one for one in await ct.networks.list(op.before.slug) if one.id == op.before.id), None)
