"""`/ct clients count <box or location>`: how many devices are online, by network. This may be shared."""

from dataclasses import dataclass

from bot.services.devices import read_devices
from bot.services.directory import EITHER
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import clients as views


@dataclass(frozen=True)
class ClientsCountArgs:
    thing: str = rest(EITHER, required=True, pick=EITHER)


@command(
    "clients count",
    "How many devices are online, by network",
    group="Look",
    args=ClientsCountArgs,
    example="café nord",
    hidden=True,
)
async def clients_count(ctx: Context, args: ClientsCountArgs) -> Reply:
    thing = await ctx.box_or_location(args.thing)
    devices = await ctx.ct(lambda ct: read_devices(ct, thing))
    return views.count(thing, devices, now=ctx.now)
