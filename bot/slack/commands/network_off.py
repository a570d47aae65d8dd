"""`/ct network off <network> in <location>`: stop sending a network. Asked once: it throws people out."""

from bot.ct import CTUser
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.networks import network_facts, network_now, same_network
from bot.services.operation import Operation
from bot.services.targets import refuse
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import networks as views
from bot.slack.views import parts
from bot.slack.which_network import NETWORK, NetworkArgs, which_network

__all__ = ["NETWORK"]  # the loader finds the picker here


async def _off(ct: CTUser, op: Operation) -> None:
    await ct.networks.switch(op.before.slug, op.before.id, active=False)


async def _check(ct: CTUser, op: Operation) -> None:
    network = await same_network(ct, op)
    refuse(f"{network.ssid} is off already." if network.active is False else None)


async def _is_off(ct: CTUser, op: Operation) -> bool:
    network = await network_now(ct, op)
    return network is not None and network.active is False


OFF = ActView(
    act=Act(kind="network_off", perform=_off, check=_check, lost=until(_is_off)),
    done=lambda op: f"CT turns {t.bold(op.before.name)} off. The boxes need a moment to sync.",
    announce=lambda op: f"turned the network {t.bold(op.before.name)} at {t.bold(op.before.location_name or '')} off",
    again=lambda op: f"network off {op.before.id} in {op.before.slug}",
    buttons=lambda op: [parts.run("Turn It On Again…", f"network on {op.before.id} in {op.before.slug}")],
)


@command(
    "network off",
    "Turn a Wi-Fi network off",
    group="Act",
    args=NetworkArgs,
    example="events in café nord",
    details="I show how many people are online there and ask once. /ct network on turns it on again.",
)
async def network_off(ctx: Context, args: NetworkArgs) -> Reply:
    found = await which_network(ctx, "network off", args)
    if isinstance(found, Reply):
        return found
    place, network = found
    refuse(f"{network.ssid} is off already." if network.active is False else None)
    lines = [views.who_is_hurt(place), "Whoever is on this network stays without Wi-Fi until it is on again."]
    title = f"Turn {t.bold(network.ssid)} at {t.bold(place.name)} off?"
    return await ctx.ask(OFF, network_facts(network, place), title, lines, button="Turn It Off")
