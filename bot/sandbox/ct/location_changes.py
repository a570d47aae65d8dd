"""The routes that make, change and remove locations (ct-api.md 3.1)."""

import re
import secrets
import zoneinfo
from collections.abc import Mapping
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.forms import INVALID, UNLISTED, Form, nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location, location_json
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.plans import quota_of
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.slugs import slugged

FIELDS = ("location_name", "location_address", "town", "postcode", "country", "timezone")
"""Those that are fields of Location; the other settings go to its `extra`."""


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/locations", protected(practice, create_location), methods=["POST"]),
        Route("/locations/{location}", protected(practice, change_location), methods=["PATCH"]),
        Route("/locations/{location}", protected(practice, delete_location), methods=["DELETE"]),
    ]


def _settings(practice: Practice, fields: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    form = Form(practice, fields)
    form.text("location_name", 5, 100, required=new)
    form.text("location_address", 5, 200, required=new)
    for name in ("town", "postcode", "phone1", "location_website", "location_type", "reports_emails", "authorized_ips"):
        form.text(name)
    form.text("country")
    if form.values.get("country") and not re.fullmatch("[A-Z]{2}", form.values["country"]):
        form.fail("country", INVALID)
    if "timezone" in fields and str(fields["timezone"]) not in timezones():
        form.fail("timezone", UNLISTED)
    form.text("timezone")
    form.whole("alert_interval", 0, 10_080)
    form.choice("security_level", (1, 2, 3))
    form.choice("state", ("archived", "active"))
    for name in ("add_to_global_map", "reports_active", "ct_view", "ct_modify", "favourite", "update_token"):
        form.flag(name)
    return form.done()


@cache
def timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


async def create_location(practice: Practice, request: Request, person: Person) -> Response:
    must_change(person)
    settings = _settings(practice, await nested(practice, request, "location"), new=True)
    if len(practice.world.locations_of(person)) >= quota_of(practice, person)["locations"]:
        raise refused_field(practice, "base", "You've reached the number of locations that your plan allows.")
    return create(practice, request, "location", lambda: _create(practice, settings, person))


def _create(practice: Practice, settings: dict[str, Any], person: Person) -> dict[str, Any]:
    world, now = practice.world, int(practice.clock())
    id_ = max(place.id for place in world.locations.values()) + 1
    place = Location(
        id=id_,
        slug=slugged(settings["location_name"], f"location made {id_}"),
        unique_id=secrets.token_hex(10),
        location_name=settings["location_name"],
        location_address=settings["location_address"],
        town=settings.get("town", ""),
        postcode=settings.get("postcode", ""),
        country=settings.get("country", "GB"),
        account_id=person.account_id,
        user_id=person.id,
        lat=51.5,
        lng=-0.12,
        timezone="Europe/London",
        created_at=now,
        updated_at=now,
        clients_total=0,
    )
    world.locations[place.slug] = place
    world.histories.changed(
        place.slug, by=person.email, at=now, changeset={"location_name": [None, place.location_name]}
    )
    return location_json(practice, place, person)


async def change_location(practice: Practice, request: Request, person: Person) -> Response:
    """Settings, `favourite` (which anybody may set for themselves), `state` 'archived' or 'active', `update_token`."""
    place = find_location(practice, request, person)
    fields = await nested(practice, request, "location")
    if set(fields) - {"favourite"}:
        must_change(person)
    settings = _settings(practice, fields, new=False)
    if "favourite" in settings:
        (place.favourite_of.add if settings.pop("favourite") else place.favourite_of.discard)(person.slug)
    if settings.pop("update_token", False):
        place.extra["api_token"] = f"canary-api-{place.slug}-{secrets.token_hex(3)}"
    _change(practice, place, settings, person)
    practice.changed()
    return JSONResponse(location_json(practice, place, person))


def _change(practice: Practice, place: Location, settings: dict[str, Any], person: Person) -> None:
    before = location_json(practice, place, person)
    changeset = {name: [before.get(name), value] for name, value in settings.items() if before.get(name) != value}
    for name, (_, value) in changeset.items():
        if name == "state":
            place.archived = value == "archived"
        elif name in FIELDS:
            setattr(place, name, value)
        else:
            place.extra[name] = value
    if changeset:
        place.updated_at = int(practice.clock())
        practice.world.histories.changed(place.slug, by=person.email, at=practice.clock(), changeset=changeset)


async def delete_location(practice: Practice, request: Request, person: Person) -> Response:
    """Refused when guests have had sessions there; otherwise the boxes go with it."""
    place = find_location(practice, request, person)
    must_change(person)
    if _has_sessions(practice, place):
        sentence = "This location has sessions and can't be deleted. You can archive it instead."
        raise refused_field(practice, "base", sentence)
    for box in practice.world.boxes_at(place):
        practice.world.drop(box)
    del practice.world.locations[place.slug]
    practice.changed()
    return Response(status_code=204)


def _has_sessions(practice: Practice, place: Location) -> bool:
    word = practice.switches.location_sessions
    return place.clients_total > 0 if word == "counted" else word == "always"
