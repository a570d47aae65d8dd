"""`/ct quickcode [location]`: the passwords that guests share at a location, to the asker alone."""

from dataclasses import dataclass

from bot.slack.context import Context
from bot.slack.grammar import page, rest
from bot.slack.places import located
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import quickcodes as views


@dataclass(frozen=True)
class QuickCodeArgs:
    location: str | None = rest("location")
    page: int = page()


@command(
    "quickcode", "The passwords that all guests share for a day", group="Look", args=QuickCodeArgs, example="harbour"
)
async def quickcode(ctx: Context, args: QuickCodeArgs) -> Reply:
    place = await located(ctx, "quickcode", args)
    if isinstance(place, Reply):
        return place
    found = await ctx.ct(lambda ct: ct.splash_codes.list(place.slug, page=args.page, per=views.PER_PAGE))
    return views.listed(found, place=place, now=ctx.now)
