"""`/ct splash [location]`: the login pages that guests see."""

from dataclasses import dataclass

from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.places import located
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import login_pages as views


@dataclass(frozen=True)
class SplashArgs:
    location: str | None = rest("location")


@command("splash", "List the login pages that guests see", group="Look", args=SplashArgs, example="harbour")
async def splash(ctx: Context, args: SplashArgs) -> Reply:
    place = await located(ctx, "splash", args)
    if isinstance(place, Reply):
        return place
    pages = await ctx.ct(lambda ct: ct.splash_pages.list(place.slug))
    return views.listed(pages, place=place, now=ctx.now, dashboard=ctx.services.dashboard)
