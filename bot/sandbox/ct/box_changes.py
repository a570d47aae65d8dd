"""The routes that change boxes: jobs (reboot, reset, resync), edits (ct-api.md 3.2, 4)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import RefusedError, body_json, forbidden, invalid, not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.box import Box, Job, JobKind, settle
from bot.sandbox.ct.box_fields import box_json
from bot.sandbox.ct.boxes import find_box
from bot.sandbox.ct.connection import BrokenResponse, LateResponse
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

EDITABLE: dict[str, type] = {
    "description": str,
    "tags": str,
    "ignored": bool,
    "is_monitored": bool,
    "timezone": str,
    "zone_id": int,
}
REFUSALS = {
    "reboot": "This device can't be rebooted right now.",
    "busy": "A job can't be sent to this device right now.",
}


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/boxes/{box}", protected(practice, change_box), methods=["PATCH"]),
        Route("/boxes/{box}/reboot", protected(practice, post_reboot), methods=["POST"]),
        Route("/boxes/{box}/reset", protected(practice, post_reset), methods=["POST"]),
    ]


async def change_box(practice: Practice, request: Request, person: Person) -> Response:
    """`{box: {action}}` starts a job; anything else is an edit."""
    changes = (await body_json(request)).get("box")
    if not isinstance(changes, dict):
        raise invalid(practice.switches.refusal, "param is missing or the value is empty: box")
    action = changes.get("action")
    if action == "reboot":
        request.scope["practice"]["action"] = "reboot"
        if practice.switches.reboot_by == "post":
            raise not_found()
        return await reboot(practice, request, person)
    box = find_box(practice, request, person)
    must_change(person)
    if action in ("reset", "resync"):
        return _simple_job(practice, box, action, person)
    if action == "cancel":
        box.reset_confirmation = False
    elif action is not None:
        raise invalid(practice.switches.refusal, "Action is not included in the list", field="action")
    _edit(practice, box, changes, person)
    practice.changed()
    return JSONResponse(box_json(practice, box))


async def post_reboot(practice: Practice, request: Request, person: Person) -> Response:
    """The form of 2015 (until 2016-07-11)."""
    request.scope["practice"]["action"] = "reboot"
    if practice.switches.reboot_by == "patch":
        raise not_found()
    return await reboot(practice, request, person)


async def post_reset(practice: Practice, request: Request, person: Person) -> Response:
    must_change(person)
    return _simple_job(practice, find_box(practice, request, person), "reset", person)


async def reboot(practice: Practice, request: Request, person: Person) -> Response:
    """Accept, refuse or bungle a reboot, as the box's own outcome or else the switch says."""
    box = find_box(practice, request, person)
    request.scope["practice"]["box"] = box.slug
    must_change(person)
    outcome = box.reboot or practice.switches.reboot
    if outcome == "forbidden":
        raise forbidden("Your role doesn't allow you to reboot devices.")
    if outcome == "refused":
        raise invalid(box.refusal or practice.switches.refusal, REFUSALS["reboot"])
    if outcome == "dropped_unacted":
        return BrokenResponse()
    _must_be_free(practice, box)
    _start(practice, box, "reboot", outcome, person)
    request.scope["practice"]["acted"] = True
    if outcome == "lost_answer":
        raise RefusedError(JSONResponse({"status": 500, "error": "Internal Server Error"}, 500))
    if outcome == "dropped":
        return BrokenResponse()
    if outcome == "late":
        return LateResponse(box_json(practice, box), seconds=practice.switches.late_seconds)
    return JSONResponse(box_json(practice, box))


def _simple_job(practice: Practice, box: Box, kind: JobKind, person: Person) -> Response:
    """A reset waits for an offline box; a resync needs a box that may take jobs (ct-api.md 4.2)."""
    if kind == "resync":
        _must_be_free(practice, box)
    _start(practice, box, kind, "back", person)
    return JSONResponse(box_json(practice, box))


def _must_be_free(practice: Practice, box: Box) -> None:
    if practice.switches.refuses_busy and not practice.moment(box).allowed_job:
        raise invalid(box.refusal or practice.switches.refusal, REFUSALS["busy"])


def _start(practice: Practice, box: Box, kind: JobKind, outcome: str, person: Person) -> None:
    now, switches = practice.clock(), practice.switches
    settle(box, now, switches.heartbeat_seconds)
    box.job = Job(kind, now, switches.reboot_seconds, outcome, switches.reboot_shows)
    succeeds = outcome not in ("never_back", "never_restarts")
    seconds = switches.reboot_seconds * (1 if succeeds else 3)
    practice.world.histories.started(box.slug, kind, user=person.username, at=now, seconds=seconds, succeeds=succeeds)
    practice.changed()


def _edit(practice: Practice, box: Box, changes: dict[str, Any], person: Person) -> None:
    for name, value in changes.items():
        if name in EDITABLE and not isinstance(value, EDITABLE[name]):
            raise invalid(practice.switches.refusal, f"{name.capitalize()} is invalid", field=name)
    if not 5 <= len(changes.get("description", "12345")) <= 100:
        sentence = "Description is too short (minimum is 5 characters)"
        raise invalid(practice.switches.refusal, sentence, field="description")
    changeset = {
        name: [getattr(box, name), value]
        for name, value in changes.items()
        if name in EDITABLE and value != getattr(box, name)
    }
    for name, (_, value) in changeset.items():
        setattr(box, name, value)
    if changeset:
        practice.world.histories.changed(box.slug, by=person.email, at=practice.clock(), changeset=changeset)
