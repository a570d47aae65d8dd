"""Firmware: what there is, and putting it on boxes now or on a night to come (ct-api.md 3.2, 4.2)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import body_json, not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.box import Box, Job, settle
from bot.sandbox.ct.box_fields import box_json
from bot.sandbox.ct.box_jobs import record
from bot.sandbox.ct.boxes import find_box
from bot.sandbox.ct.forms import INVALID, refused_field
from bot.sandbox.ct.names import MACHINES
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

NEWEST = "B_160301_01"
FIRMWARES = (NEWEST, "B_160201_01", "B_160118_03", "B_151207_02")
AHEAD = 30 * 86_400  # seconds that an upgrade may be planned ahead


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/firmwares", protected(practice, list_firmwares), methods=["GET"]),
        Route("/boxes/{box}/upgrades", protected(practice, move_upgrade), methods=["PATCH"]),
        Route("/boxes/{box}/upgrades", protected(practice, cancel_upgrade), methods=["DELETE"]),
    ]


async def list_firmwares(practice: Practice, request: Request, _: Person) -> Response:
    """A bare array."""
    return JSONResponse(
        [
            {
                "unique_id": f"fw-{machine}-{version}".lower(),
                "url": f"https://firmware.ct.example/{machine}/{version}.bin",
                "type": "stable",
                "description": version,
                "machine_type": machine,
                "active": True,
                "is_public": version == NEWEST,
                "created_at": int(practice.world.built_at) - 40 * 86_400 * (number + 1),
            }
            for machine in MACHINES
            for number, version in enumerate(FIRMWARES)
            if request.query_params.get("public") != "true" or version == NEWEST
        ]
    )


def scheduled_time(practice: Practice, value: Any) -> float | None:
    """When to begin: None is now; anything but an epoch second of the next 30 days is refused."""
    if value in (None, ""):
        return None
    now = practice.clock()
    if isinstance(value, bool) or not isinstance(value, int | float) or not now < value <= now + AHEAD:
        raise refused_field(practice, "scheduled", "must be within the next 30 days")
    return float(value)


def must_be_upgradable(practice: Practice, box: Box, version: Any) -> None:
    """Refuse a box that can't take that firmware."""
    if box.v != "4" or not box.is_cucumber or not box.next_firmware:
        raise refused_field(practice, "base", f"There is no upgrade for {box.description}.")
    if version not in (None, box.next_firmware):
        raise refused_field(practice, "version", INVALID)
    if box.upgrade_processing or box.planned or not practice.moment(box).allowed_job:
        raise refused_field(practice, "base", f"{box.description} can't be upgraded right now.")


def upgrade(practice: Practice, box: Box, at: float | None, person: Person) -> None:
    now, switches = practice.clock(), practice.switches
    begins = now if at is None else at
    job = Job("upgrade", begins, switches.upgrade_seconds, switches.upgrade, "nothing", box.next_firmware)
    if at is None:
        settle(box, now, switches.heartbeat_seconds)
        box.job = job
    else:
        box.planned = job
    record(practice, box, job, at=now, person=person)
    if at is not None:
        practice.world.histories.operations[box.slug][-1].sent_at = at


def _planned(practice: Practice, request: Request, person: Person) -> tuple[Box, Job]:
    box = find_box(practice, request, person)
    practice.moment(box)
    must_change(person)
    if box.planned is None or box.planned.kind != "upgrade":
        raise not_found()
    return box, box.planned


async def move_upgrade(practice: Practice, request: Request, person: Person) -> Response:
    """`scheduled`, alone or under `upgrade` or `payload`: where it stands is not known."""
    box, job = _planned(practice, request, person)
    body = await body_json(request)
    fields = next((body[name] for name in ("upgrade", "payload") if isinstance(body.get(name), dict)), body)
    at = scheduled_time(practice, fields.get("scheduled"))
    if at is None:
        raise refused_field(practice, "scheduled", "can't be blank")
    job.at = at
    operation = practice.world.histories.operations[box.slug][-1]
    operation.sent_at, operation.done_at = at, job.back_at
    practice.changed()
    return JSONResponse(box_json(practice, box))


async def cancel_upgrade(practice: Practice, request: Request, person: Person) -> Response:
    box, _ = _planned(practice, request, person)
    box.planned = None
    del practice.world.histories.operations[box.slug][-1]
    practice.changed()
    return Response(status_code=204)
