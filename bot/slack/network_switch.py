"""Turning a network on and off: the same in all but a word, and in whom it hurts."""

from bot.ct import CTUser, Network
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.networks import network_facts, network_now, same_network
from bot.services.operation import Operation
from bot.services.targets import refuse
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.reply import Reply
from bot.slack.views import networks as views
from bot.slack.views import parts
from bot.slack.which_network import NetworkArgs, which_network


def _word(active: bool) -> str:
    return "on" if active else "off"


def _cannot(network: Network, active: bool) -> str | None:
    return f"{network.ssid} is {_word(active)} already." if network.active is active else None


def switch_view(*, active: bool) -> ActView:
    """The words of the one or the other."""
    word, other = _word(active), _word(not active)
    back = "Turn It Off…" if active else "Turn It On Again…"

    async def switch(ct: CTUser, op: Operation) -> None:
        await ct.networks.switch(op.before.slug, op.before.id, active=active)

    async def check(ct: CTUser, op: Operation) -> None:
        refuse(_cannot(await same_network(ct, op), active))

    async def is_switched(ct: CTUser, op: Operation) -> bool:
        network = await network_now(ct, op)
        return network is not None and network.active is active

    return ActView(
        act=Act(kind=f"network_{word}", perform=switch, check=check, lost=until(is_switched)),
        done=lambda op: f"CT turns {t.bold(op.before.name)} {word}. The boxes need a moment to sync.",
        announce=lambda op: (
            f"turned the network {t.bold(op.before.name)} at {t.bold(op.before.location_name or '')} {word}"
        ),
        again=lambda op: f"network {word} {op.before.id} in {op.before.slug}",
        buttons=lambda op: [parts.run(back, f"network {other} {op.before.id} in {op.before.slug}")],
    )


async def ask_switch(ctx: Context, view: ActView, args: NetworkArgs, *, active: bool) -> Reply:
    """The question, with who is online there."""
    word = _word(active)
    found = await which_network(ctx, f"network {word}", args)
    if isinstance(found, Reply):
        return found
    place, network = found
    refuse(_cannot(network, active))
    lines = [views.who_is_hurt(place)]
    if not active:
        lines.append("Whoever is on this network stays without Wi-Fi until it is on again.")
    title = f"Turn {t.bold(network.ssid)} at {t.bold(place.name)} {word}?"
    return await ctx.ask(view, network_facts(network, place), title, lines, button=f"Turn It {word.capitalize()}")
