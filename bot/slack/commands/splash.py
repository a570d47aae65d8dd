"""`/ct splash [location]`: the login pages that guests see, and how often they see them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import CTUser, SplashPage
from bot.services.login_pages import Views, read_views
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.places import located
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import login_pages as views


@dataclass(frozen=True)
class SplashArgs:
    location: str | None = rest("location")


@command(
    "splash",
    "The login pages that guests see, and how often they do",
    group="Look",
    args=SplashArgs,
    example="harbour",
    details="How often in the last 7 days: CT counts all login pages of a location together.",
)
async def splash(ctx: Context, args: SplashArgs) -> Reply:
    place = await located(ctx, "splash", args)
    if isinstance(place, Reply):
        return place

    async def read(ct: CTUser) -> tuple[Sequence[SplashPage], Views]:
        return await asyncio.gather(ct.splash_pages.list(place.slug), read_views(ct, place, now=ctx.now))

    pages, seen = await ctx.ct(read)
    return views.listed(
        pages, place=place, now=ctx.now, dashboard=ctx.services.dashboard, views=seen if pages else None
    )
