"""`/ct network off <network> in <location>`: stop sending a network. Asked once: it throws people out."""

from bot.slack.context import Context
from bot.slack.network_switch import ask_switch, switch_view
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.which_network import NETWORK, NetworkArgs

__all__ = ["NETWORK"]  # the loader finds the picker here

OFF = switch_view(active=False)


@command(
    "network off",
    "Turn a Wi-Fi network off",
    group="Act",
    args=NetworkArgs,
    example="events in café nord",
    details="I show how many people are online there and ask once. /ct network on turns it on again.",
)
async def network_off(ctx: Context, args: NetworkArgs) -> Reply:
    return await ask_switch(ctx, OFF, args, active=False)
