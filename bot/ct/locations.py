"""Locations (ct-api 3.1)."""

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTResponseError
from bot.ct.models import Listing, Location, Page
from bot.ct.paging import PER_PAGE, gather, page_reader
from bot.ct.paths import path
from bot.ct.wire import Text, decode, epoch, optional_text, text


class LocationRow(msgspec.Struct, gc=False):
    """A location as CT sends it: the fields we read, and no other."""

    id: Text = None
    slug: Text = None
    unique_id: Text = None
    location_name: Text = None
    location_address: Text = None
    town: Text = None
    postcode: Text = None
    country: Text = None
    archived: bool | None = None
    state: Text = None
    clients_online: int | None = None
    clients_total: int | None = None
    boxes_count: int | None = None
    is_favourite: bool | None = None
    updated_at: Text = None
    created_at: Text = None
    timezone: Text = None

    def model(self) -> Location:
        slug = text(self.slug) or text(self.id)
        if not slug:
            raise CTResponseError("CT's answer holds a location without an id")
        return Location(
            id=text(self.id) or slug,
            slug=slug,
            unique_id=optional_text(self.unique_id),
            name=text(self.location_name) or slug,
            address=optional_text(self.location_address),
            town=optional_text(self.town),
            postcode=optional_text(self.postcode),
            country=optional_text(self.country),
            archived=bool(self.archived) or self.state == "archived",
            clients_online=self.clients_online,
            clients_total=self.clients_total,
            boxes_count=self.boxes_count,
            is_favourite=bool(self.is_favourite),
            updated_at=epoch(self.updated_at),
            created_at=epoch(self.created_at),
            timezone=optional_text(self.timezone),
        )


class Locations:
    """The locations a person can see."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def list(
        self,
        *,
        q: str | None = None,
        sort: str | None = None,
        direction: str | None = None,
        page: int = 1,
        per: int = 25,
        favourites: bool = False,
    ) -> Page[Location]:
        """One page; `sort` is one of CT's field names, `direction` is asc or desc."""
        return await self._api.get(
            "locations.list",
            "/locations",
            page_reader("locations", LocationRow, page),
            q=q,
            sort=sort,
            direction=direction,
            page=page,
            per=per,
            favourites=favourites or None,
        )

    async def all(self, *, q: str | None = None, max_pages: int = 50, within: float | None = None) -> Listing[Location]:
        """All of them, in `within` seconds at most (the client's deadline unless given)."""
        return await gather(
            lambda number: self.list(q=q, page=number, per=PER_PAGE),
            max_pages=max_pages,
            within=within or self._api.deadline,
        )

    async def get(self, location_id: str) -> Location:
        """One location by slug or id."""
        return await self._api.get(
            "locations.get", path("/locations/{}", location_id), lambda body: decode(body, LocationRow).model()
        )
