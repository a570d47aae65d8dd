"""Adding a box by its MAC (ct-api.md 3.2)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import body_json, not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.box import Box, Job
from bot.sandbox.ct.box_changes import check_zone, name_is_taken
from bot.sandbox.ct.box_fields import box_json
from bot.sandbox.ct.forms import BLANK, INVALID, MAC, TAKEN, Form, nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.plans import quota_of
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.slugs import slugged


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/boxes", protected(practice, create_box), methods=["POST"]),
        Route("/boxes/detect", protected(practice, detect), methods=["POST"]),
    ]


async def detect(practice: Practice, request: Request, person: Person) -> Response:
    """Nothing shares this caller's address: it is a server (ct-api.md 3.2)."""
    if practice.world.location_of(person, str((await body_json(request)).get("location_id"))) is None:
        raise not_found()
    return JSONResponse([])


async def create_box(practice: Practice, request: Request, person: Person) -> Response:
    """`location_id` stands beside the box, as a slug."""
    fields = await nested(practice, request, "box")
    key = (await body_json(request)).get("location_id")
    if key in (None, ""):
        raise refused_field(practice, "location_id", BLANK)
    place = practice.world.location_of(person, str(key))
    if place is None:
        raise not_found()
    must_change(person)
    settings = _settings(practice, place, fields)
    if len(practice.world.boxes_of(person)) >= quota_of(practice, person)["boxes"]:
        raise refused_field(practice, "base", "You've reached the number of devices that your plan allows.")
    return create(practice, request, "box", lambda: _create(practice, place, settings, person))


def _settings(practice: Practice, place: Location, fields: dict[str, Any]) -> dict[str, Any]:
    form = Form(practice, fields)
    mac = fields.get("calledstationid")
    if not mac:
        form.fail("calledstationid", BLANK)
    elif not isinstance(mac, str) or not MAC.fullmatch(mac):
        form.fail("calledstationid", INVALID)
    elif any(box.mac == mac for box in practice.world.boxes.values()):
        form.fail("calledstationid", TAKEN)
    form.text("description", 5, 100, required=True)
    if "description" in form.values and name_is_taken(practice, place, form.values["description"]):
        form.fail("description", TAKEN)
    form.flag("is_cucumber")
    check_zone(practice, form, place)
    return {**form.done(), "mac": mac}


def _create(practice: Practice, place: Location, settings: dict[str, Any], person: Person) -> dict[str, Any]:
    """Nobody has heard of it yet; it makes contact after a while, as the switch `arrival_seconds` says."""
    now, switches = practice.clock(), practice.switches
    id_ = max(box.id for box in practice.world.boxes.values()) + 1
    managed = settings.get("is_cucumber", True)
    box = Box(
        id=id_,
        slug=slugged(settings["description"], f"box made {id_} {settings['mac']}"),
        mac=settings["mac"],
        description=settings["description"],
        location_slug=place.slug,
        machine_type="unifi-ap" if managed else "meraki-mr-18",
        state="new" if managed else "splash_only",
        is_cucumber=managed,
        ticks=False,
        zone_id=settings.get("zone_id"),
        zone_name=settings.get("zone_name"),
        created_at=int(now),
        timezone=place.timezone,
    )
    if managed and switches.arrival_seconds:
        box.planned = Job("setup", now + switches.arrival_seconds, switches.reboot_seconds, "back", "nothing")
    practice.world.put(box)
    created: list[Any] = [None, box.description]
    practice.world.histories.changed(box.slug, by=person.email, at=now, changeset={"description": created})
    return box_json(practice, box)
