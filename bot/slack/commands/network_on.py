"""`/ct network on <network> in <location>`: send a network again. Asked once: the boxes sync."""

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
from bot.slack.which_network import NetworkArgs, which_network


async def _on(ct: CTUser, op: Operation) -> None:
    await ct.networks.switch(op.before.slug, op.before.id, active=True)


async def _check(ct: CTUser, op: Operation) -> None:
    network = await same_network(ct, op)
    refuse(f"{network.ssid} is on already." if network.active is True else None)


async def _is_on(ct: CTUser, op: Operation) -> bool:
    network = await network_now(ct, op)
    return network is not None and network.active is True


ON = ActView(
    act=Act(kind="network_on", perform=_on, check=_check, lost=until(_is_on)),
    done=lambda op: f"CT turns {t.bold(op.before.name)} on. The boxes need a moment to sync.",
    announce=lambda op: f"turned the network {t.bold(op.before.name)} at {t.bold(op.before.location_name or '')} on",
    again=lambda op: f"network on {op.before.id} in {op.before.slug}",
    buttons=lambda op: [parts.run("Turn It Off…", f"network off {op.before.id} in {op.before.slug}")],
)


@command(
    "network on",
    "Turn a Wi-Fi network on",
    group="Act",
    args=NetworkArgs,
    example="events in café nord",
    details="I show how many people are online there and ask once. /ct network off turns it off again.",
)
async def network_on(ctx: Context, args: NetworkArgs) -> Reply:
    found = await which_network(ctx, "network on", args)
    if isinstance(found, Reply):
        return found
    place, network = found
    refuse(f"{network.ssid} is on already." if network.active is True else None)
    lines = [views.who_is_hurt(place)]
    title = f"Turn {t.bold(network.ssid)} at {t.bold(place.name)} on?"
    return await ctx.ask(ON, network_facts(network, place), title, lines, button="Turn It On")
