"""The routes of zones (ct-api.md 3.3)."""

import random
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.box import Box
from bot.sandbox.ct.box_fields import short_json
from bot.sandbox.ct.forms import INVALID, TAKEN, Form, nested
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.network import NETWORKS
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.shelves import Kind
from bot.sandbox.ct.zone import Zone, first_zones


def _stock(_: Practice, place: Location, __: random.Random) -> list[Zone]:
    return first_zones(place)


ZONES = Kind("zones", Zone, _stock)


def routes(practice: Practice) -> list[Route]:
    path = "/locations/{location}/zones"
    return [
        Route(path, protected(practice, list_zones), methods=["GET"]),
        Route(path, protected(practice, create_zone), methods=["POST"]),
        Route(path + "/{zone}", protected(practice, show_zone), methods=["GET"]),
        Route(path + "/{zone}", protected(practice, change_zone), methods=["PATCH"]),
        Route(path + "/{zone}", protected(practice, delete_zone), methods=["DELETE"]),
    ]


def zone_with_id(practice: Practice, place: Location, key: Any) -> Zone | None:
    return next((zone for zone in practice.at(ZONES, place) if str(zone.id) == str(key)), None)


def _boxes_in(practice: Practice, place: Location, zone: Zone) -> list[Box]:
    return [box for box in practice.world.boxes_at(place) if box.zone_id == zone.id]


def _json(practice: Practice, place: Location, zone: Zone) -> dict[str, Any]:
    return {
        "id": zone.id,
        "zone_name": zone.zone_name,
        "zone_description": zone.zone_description,
        "boxes": len(_boxes_in(practice, place, zone)),
        "networks": len(zone.network_ids),
        "created_at": zone.created_at,
    }


async def list_zones(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    wanted = request.query_params.get("q", "").casefold()
    zones = [zone for zone in practice.at(ZONES, place) if wanted in zone.zone_name.casefold()]
    if "box_id" in request.query_params:
        box = practice.world.box_of(person, request.query_params["box_id"])
        zones = [zone for zone in zones if box and box.zone_id == zone.id]
    rows = [_json(practice, place, zone) for zone in zones]
    return JSONResponse({"zones": rows, "_info": {"total": len(rows)}})


def _find(practice: Practice, request: Request, place: Location) -> Zone:
    zone = zone_with_id(practice, place, request.path_params["zone"])
    if zone is None:
        raise not_found()
    return zone


async def show_zone(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    zone = _find(practice, request, place)
    return JSONResponse(
        {
            "zone": _json(practice, place, zone),
            "boxes": [short_json(practice, box) for box in _boxes_in(practice, place, zone)],
            "networks": [
                {"id": network.id, "ssid": network.ssid}
                for network in practice.at(NETWORKS, place)
                if network.id in zone.network_ids
            ],
        }
    )


def _settings(
    practice: Practice, place: Location, person: Person, fields: Mapping[str, Any], zone: Zone | None
) -> dict[str, Any]:
    """`boxes` comes out as a list of boxes, `networks` as a list of ids."""
    form = Form(practice, fields)
    form.text("zone_name", 1, 32, required=zone is None)
    form.text("zone_description", 0, 100)
    name = form.values.get("zone_name", "").casefold()
    if any(one.zone_name.casefold() == name for one in practice.at(ZONES, place) if one is not zone):
        form.fail("zone_name", TAKEN)
    if "boxes" in fields:
        boxes = [practice.world.box_of(person, key) for key in _ids(fields["boxes"])]
        if any(box is None or box.location_slug != place.slug for box in boxes):
            form.fail("boxes", INVALID)
        form.values["boxes"] = boxes
    if "networks" in fields:
        known = {str(network.id): network.id for network in practice.at(NETWORKS, place)}
        if unknown := set(_ids(fields["networks"])) - set(known):
            form.fail("networks", f"{INVALID}: {', '.join(sorted(unknown))}")
        else:
            form.values["networks"] = [known[key] for key in _ids(fields["networks"])]
    return form.done()


def _ids(value: Any) -> list[str]:
    """Ids separated by commas."""
    return [key.strip() for key in str(value or "").split(",") if key.strip()]


def _apply(practice: Practice, place: Location, zone: Zone, settings: dict[str, Any]) -> None:
    zone.zone_name = settings.get("zone_name", zone.zone_name)
    zone.zone_description = settings.get("zone_description", zone.zone_description)
    zone.network_ids = settings.get("networks", zone.network_ids)
    if "boxes" in settings:
        for box in _boxes_in(practice, place, zone):
            box.zone_id = box.zone_name = None
        for box in settings["boxes"]:
            box.zone_id = zone.id
    for box in _boxes_in(practice, place, zone):
        box.zone_name = zone.zone_name
    practice.touched(ZONES, place)


async def create_zone(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    must_change(person)
    settings = _settings(practice, place, person, await nested(practice, request, "zone"), None)

    def make() -> dict[str, Any]:
        zone = Zone(practice.world.histories.next_id(), "", "", int(practice.clock()))
        practice.at(ZONES, place).append(zone)
        _apply(practice, place, zone, settings)
        return {"zone": _json(practice, place, zone)}

    return create(practice, request, "zone", make)


async def change_zone(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    zone = _find(practice, request, place)
    must_change(person)
    settings = _settings(practice, place, person, await nested(practice, request, "zone"), zone)
    _apply(practice, place, zone, settings)
    return JSONResponse({"zone": _json(practice, place, zone)})


async def delete_zone(practice: Practice, request: Request, person: Person) -> Response:
    """Its boxes are in no zone after that."""
    place = find_location(practice, request, person)
    zone = _find(practice, request, place)
    must_change(person)
    _apply(practice, place, zone, {"boxes": []})
    practice.at(ZONES, place).remove(zone)
    practice.touched(ZONES, place)
    return Response(status_code=204)
