"""The routes that look at boxes (ct-api.md 3.2)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import protected
from bot.sandbox.ct.box import Box
from bot.sandbox.ct.box_fields import box_json, short_json
from bot.sandbox.ct.heartbeats import heartbeats
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/boxes", protected(practice, list_boxes), methods=["GET"]),
        Route("/locations/{location}/boxes", protected(practice, list_location_boxes), methods=["GET"]),
        Route("/boxes/{box}", protected(practice, show_box), methods=["GET"]),
        Route("/boxes/{box}/status", protected(practice, box_status), methods=["GET"]),
        Route("/boxes/{box}/heartbeats", protected(practice, box_heartbeats), methods=["GET"]),
        Route("/boxes/{box}/operations", protected(practice, box_operations), methods=["GET"]),
        Route("/boxes/{box}/operations/{operation:int}", protected(practice, box_operation), methods=["GET"]),
        Route("/boxes/{box}/versions", protected(practice, box_versions), methods=["GET"]),
        Route("/boxes/{box}/jobs", protected(practice, box_jobs), methods=["GET"]),
    ]


def find_box(practice: Practice, request: Request, person: Person) -> Box:
    """The box in the path, by slug or numeric id; another account's is not found."""
    box = practice.world.box_of(person, request.path_params["box"])
    if box is None:
        raise not_found()
    return box


async def list_boxes(practice: Practice, request: Request, person: Person) -> Response:
    key = request.query_params.get("location_id")
    if key is None:
        return _listed(practice, request, practice.world.boxes_of(person))
    place = practice.world.location_of(person, key)
    if place is None:
        raise not_found()
    return _listed(practice, request, practice.world.boxes_at(place))


async def list_location_boxes(practice: Practice, request: Request, person: Person) -> Response:
    return _listed(practice, request, practice.world.boxes_at(find_location(practice, request, person)))


def _listed(practice: Practice, request: Request, boxes: list[Box]) -> Response:
    params = request.query_params
    matching = _matching(practice, boxes, params)
    page = Page(matching, request, practice.switches)
    if params.get("short") == "true":
        rows = [short_json(practice, box) for box in page.rows]
    else:
        rows = [box_json(practice, box, metadata=params.get("metadata") == "true") for box in page.rows]
    answer: dict[str, Any] = {"boxes": rows, "_links": page.links()}
    if practice.switches.aggregations:
        answer["aggregations"] = _aggregations(practice, matching)
    return JSONResponse(answer)


def _matching(practice: Practice, boxes: list[Box], params: Mapping[str, str]) -> list[Box]:
    """The boxes that pass every filter that was given."""
    for name in ("description", "machine_type", "firmware_version"):
        if name in params:
            boxes = [box for box in boxes if getattr(box, name) == params[name]]
    if wanted := params.get("q", "").strip().casefold():
        boxes = [box for box in boxes if wanted in f"{box.description}\n{box.mac}\n{box.slug}".casefold()]
    if "state" in params:
        boxes = [box for box in boxes if practice.moment(box).state == params["state"]]
        if params["state"] == "offline" and not practice.switches.lists_muted:
            boxes = [box for box in boxes if not box.ignored]
    return boxes


def _aggregations(practice: Practice, boxes: list[Box]) -> dict[str, list[dict[str, Any]]]:
    counted = {
        "states": Counter(practice.moment(box).state for box in boxes),
        "types": Counter(box.machine_type for box in boxes),
        "firmwares": Counter(box.firmware_version for box in boxes),
        "environments": Counter("Production" for _ in boxes),
    }
    return {name: [{"key": key, "count": count} for key, count in counts.items()] for name, counts in counted.items()}


async def show_box(practice: Practice, request: Request, person: Person) -> Response:
    box = find_box(practice, request, person)
    return JSONResponse(box_json(practice, box, metadata=request.query_params.get("metadata") == "true"))


async def box_status(practice: Practice, request: Request, person: Person) -> Response:
    seen = practice.moment(find_box(practice, request, person))
    return JSONResponse({"status": int(seen.state == "online")})


async def box_heartbeats(practice: Practice, request: Request, person: Person) -> Response:
    box = find_box(practice, request, person)
    heard = heartbeats(box, practice.moment(box), practice.clock(), practice.switches.heartbeat_seconds)
    return JSONResponse({"heartbeats": {str(at): int(up) for at, up in heard.items()}})


async def box_operations(practice: Practice, request: Request, person: Person) -> Response:
    """Newest first."""
    box = find_box(practice, request, person)
    page = Page(practice.world.histories.operations[box.slug][::-1], request, practice.switches)
    now = practice.clock()
    return JSONResponse({"operations": [row.as_json(now) for row in page.rows], "_links": page.links()})


async def box_operation(practice: Practice, request: Request, person: Person) -> Response:
    box = find_box(practice, request, person)
    for operation in practice.world.histories.operations[box.slug]:
        if operation.id == request.path_params["operation"]:
            return JSONResponse(operation.as_json(practice.clock()))
    raise not_found()


async def box_versions(practice: Practice, request: Request, person: Person) -> Response:
    """Newest first."""
    box = find_box(practice, request, person)
    page = Page(practice.world.histories.versions[box.slug][::-1], request, practice.switches)
    return JSONResponse({"versions": [vars(row) for row in page.rows], "_links": page.links()})


async def box_jobs(practice: Practice, request: Request, person: Person) -> Response:
    """A bare array of what waits or runs; the fields of a row are inferred."""
    now = practice.clock()
    operations = practice.world.histories.operations[find_box(practice, request, person).slug]
    return JSONResponse(
        [
            {"id": row.id, "job_type": row.operation_type, "created_at": int(row.created_at), "status": row.status(now)}
            for row in operations
            if row.status(now) in ("NEW", "PENDING")
        ]
    )
