"""`/ct clients <box or location>`: how many devices are online, and which; for the asker alone."""

from dataclasses import dataclass

from bot.services.devices import read_devices
from bot.services.directory import EITHER
from bot.slack.context import Context
from bot.slack.grammar import page, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import clients as views


@dataclass(frozen=True)
class ClientsArgs:
    thing: str = rest(EITHER, required=True, pick=EITHER)
    page: int = page()


@command(
    "clients",
    "Guests' devices at a location or on a box, for you alone",
    group="Look",
    args=ClientsArgs,
    example="café nord",
    details="How many are online, and on which network; names and addresses of devices are shown to you only.",
)
async def clients(ctx: Context, args: ClientsArgs) -> Reply:
    thing = await ctx.box_or_location(args.thing)
    devices = await ctx.ct(lambda ct: read_devices(ct, thing))
    return views.client_list(thing, devices, page=args.page, now=ctx.now)
