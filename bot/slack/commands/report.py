"""`/ct report <location> [24h | 7d | 30d]`: a location in numbers, beside the time before."""

from dataclasses import dataclass

from bot.services.report import read_report
from bot.slack.context import Context
from bot.slack.grammar import rest, shaped
from bot.slack.periods import LOOKS, PERIOD, read_period
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import report as views


@dataclass(frozen=True)
class ReportArgs:
    location: str = rest("location", required=True, pick="location")
    period: str | None = shaped(LOOKS, PERIOD)


@command(
    "report",
    "A location in numbers: guests, people, traffic, login pages",
    group="Look",
    args=ReportArgs,
    example="harbour hotel 7d",
    details="Without a period: the last 7 days, beside the 7 days before. How many, never who: it can be shared.",
)
async def report(ctx: Context, args: ReportArgs) -> Reply:
    seconds = read_period(args.period, "7d")
    place = await ctx.location(args.location)
    found = await ctx.ct(lambda ct: read_report(ct, place, seconds=seconds, now=ctx.now))
    return views.report(found, now=ctx.now)
