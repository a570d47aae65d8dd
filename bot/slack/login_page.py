"""The login page that a command is about: found by name, or picked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.ct import Location, SplashPage
from bot.services.login_pages import called
from bot.slack import text as t
from bot.slack.context import Context
from bot.slack.grammar import after, compose, rest
from bot.slack.pickers import Choice, Picker
from bot.slack.places import located
from bot.slack.reply import Reply
from bot.slack.views import login_pages as views


@dataclass(frozen=True)
class LoginPageArgs:
    page: str | None = rest("login page")
    location: str | None = after("in", "location")


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A login page, and where it is."""

    place: Location
    page: SplashPage


async def _choices(ctx: Context, scope: str) -> Sequence[Choice]:
    pages = await ctx.ct(lambda ct: ct.splash_pages.list(scope))
    return [Choice(page.id, page.name, views.state(page)) for page in pages]


LOGIN_PAGES = Picker("login page", _choices)


async def found_page(ctx: Context, picker: Picker, name: str, args: LoginPageArgs) -> FoundPage | Reply:
    """The one login page that is meant, or the question which. `name` is the command's."""
    place = await located(ctx, name, args)
    if isinstance(place, Reply):
        return place
    pages = await ctx.ct(lambda ct: ct.splash_pages.list(place.slug))
    if not pages:
        return views.listed([], place=place, now=ctx.now, dashboard=ctx.services.dashboard)
    hits = called(pages, args.page) if args.page else pages
    if len(hits) == 1:
        return FoundPage(place, hits[0])
    where = t.clean(place.name, 60)
    lead = f"Which login page at {where}?"
    if args.page:
        many = f"{len(hits):,} login pages at {where} match" if hits else f"No login page at {where} matches"
        lead = f"{many} “{t.clean(args.page, 60)}”. Which one?"
    template = compose(name, replace(args, location=place.slug), page="{}")
    return await ctx.pick(picker, lead, template=template, scope=place.slug)
