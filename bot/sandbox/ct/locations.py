"""The routes that look at locations (ct-api.md 3.1)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import protected
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

SORTS = ("state", "owner", "location_name", "location_address", "boxes_count", "updated_at")


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/locations", protected(practice, list_locations), methods=["GET"]),
        Route("/locations/{location}", protected(practice, show_location), methods=["GET"]),
        Route("/locations/{location}/versions", protected(practice, location_versions), methods=["GET"]),
    ]


def find_location(practice: Practice, request: Request, person: Person) -> Location:
    """The location in the path, by slug or numeric id; another account's is not found."""
    place = practice.world.location_of(person, request.path_params["location"])
    if place is None:
        raise not_found()
    return place


async def list_locations(practice: Practice, request: Request, person: Person) -> Response:
    places = _matching(practice, request, person)
    if request.query_params.get("short") == "yep":
        return JSONResponse([_short(practice, place) for place in places])
    page = Page(_sorted(practice, request, places), request, practice.switches)
    return JSONResponse(
        {"locations": [location_json(practice, place, person) for place in page.rows], "_links": page.links()}
    )


def _matching(practice: Practice, request: Request, person: Person) -> list[Location]:
    params = request.query_params
    wanted = params.get("q", "").strip().casefold()
    return [
        place
        for place in practice.world.locations_of(person)
        if wanted in f"{place.location_name}\n{place.location_address}\n{place.town}\n{place.slug}".casefold()
        and params.get("location_name") in (None, place.location_name)
        and (params.get("favourites") != "true" or person.slug in place.favourite_of)
    ]


def _sorted(practice: Practice, request: Request, places: list[Location]) -> list[Location]:
    """Sorted as asked; an unknown `sort` leaves the order of creation."""
    sort = request.query_params.get("sort")
    if sort not in SORTS:
        return places
    keys: dict[str, Any] = {
        "state": lambda place: place.archived,
        "owner": lambda place: place.user_id,
        "boxes_count": lambda place: len(practice.world.boxes_at(place)),
        "updated_at": lambda place: place.updated_at,
        "location_name": lambda place: place.location_name.casefold(),
        "location_address": lambda place: place.location_address.casefold(),
    }
    return sorted(places, key=keys[sort], reverse=request.query_params.get("direction") == "desc")


def _short(practice: Practice, place: Location) -> dict[str, Any]:
    number = practice.switches.location_id == "number"
    return {
        "id": place.id if number else str(place.id),
        "location_name": place.location_name,
        "slug": place.slug,
        "unique_id": place.unique_id,
    }


def location_json(practice: Practice, place: Location, person: Person) -> dict[str, Any]:
    return place.as_json(
        person_slug=person.slug,
        clients=practice.people_online(place),
        boxes=len(practice.world.boxes_at(place)),
        number_id=practice.switches.location_id == "number",
    )


async def show_location(practice: Practice, request: Request, person: Person) -> Response:
    return JSONResponse(location_json(practice, find_location(practice, request, person), person))


async def location_versions(practice: Practice, request: Request, person: Person) -> Response:
    """Newest first."""
    place = find_location(practice, request, person)
    page = Page(practice.world.histories.versions[place.slug][::-1], request, practice.switches)
    return JSONResponse({"versions": [vars(row) for row in page.rows], "_links": page.links()})
