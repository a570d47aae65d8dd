"""Commands that a box runs, and their output; an upgrade is a payload too (ct-api.md 3.2)."""

import random
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.box import Box
from bot.sandbox.ct.box_commands import COMMANDS, output
from bot.sandbox.ct.box_jobs import must_be_free
from bot.sandbox.ct.boxes import find_box
from bot.sandbox.ct.forms import INVALID, nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.shelves import Kind
from bot.sandbox.ct.upgrades import must_be_upgradable, scheduled_time, upgrade

_NOT_YET = {"null": None, "empty": ""}


@dataclass
class Payload:
    id: int
    box_slug: str
    command_id: str
    created_at: float


def _stock(_: Practice, __: Location, ___: random.Random) -> list[Payload]:
    return []


PAYLOADS = Kind("payloads", Payload, _stock)


def routes(practice: Practice) -> list[Route]:
    path = "/locations/{location}/boxes/{box}/payloads"
    return [
        Route("/commands", protected(practice, list_commands), methods=["GET"]),
        Route("/commands/{command}", protected(practice, show_command), methods=["GET"]),
        Route("/locations/{location}/payloads", protected(practice, send_to_many), methods=["POST"]),
        Route(path, protected(practice, list_payloads), methods=["GET"]),
        Route(path, protected(practice, send_to_one), methods=["POST"]),
        Route(path + "/{payload:int}", protected(practice, show_payload), methods=["GET"]),
        Route(path + "/{payload:int}", protected(practice, delete_payload), methods=["DELETE"]),
    ]


def _command(id_: str) -> dict[str, str]:
    return {"unique_id": id_, "payload_description": COMMANDS[id_].description}


async def list_commands(_: Practice, __: Request, ___: Person) -> Response:
    return JSONResponse([_command(id_) for id_ in COMMANDS])


async def show_command(_: Practice, request: Request, __: Person) -> Response:
    if request.path_params["command"] not in COMMANDS:
        raise not_found()
    return JSONResponse(_command(request.path_params["command"]))


def _here(practice: Practice, request: Request, person: Person) -> tuple[Location, Box]:
    place, box = find_location(practice, request, person), find_box(practice, request, person)
    if box.location_slug != place.slug:
        raise not_found()
    return place, box


def _json(practice: Practice, place: Location, payload: Payload) -> dict[str, Any]:
    """`body` fills in when the box has answered."""
    switches, command = practice.switches, payload.command_id
    box = practice.world.boxes.get(payload.box_slug)
    done = switches.payload == "answered" and practice.clock() >= payload.created_at + switches.payload_seconds
    fields: dict[str, Any] = {
        "id": payload.id,
        "created_at": int(payload.created_at),
        "command": COMMANDS[command].description if switches.payload_command == "description" else command,
    }
    if box and done:
        return {**fields, "body": output(command, box, place)}
    return fields if switches.payload_body == "absent" else {**fields, "body": _NOT_YET[switches.payload_body]}


async def list_payloads(practice: Practice, request: Request, person: Person) -> Response:
    """A bare array, newest first."""
    place, box = _here(practice, request, person)
    rows = [one for one in practice.at(PAYLOADS, place) if one.box_slug == box.slug]
    return JSONResponse([_json(practice, place, payload) for payload in rows[::-1]])


async def send_to_one(practice: Practice, request: Request, person: Person) -> Response:
    place, box = _here(practice, request, person)
    return await _send(practice, request, place, person, default=[box.slug])


async def send_to_many(practice: Practice, request: Request, person: Person) -> Response:
    return await _send(practice, request, find_location(practice, request, person), person, default=[])


async def _send(
    practice: Practice, request: Request, place: Location, person: Person, *, default: list[str]
) -> Response:
    """All or none: one box that may not refuses the whole call."""
    fields = await nested(practice, request, "payload")
    must_change(person)
    boxes = _boxes(practice, place, person, fields.get("box_ids") or default)
    if fields.get("upgrade") is True:
        at = scheduled_time(practice, fields.get("scheduled"))
        for box in boxes:
            must_be_upgradable(practice, box, fields.get("version"))
        for box in boxes:
            upgrade(practice, box, at, person)
        practice.changed()
        return JSONResponse({"box_ids": [box.slug for box in boxes]}, practice.switches.created_status)
    command = fields.get("command_id")
    if command not in COMMANDS:
        raise refused_field(practice, "command_id", INVALID)
    for box in boxes:
        must_be_free(practice, box)

    def make() -> dict[str, Any]:
        """What was sent without `save` is not to be found again."""
        made = [Payload(practice.world.histories.next_id(), box.slug, command, practice.clock()) for box in boxes]
        if fields.get("save") is True:
            practice.at(PAYLOADS, place).extend(made)
            practice.touched(PAYLOADS, place)
        return _json(practice, place, made[-1])

    return create(practice, request, "payload", make)


def _boxes(practice: Practice, place: Location, person: Person, keys: Any) -> list[Box]:
    """Slugs or ids, in a list or separated by commas."""
    names = keys if isinstance(keys, list) else str(keys).split(",")
    boxes = [
        box for key in names if (box := practice.world.box_of(person, str(key))) and box.location_slug == place.slug
    ]
    if not names or len(boxes) != len(names):
        raise refused_field(practice, "box_ids", INVALID)
    return boxes


def _find(practice: Practice, request: Request, person: Person) -> tuple[Location, Payload]:
    place, box = _here(practice, request, person)
    for payload in practice.at(PAYLOADS, place):
        if payload.id == request.path_params["payload"] and payload.box_slug == box.slug:
            return place, payload
    raise not_found()


async def show_payload(practice: Practice, request: Request, person: Person) -> Response:
    place, payload = _find(practice, request, person)
    return JSONResponse(_json(practice, place, payload))


async def delete_payload(practice: Practice, request: Request, person: Person) -> Response:
    must_change(person)
    place, payload = _find(practice, request, person)
    practice.at(PAYLOADS, place).remove(payload)
    practice.touched(PAYLOADS, place)
    return Response(status_code=204)
