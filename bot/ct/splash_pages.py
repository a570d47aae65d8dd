"""Splash pages: the login pages that guests see (ct-api 3.8)."""

import builtins

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTResponseError
from bot.ct.models import Model
from bot.ct.paths import path
from bot.ct.rows import MOST_ROWS
from bot.ct.wire import Text, decode, optional_text, text


class SplashPage(Model, frozen=True, kw_only=True):
    """A login page. `access` is CT's word for how guests get in, where it tells one."""

    id: str
    unique_id: str | None = None
    name: str = ""
    active: bool | None = None
    access: str | None = None


class AccessTypeRow(msgspec.Struct):
    """A way to get in, as CT sends it; that its word is called `name` is inferred."""

    id: Text = None
    name: Text = None


class SplashPageRow(msgspec.Struct):
    """A login page as CT sends it; its `password` stays outside."""

    id: Text = None
    unique_id: Text = None
    splash_name: Text = None
    active: bool | None = None
    primary_access_id: Text = None


class SplashPagesRow(msgspec.Struct):
    """`{splash_pages, access_types}`."""

    splash_pages: list[SplashPageRow]
    access_types: list[AccessTypeRow] | None = None

    def model(self) -> list[SplashPage]:
        words = {text(one.id): optional_text(one.name) for one in self.access_types or []}
        return [_page(row, words) for row in self.splash_pages[:MOST_ROWS]]


def _page(row: SplashPageRow, words: dict[str, str | None]) -> SplashPage:
    id_ = text(row.id) or text(row.unique_id)
    if not id_:
        raise CTResponseError("CT's answer holds a splash page without an id")
    return SplashPage(
        id=id_,
        unique_id=optional_text(row.unique_id),
        name=text(row.splash_name) or id_,
        active=row.active,
        access=words.get(text(row.primary_access_id)),
    )


class SplashPages:
    """The login pages of a location. `loc` is its slug or id."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def list(self, loc: str) -> builtins.list[SplashPage]:
        """All of them."""
        return await self._api.get(
            "splash_pages.list",
            path("/locations/{}/splash_pages", loc),
            lambda body: decode(body, SplashPagesRow).model(),
        )

    async def switch(self, loc: str, page_id: str, *, active: bool) -> None:
        """Show a login page to guests, or not."""
        route = path("/locations/{}/splash_pages/{}", loc, page_id)
        await self._api.act("splash_pages.switch", "PATCH", route, {"splash_page": {"active": active}})
