"""The routes of locations (ct-api.md 3.1)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import body_json, invalid, not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

SORTS = ("state", "owner", "location_name", "location_address", "boxes_count", "updated_at")
EDITABLE = ("location_name", "location_address", "town", "postcode", "country")


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/locations", protected(practice, list_locations), methods=["GET"]),
        Route("/locations/{location}", protected(practice, show_location), methods=["GET"]),
        Route("/locations/{location}", protected(practice, change_location), methods=["PATCH"]),
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
    return JSONResponse({"locations": [_json(practice, place, person) for place in page.rows], "_links": page.links()})


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


def _json(practice: Practice, place: Location, person: Person) -> dict[str, Any]:
    return place.as_json(
        person_slug=person.slug,
        clients=practice.people_online(place),
        boxes=len(practice.world.boxes_at(place)),
        number_id=practice.switches.location_id == "number",
    )


async def show_location(practice: Practice, request: Request, person: Person) -> Response:
    return JSONResponse(_json(practice, find_location(practice, request, person), person))


async def location_versions(practice: Practice, request: Request, person: Person) -> Response:
    """Newest first."""
    place = find_location(practice, request, person)
    page = Page(practice.world.histories.versions[place.slug][::-1], request, practice.switches)
    return JSONResponse({"versions": [vars(row) for row in page.rows], "_links": page.links()})


async def change_location(practice: Practice, request: Request, person: Person) -> Response:
    """Settings, `favourite`, and `state` 'archived' or 'active'."""
    place = find_location(practice, request, person)
    changes = (await body_json(request)).get("location")
    if not isinstance(changes, dict):
        raise invalid(practice.switches.refusal, "param is missing or the value is empty: location")
    if "favourite" in changes:
        (place.favourite_of.add if changes["favourite"] else place.favourite_of.discard)(person.slug)
    if set(changes) - {"favourite"}:
        must_change(person)
        _change(practice, place, changes, person)
    practice.changed()
    return JSONResponse(_json(practice, place, person))


def _change(practice: Practice, place: Location, changes: dict[str, Any], person: Person) -> None:
    name = changes.get("location_name", place.location_name)
    if not isinstance(name, str) or not 5 <= len(name) <= 100:
        raise invalid(
            practice.switches.refusal, "Location name is too short (minimum is 5 characters)", field="location_name"
        )
    changeset: dict[str, list[Any]] = {}
    for field in EDITABLE:
        if field in changes and changes[field] != getattr(place, field):
            changeset[field] = [getattr(place, field), changes[field]]
            setattr(place, field, changes[field])
    if changes.get("state") in ("archived", "active"):
        changeset["state"] = ["archived" if place.archived else "active", changes["state"]]
        place.archived = changes["state"] == "archived"
    if changeset:
        place.updated_at = int(practice.clock())
        practice.world.histories.changed(place.slug, by=person.email, at=practice.clock(), changeset=changeset)
