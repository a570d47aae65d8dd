"""The routes that change boxes: actions, edits, transfers, removal (ct-api.md 3.2, 4)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import invalid, not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.box import Box
from bot.sandbox.ct.box_fields import box_json
from bot.sandbox.ct.box_jobs import reboot, reset, resync
from bot.sandbox.ct.boxes import find_box
from bot.sandbox.ct.forms import INVALID, TAKEN, UNLISTED, Form, nested
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.location_changes import timezones
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.zones import zone_with_id

FIELDS = ("description", "tags", "ignored", "is_monitored", "timezone", "zone_id", "zone_name")
"""Those that are fields of Box; radio settings go to its `extra`."""

RADIO = {"channel": (1, 13), "channel_5": (36, 165), "tx_power_2": (5, 20), "tx_power_5": (5, 20)}


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/boxes/{box}", protected(practice, change_box), methods=["PATCH"]),
        Route("/boxes/{box}", protected(practice, delete_box), methods=["DELETE"]),
        Route("/boxes/{box}/reboot", protected(practice, post_reboot), methods=["POST"]),
        Route("/boxes/{box}/reset", protected(practice, post_reset), methods=["POST"]),
    ]


async def change_box(practice: Practice, request: Request, person: Person) -> Response:
    """`{box: {action}}` starts a job; anything else is an edit."""
    changes = await nested(practice, request, "box")
    action = changes.get("action")
    if action == "reboot":
        request.scope["practice"]["action"] = "reboot"
        if practice.switches.reboot_by == "post":
            raise not_found()
        return await reboot(practice, request, person)
    box = find_box(practice, request, person)
    must_change(person)
    if action is not None:
        return _act(practice, request, box, action, person)
    _edit(practice, box, changes, person)
    practice.changed()
    return JSONResponse(box_json(practice, box))


def _act(practice: Practice, request: Request, box: Box, action: Any, person: Person) -> Response:
    request.scope["practice"].update(action=str(action), box=box.slug)
    if action == "reset":
        return reset(practice, box, person)
    if action == "resync":
        return resync(practice, box, person)
    if action != "cancel":
        raise invalid(practice.switches.refusal, "Action is not included in the list", field="action")
    box.reset_confirmation = False
    practice.changed()
    return JSONResponse(box_json(practice, box))


async def post_reboot(practice: Practice, request: Request, person: Person) -> Response:
    """The form of 2015 (until 2016-07-11)."""
    request.scope["practice"]["action"] = "reboot"
    if practice.switches.reboot_by == "patch":
        raise not_found()
    return await reboot(practice, request, person)


async def post_reset(practice: Practice, request: Request, person: Person) -> Response:
    box = find_box(practice, request, person)
    must_change(person)
    return _act(practice, request, box, "reset", person)


def name_is_taken(practice: Practice, place: Location, name: Any, box: Box | None = None) -> bool:
    """Does another box of the location have that description? (ct-api.md 2.1, inferred)"""
    wanted = str(name).strip().casefold()
    return any(one.description.casefold() == wanted for one in practice.world.boxes_at(place) if one is not box)


def check_zone(practice: Practice, form: Form, place: Location) -> None:
    """A zone of this location, or null for none."""
    if form.fields.get("zone_id") in (None, ""):
        form.values |= {"zone_id": None, "zone_name": None} if "zone_id" in form.fields else {}
    elif zone := zone_with_id(practice, place, form.fields["zone_id"]):
        form.values |= {"zone_id": zone.id, "zone_name": zone.zone_name}
    else:
        form.fail("zone_id", INVALID)


def _settings(practice: Practice, box: Box, changes: Mapping[str, Any], person: Person) -> dict[str, Any]:
    place = practice.world.locations[box.location_slug]
    form = Form(practice, changes)
    form.text("description", 5, 100)
    if "description" in form.values and name_is_taken(practice, place, form.values["description"], box):
        form.fail("description", TAKEN)
    form.text("tags")
    form.flag("ignored")
    form.flag("is_monitored")
    if "timezone" in changes and str(changes["timezone"]) not in timezones():
        form.fail("timezone", UNLISTED)
    form.text("timezone")
    for name, (low, high) in RADIO.items():
        form.whole(name, low, high)
    check_zone(practice, form, place)
    if "transfer_to" in changes:
        target = next(
            (one for one in practice.world.locations_of(person) if one.unique_id == changes["transfer_to"]), None
        )
        if target is None:
            form.fail("transfer_to", INVALID)
        form.values["transfer_to"] = target
    return form.done()


def _edit(practice: Practice, box: Box, changes: Mapping[str, Any], person: Person) -> None:
    settings = _settings(practice, box, changes, person)
    target = settings.pop("transfer_to", None)
    now = box_json(practice, box)
    changeset = {name: [now.get(name), value] for name, value in settings.items() if str(value) != str(now.get(name))}
    for name, (_, value) in changeset.items():
        if name in FIELDS:
            setattr(box, name, value)
        else:
            box.extra[name] = str(value) if name.startswith("tx_power") else value
    if target and target.slug != box.location_slug:
        changeset["location_id"] = [practice.world.locations[box.location_slug].id, target.id]
        box.zone_id = box.zone_name = None
        practice.world.move(box, target)
    if changeset:
        practice.world.histories.changed(box.slug, by=person.email, at=practice.clock(), changeset=changeset)


async def delete_box(practice: Practice, request: Request, person: Person) -> Response:
    """For good."""
    box = find_box(practice, request, person)
    must_change(person)
    request.scope["practice"].update(action="delete", box=box.slug)
    practice.world.drop(box)
    practice.changed()
    return Response(status_code=204)
