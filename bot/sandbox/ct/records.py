"""What else there is to look at: inventory, projects, and events, if CT kept them (ct-api.md 3.10, 3.14)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import protected
from bot.sandbox.ct.box import Box
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/inventories", protected(practice, inventories), methods=["GET"]),
        Route("/projects", protected(practice, projects), methods=["GET"]),
        Route("/events", protected(practice, events), methods=["GET"]),
    ]


async def inventories(practice: Practice, request: Request, person: Person) -> Response:
    wanted = request.query_params.get("q", "").casefold()
    boxes = [box for box in practice.world.boxes_of(person) if wanted in box.mac.casefold()]
    page = Page(boxes, request, practice.switches)
    rows = [
        {
            "ap_mac": box.mac,
            "state": "new" if box.state == "new" else "active",
            "created_at": box.created_at,
            "removed_at": None,
            "username": person.username,
            "location_name": practice.world.locations[box.location_slug].location_name,
        }
        for box in page.rows
    ]
    return JSONResponse({"inventories": rows, "_links": page.links()})


async def projects(practice: Practice, request: Request, person: Person) -> Response:
    """One for the whole account."""
    row = {
        "id": 40,
        "slug": f"all-{person.account_id.lower()}",
        "project_name": "All venues",
        "description": "",
        "type": "rw" if person.may_change else "ro",
        "created_at": person.created_at,
    }
    page = Page([row], request, practice.switches)
    return JSONResponse({"projects": page.rows, "_links": page.links()})


async def events(practice: Practice, request: Request, person: Person) -> Response:
    """Of the boxes that are down and the jobs of the last days; 404 unless the switch says that CT kept them."""
    if not practice.switches.events:
        raise not_found()
    params = request.query_params
    rows = [
        row
        for box in practice.world.boxes_of(person)
        for row in _of_box(practice, box)
        if params.get("location_id") in (None, str(row["location_id"]))
        and params.get("object") in (None, row["object"])
        and params.get("level") in (None, str(row["level"]))
    ]
    page = Page(sorted(rows, key=lambda row: -row["created_at"]), request, practice.switches)
    return JSONResponse({"events": page.rows, "_links": page.links()})


def _of_box(practice: Practice, box: Box) -> list[dict[str, Any]]:
    place = practice.world.locations[box.location_slug]
    seen = practice.moment(box)
    common = {
        "object": "box",
        "location_id": place.id,
        "location_name": place.location_name,
        "data": {"description": box.description, "ap_mac": box.mac, "last_heartbeat": seen.last_heartbeat},
    }
    rows = [
        {
            **common,
            "id": operation.id,
            "event_type": operation.operation_type,
            "description": f"{box.description}: {operation.operation_type}",
            "level": 1,
            "short": operation.operation_type,
            "created_at": int(operation.created_at),
            "username": operation.user,
        }
        for operation in practice.world.histories.operations.get(box.slug, [])
    ]
    if seen.state == "offline" and seen.last_heartbeat:
        rows.append(
            {
                **common,
                "id": box.id,
                "event_type": "offline",
                "description": f"{box.description} went offline",
                "level": 2,
                "short": "offline",
                "created_at": seen.last_heartbeat,
                "username": None,
            }
        )
    return rows
