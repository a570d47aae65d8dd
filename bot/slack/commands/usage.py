"""`/ct usage <box or location> [24h | 7d | 30d]`: people, traffic and heartbeats, in words and as charts."""

from dataclasses import dataclass

from bot.services.directory import EITHER
from bot.services.usage import read_usage
from bot.slack.context import Context
from bot.slack.grammar import compose, rest, shaped
from bot.slack.periods import LOOKS, PERIOD, read_period
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import usage as views


@dataclass(frozen=True)
class UsageArgs:
    thing: str = rest(EITHER, required=True, pick=EITHER)
    period: str | None = shaped(LOOKS, PERIOD)


@command(
    "usage",
    "People, traffic and heartbeats of a box or a location",
    group="Look",
    args=UsageArgs,
    example="café nord 7d",
    details="Without a period: the last 24 hours.",
)
async def usage(ctx: Context, args: UsageArgs) -> Reply:
    seconds = read_period(args.period, "24h")
    thing = await ctx.box_or_location(args.thing)
    used = await ctx.ct(lambda ct: read_usage(ct, thing, seconds=seconds, now=ctx.now))
    return views.usage(thing, used, now=ctx.now, again=compose("usage", args, thing=thing.slug, period=None))
