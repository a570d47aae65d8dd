"""Jobs of boxes: reboot, reset, resync (ct-api.md 4.2, 4.3)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.ct.answers import RefusedError, forbidden, invalid
from bot.sandbox.ct.bearer import must_change
from bot.sandbox.ct.box import Box, Job, JobKind, settle
from bot.sandbox.ct.box_fields import box_json
from bot.sandbox.ct.boxes import find_box
from bot.sandbox.ct.connection import BrokenResponse, LateResponse
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

REFUSALS = {
    "reboot": "This device can't be rebooted right now.",
    "busy": "A job can't be sent to this device right now.",
}
UNSUCCESSFUL = ("never_back", "never_restarts", "never_ends", "fails")
NEVER = 4_000_000_000.0  # an operation that nobody knows the time of


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
    must_be_free(practice, box)
    start(practice, box, "reboot", outcome, person)
    request.scope["practice"]["acted"] = True
    if outcome == "lost_answer":
        raise RefusedError(JSONResponse({"status": 500, "error": "Internal Server Error"}, 500))
    if outcome == "dropped":
        return BrokenResponse()
    if outcome == "late":
        return LateResponse(box_json(practice, box), seconds=practice.switches.late_seconds)
    return JSONResponse(box_json(practice, box))


def reset(practice: Practice, box: Box, person: Person) -> Response:
    """In any state; a box that is offline does it at its next start. It also confirms one asked for at the box."""
    box.reset_confirmation = False
    if practice.moment(box).state == "offline":
        box.reset_waits = True
        practice.world.histories.started(
            box.slug, "reset", user=person.username, at=practice.clock(), seconds=NEVER, succeeds=True
        )
        practice.changed()
    else:
        start(practice, box, "reset", "back", person)
    return JSONResponse(box_json(practice, box))


def begin_waiting_reset(practice: Practice, box: Box) -> None:
    """The box is back, and does what it was told while it was away."""
    now, seconds = practice.clock(), practice.switches.reboot_seconds
    box.reset_waits = False
    box.job = Job("reset", now, seconds, "back", practice.switches.reboot_shows)
    for operation in practice.world.histories.operations[box.slug]:
        if operation.done_at >= NEVER:
            operation.sent_at, operation.done_at = now, now + seconds


def resync(practice: Practice, box: Box, person: Person) -> Response:
    must_be_free(practice, box)
    start(practice, box, "resync", practice.switches.resync, person)
    return JSONResponse(box_json(practice, box))


def must_be_free(practice: Practice, box: Box) -> None:
    if practice.switches.refuses_busy and not practice.moment(box).allowed_job:
        raise invalid(box.refusal or practice.switches.refusal, REFUSALS["busy"])


def start(practice: Practice, box: Box, kind: JobKind, outcome: str, person: Person) -> None:
    now, switches = practice.clock(), practice.switches
    settle(box, now, switches.heartbeat_seconds)
    box.job = Job(kind, now, switches.reboot_seconds, outcome, switches.reboot_shows)
    record(practice, box, box.job, at=now, person=person)
    practice.changed()


def record(practice: Practice, box: Box, job: Job, *, at: float, person: Person) -> None:
    """CT's own record: what fails is told at its end, what was not heard of again three times as late, or never."""
    late = {"never_back": 3, "never_restarts": 3}.get(job.outcome, 1)
    seconds, histories = job.at - at + job.seconds * late, practice.world.histories
    succeeds = job.outcome not in UNSUCCESSFUL
    histories.started(box.slug, job.kind, user=person.username, at=at, seconds=seconds, succeeds=succeeds)
    if job.outcome == "never_ends":
        histories.operations[box.slug][-1].done_at = NEVER
