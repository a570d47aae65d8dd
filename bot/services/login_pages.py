"""The login pages of a location: found by name, switched on and off."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bot.ct import CTUser, Location, SplashPage
from bot.errors import UserError
from bot.services import names
from bot.services.act import Act, Step
from bot.services.figures import Figures, Span, read_figures
from bot.services.operation import Ending, Facts, Operation

SETTLE_SECONDS = 5.0
VIEWS_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Views:
    """How often guests saw a login page in a span, and in the one before. CT counts all pages of a location as one."""

    span: Span
    now: Figures
    before: Figures


async def read_views(ct: CTUser, place: Location, *, now: float) -> Views:
    """Of the last seven days. What CT refuses is told in words instead."""
    span = Span.until(now, VIEWS_SECONDS, place)
    seen, before = await asyncio.gather(
        *(read_figures(ct, place, "splash.views", one, sum) for one in (span, span.before()))
    )
    return Views(span, seen, before)


def called(pages: Sequence[SplashPage], query: str) -> list[SplashPage]:
    """Those that are meant by an id or a name, or by words of it."""
    things = [names.named(page, keys=(page.id, page.unique_id), name=page.name) for page in pages]
    return names.exact(things, query) or names.containing(things, query)


def page_facts(place: Location, page: SplashPage) -> Facts:
    """A login page as what is changed; records find it by its location."""
    return Facts(id=page.id, slug=place.slug, name=page.name, location_name=place.name, location_slug=place.slug)


async def look_at(ct: CTUser, op: Operation) -> SplashPage:
    """The page as it is now. Raises UserError when it is gone."""
    page = next((one for one in await ct.splash_pages.list(op.before.slug) if one.id == op.before.id), None)
    if page is None:
        raise UserError(f"{op.before.name} is gone.")
    return page


def switch_act(*, active: bool) -> Act:
    """Switching one on, or off."""
    return Act(
        kind=f"splash_{'on' if active else 'off'}",
        check=partial(_check, active=active),
        perform=partial(_switch, active=active),
        lost=partial(_look_for_switch, active=active),
    )


async def _check(ct: CTUser, op: Operation, *, active: bool) -> None:
    if (await look_at(ct, op)).active is active:
        raise UserError(f"{op.before.name} is {'on' if active else 'off'} already.")


async def _switch(ct: CTUser, op: Operation, *, active: bool) -> None:
    await ct.splash_pages.switch(op.before.slug, op.before.id, active=active)


async def _look_for_switch(ct: CTUser, op: Operation, *, active: bool) -> Step:
    """Whether it is as it was to be, where the answer was lost."""
    pages = [page for page in await ct.splash_pages.list(op.before.slug) if page.id == op.before.id]
    if pages and pages[0].active is active:
        return Step()
    if time.time() - (op.sent_at or op.asked_at) < SETTLE_SECONDS:
        return Step(again=1.0)
    return Step(ending=Ending.UNKNOWN, messages=("CT still shows it as before.",))
