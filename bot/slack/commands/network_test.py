"""`/ct network test <network> in <location>`: ask CT to test the RADIUS server of a network."""

from bot.ct import CTInvalidError
from bot.services.targets import refuse
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import networks as views
from bot.slack.which_network import NetworkArgs, which_network


@command(
    "network test",
    "Test the RADIUS server of a Wi-Fi network",
    group="Act",
    args=NetworkArgs,
    example="events in café nord",
    details="It changes nothing and nobody notices it.",
)
async def network_radius(ctx: Context, args: NetworkArgs) -> Reply:
    found = await which_network(ctx, "network test", args)
    if isinstance(found, Reply):
        return found
    place, network = found
    if network.access_type not in {"radius", None}:
        refuse(f"{network.ssid} does not use a RADIUS server, so there is nothing to test.")
    try:
        answer = await ctx.ct(lambda ct: ct.networks.radtest(place.slug, network.id))
    except CTInvalidError as error:
        return views.radius(network, passed=False, said=" ".join(error.messages))
    return views.radius(network, passed=answer.success, said=answer.message or "")
