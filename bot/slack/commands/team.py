"""`/ct team <location>`: who may do what there, for the asker alone."""

from dataclasses import dataclass

from bot.services.team import colleagues
from bot.slack.context import Context
from bot.slack.grammar import page, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import team as views


@dataclass(frozen=True)
class TeamArgs:
    location: str = rest("location", required=True, pick="location")
    page: int = page()


@command(
    "team",
    "Who may use CT at a location, and as what; for you alone",
    group="Look",
    args=TeamArgs,
    example="harbour hotel",
    details="Names and roles, no e-mail addresses. Who was invited and has not come yet is listed too, if CT tells.",
)
async def team(ctx: Context, args: TeamArgs) -> Reply:
    place = await ctx.location(args.location)
    there = await ctx.ct(lambda ct: colleagues(ct, place.slug))
    return views.team(place, there, page=args.page, now=ctx.now)
