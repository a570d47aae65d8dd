"""The login page that a command is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import Location, SplashPage
from bot.services.login_pages import called
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.kept_there import Sort, found
from bot.slack.pickers import Choice, Picker
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
_PAGE = Sort(
    plural="login pages",
    argument="page",
    read=lambda ct, loc: ct.splash_pages.list(loc),
    called=called,
    none=lambda ctx, place: views.listed([], place=place, now=ctx.now, dashboard=ctx.services.dashboard),
)


async def found_page(ctx: Context, picker: Picker, name: str, args: LoginPageArgs) -> FoundPage | Reply:
    """The one login page that is meant, or the question which. `name` is the command's."""
    page = await found(ctx, _PAGE, picker, name, args)
    return page if isinstance(page, Reply) else FoundPage(*page)
