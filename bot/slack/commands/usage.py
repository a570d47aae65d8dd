"""`/ct usage <box or location> [24h | 7d | 30d]`: people, traffic and heartbeats, in words and as charts."""

from dataclasses import dataclass

from bot.errors import UsageError
from bot.services.directory import EITHER
from bot.services.usage import STEPS, read_usage
from bot.slack import text as t
from bot.slack.context import Context
from bot.slack.grammar import compose, rest, shaped
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.spans import parse_span
from bot.slack.views import usage as views

PERIOD = "24h | 7d | 30d"
_LOOKS = r"for\s+\S.*|24\s?h|7\s?d|30\s?d"  # what only looks like a period may be a name: “Bar 24”


@dataclass(frozen=True)
class UsageArgs:
    thing: str = rest(EITHER, required=True, pick=EITHER)
    period: str | None = shaped(_LOOKS, PERIOD)


@command(
    "usage",
    "People, traffic and heartbeats of a box or a location",
    group="Look",
    args=UsageArgs,
    example="café nord 7d",
    details="Without a period: the last 24 hours.",
)
async def usage(ctx: Context, args: UsageArgs) -> Reply:
    seconds = _period(args.period)
    thing = await ctx.box_or_location(args.thing)
    used = await ctx.ct(lambda ct: read_usage(ct, thing, seconds=seconds, now=ctx.now))
    return views.usage(thing, used, now=ctx.now, again=compose("usage", args, thing=thing.slug, period=None))


def _period(typed: str | None) -> int:
    words = (typed or "24h").casefold().removeprefix("for ")
    seconds = parse_span(words, least=1, most=366 * t.DAY)
    if seconds not in STEPS:
        raise UsageError(f"I can show 24h, 7d or 30d, not “{words}”.")
    return seconds
