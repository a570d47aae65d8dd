"""Locations (ct-api 3.1)."""

import builtins
from typing import Unpack

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTRequestError, CTResponseError
from bot.ct.location_form import LocationChanges, LocationForm
from bot.ct.location_users import LocationUser, LocationUserRow
from bot.ct.models import Listing, Location, Model, Page
from bot.ct.paging import MOST_PAGES, PER_PAGE, gather, page_reader
from bot.ct.paths import path
from bot.ct.rows import array_reader, object_reader
from bot.ct.two_routes import TwoRoutes
from bot.ct.versions import Version, versions
from bot.ct.wire import Text, decode, epoch, optional_text, text


class LocationName(Model, frozen=True, kw_only=True, gc=False):
    """A location in a picker; `unique_id` is what a box is transferred to."""

    id: str
    slug: str
    name: str = ""
    unique_id: str | None = None


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
    reports_active: bool | None = None
    reports_emails: Text = None

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
            weekly_report=self.reports_active,
            weekly_readers=_addresses(self.reports_emails),
        )


def _addresses(listed: Text) -> int | None:
    """How many stand in a list with commas; None where CT gave no list."""
    return None if listed is None else sum(bool(one.strip()) for one in text(listed).split(","))


class LocationNameRow(msgspec.Struct, gc=False):
    """A location of the short list as CT sends it."""

    id: Text = None
    slug: Text = None
    location_name: Text = None
    unique_id: Text = None

    def model(self) -> LocationName:
        slug = text(self.slug) or text(self.id)
        if not slug:
            raise CTResponseError("CT's answer holds a location without an id")
        return LocationName(
            id=text(self.id) or slug,
            slug=slug,
            name=text(self.location_name) or slug,
            unique_id=optional_text(self.unique_id),
        )


_location = object_reader(LocationRow, "location")


class Locations:
    """The locations a person can see. `loc` is a slug or an id."""

    def __init__(self, api: API, routes: TwoRoutes) -> None:
        self._api = api
        self._routes = routes

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

    async def all(
        self, *, q: str | None = None, max_pages: int = MOST_PAGES, within: float | None = None
    ) -> Listing[Location]:
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

    async def short(self, q: str | None = None) -> builtins.list[LocationName]:
        """Names that match, the first 1,000 at most: for pickers and for the target of a transfer."""
        read = array_reader("locations", LocationNameRow)
        return await self._api.get("locations.short", "/locations", read, short="yep", q=q)

    async def create(self, form: LocationForm) -> Location:
        """Add a location, with one POST."""
        return await self._api.change("locations.create", "POST", "/locations", form.body(), _location)

    async def edit(self, loc: str, **changes: Unpack[LocationChanges]) -> Location:
        """Change settings, with one PATCH. Raises CTRequestError for none, and for one that is not to be changed."""
        if not changes or not set(changes) <= set(LocationChanges.__annotations__):
            raise CTRequestError("locations.edit: not the settings of a location")
        return await self._api.change(
            "locations.edit", "PATCH", path("/locations/{}", loc), {"location": {**changes}}, _location
        )

    async def archive(self, loc: str) -> None:
        """Close it: guests cannot log in there any more (ct-api 3.1)."""
        await self._move(loc, "archive", "archived")

    async def unarchive(self, loc: str) -> None:
        """Open it again: its login pages and networks come back."""
        await self._move(loc, "unarchive", "active")

    async def _move(self, loc: str, word: str, state: str) -> None:
        patch = (path("/locations/{}", loc), {"location": {"state": state}})
        post = path("/locations/{}/" + word, loc)
        await self._routes.act(self._api, f"locations.{word}", patch=patch, post=post)

    async def favourite(self, loc: str, on: bool) -> None:
        """Make it a favourite of this person's, or no longer."""
        await self._api.act("locations.favourite", "PATCH", path("/locations/{}", loc), {"location": {"favourite": on}})

    async def users(self, loc: str, *, page: int = 1, per: int = 100) -> builtins.list[LocationUser]:
        """Colleagues who may use CT there."""
        read = array_reader("users", LocationUserRow)
        return await self._api.get("locations.users", path("/locations/{}/users", loc), read, page=page, per=per)

    async def versions(self, loc: str, *, page: int = 1, per: int = 25) -> Page[Version]:
        """Who changed what of it, as CT orders it."""
        return await versions(self._api, "locations", loc, page=page, per=per)
