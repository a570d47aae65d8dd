"""Splash pages: the login pages that guests see (ct-api.md 3.8)."""

import random
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.forms import Form, nested
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.shelves import Kind

VOUCHERS, PASSWORD, REGISTRATION, QUICKCODE = 1, 2, 3, 7
ACCESS_TYPES = {VOUCHERS: "Vouchers", PASSWORD: "Password", REGISTRATION: "Registration", QUICKCODE: "QuickCode"}
"""Ids and words are inferred: the answer is known to list them."""


@dataclass
class SplashPage:
    id: int
    unique_id: str
    splash_name: str
    active: bool
    primary_access_id: int
    created_at: int
    password: str
    available_start: str = "00:00"
    available_end: str = "00:00"

    def as_json(self, place: Location) -> dict[str, Any]:
        """Archiving a location takes its login pages away (ct-api.md 3.1)."""
        return {**asdict(self), "active": self.active and not place.archived, "location_id": place.id}


def _stock(_: Practice, place: Location, rng: random.Random) -> list[SplashPage]:
    """A page for everybody, one with a shared password of the day, and sometimes one for events that is off."""
    pages = [("Guests", True, VOUCHERS), ("Day password", True, QUICKCODE), ("Events", False, PASSWORD)]
    return [
        SplashPage(
            id=place.id * 10 + number,
            unique_id=f"{rng.getrandbits(64):016x}",
            splash_name=f"{place.location_name} {name}",
            active=active,
            primary_access_id=access,
            created_at=place.created_at + 3600 * (number + 1),
            password=f"canary-splash-{place.id}-{number}",
        )
        for number, (name, active, access) in enumerate(pages[: 2 + place.id % 2])
    ]


SPLASH_PAGES = Kind("splash_pages", SplashPage, _stock)


def routes(practice: Practice) -> list[Route]:
    path = "/locations/{location}/splash_pages"
    return [
        Route(path, protected(practice, list_pages), methods=["GET"]),
        Route(path + "/{page}", protected(practice, show_page), methods=["GET"]),
        Route(path + "/{page}", protected(practice, change_page), methods=["PATCH"]),
    ]


def page_with_id(practice: Practice, place: Location, key: Any) -> SplashPage | None:
    """The location's page with that id, which may come as text."""
    return next((page for page in practice.at(SPLASH_PAGES, place) if str(page.id) == str(key)), None)


async def list_pages(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    return JSONResponse(
        {
            "splash_pages": [page.as_json(place) for page in practice.at(SPLASH_PAGES, place)],
            "access_types": [{"id": id_, "name": name} for id_, name in ACCESS_TYPES.items()],
            "location": {"id": place.id, "slug": place.slug, "location_name": place.location_name},
        }
    )


def _find(practice: Practice, request: Request, place: Location) -> SplashPage:
    page = page_with_id(practice, place, request.path_params["page"])
    if page is None:
        raise not_found()
    return page


async def show_page(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    return JSONResponse({"splash_page": _find(practice, request, place).as_json(place)})


async def change_page(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    page = _find(practice, request, place)
    must_change(person)
    form = Form(practice, await nested(practice, request, "splash_page"))
    form.text("splash_name", 1, 100)
    form.text("password", 3, 20)
    form.flag("active")
    form.choice("primary_access_id", ACCESS_TYPES)
    if place.archived and form.fields.get("active"):
        form.fail("base", "Splash pages can't be activated while the location is archived.")
    vars(page).update(form.done())
    practice.touched(SPLASH_PAGES, place)
    return JSONResponse({"splash_page": page.as_json(place)})
