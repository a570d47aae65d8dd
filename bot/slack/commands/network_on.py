"""`/ct network on <network> in <location>`: send a network again. Asked once: the boxes sync."""

from bot.slack.context import Context
from bot.slack.network_switch import ask_switch, switch_view
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.which_network import NetworkArgs

ON = switch_view(active=True)


@command(
    "network on",
    "Turn a Wi-Fi network on",
    group="Act",
    args=NetworkArgs,
    example="events in café nord",
    details="I show how many people are online there and ask once. /ct network off turns it off again.",
)
async def network_on(ctx: Context, args: NetworkArgs) -> Reply:
    return await ask_switch(ctx, ON, args, active=True)
