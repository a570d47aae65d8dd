"""GET /logs: what boxes logged, made up from their minutes, the same each time (ct-api.md 3.10)."""

import random
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.api_token import by_api_token
from bot.sandbox.ct.box import Box
from bot.sandbox.ct.forms import INVALID, refused_field
from bot.sandbox.ct.log_lines import BOOT, FACILITIES, HOSTILE, LINES, NOW_AND_THEN, SEVERITIES
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

SHORTEST, LONGEST = 300, 3600  # seconds between `start_time` and `end_time`
HOSTILE_EVERY, SPECIAL_EVERY = 5, 10  # minutes


class Line(NamedTuple):
    at_ms: int
    mac: str
    facility: str
    severity: str
    message: str


def routes(practice: Practice) -> list[Route]:
    endpoint = by_api_token(practice, logs, lambda switches: switches.logs_auth)
    return [Route("/logs", endpoint, methods=["GET"])]


async def logs(practice: Practice, request: Request, person: Person) -> Response:
    boxes = _boxes(practice, request, person)
    start, end = _span(practice, request)
    wanted = request.query_params.get("q", "").casefold()
    request.scope["practice"]["asked"] = {"start": start, "end": end, "q": wanted}
    lines = [line for box in boxes for line in _logged(practice, box, start, end)]
    lines = [line for line in lines if wanted in f"{line.message} {line.facility} {line.severity}".casefold()]
    lines.sort(reverse=practice.switches.logs_order == "newest")
    page = Page(lines, request, practice.switches)
    body: dict[str, Any] = {"data": [_json(practice, line) for line in page.rows]}
    return JSONResponse({**body, "_links": page.links()} if practice.switches.logs_links else body)


def _boxes(practice: Practice, request: Request, person: Person) -> list[Box]:
    """Those of the numeric `location_id`, which must be there; of them the one with that `ap_mac`."""
    key = request.query_params.get("location_id", "")
    place = practice.world.location_of(person, key) if key.isdigit() else None
    if place is None:
        raise not_found()
    boxes = practice.world.boxes_at(place)
    if "ap_mac" in request.query_params:
        boxes = [box for box in boxes if box.mac == request.query_params["ap_mac"]]
        if not boxes:
            raise not_found()
    return boxes


def _span(practice: Practice, request: Request) -> tuple[int, int]:
    try:
        start, end = int(request.query_params["start_time"]), int(request.query_params["end_time"])
    except (KeyError, ValueError):
        raise refused_field(practice, "start_time", INVALID) from None
    if end - start < SHORTEST:
        raise refused_field(practice, "end_time", "must be at least 5 minutes after the start")
    if end - start > LONGEST:
        raise refused_field(practice, "end_time", "must be at most 1 hour after the start")
    return start, end


def _logged(practice: Practice, box: Box, start: int, end: int) -> list[Line]:
    """A box that is not heard logs nowhere; one without CT's firmware never did."""
    seen = practice.moment(box)
    heard = seen.last_heartbeat
    if heard is None or not box.is_cucumber:
        return []
    last = min(end, int(practice.clock()) if seen.state == "online" else heard)
    lines = [line for minute in range(start // 60, last // 60 + 1) for line in _minute(practice, box, minute)]
    booted = int((box.booted_at) * 1000)
    lines += [Line(booted + nth * 900, box.mac, *line) for nth, line in enumerate(BOOT)]
    return [line for line in lines if start * 1000 <= line.at_ms <= last * 1000]


def _minute(practice: Practice, box: Box, minute: int) -> list[Line]:
    noise = random.Random(f"{box.id} {minute}")  # noqa: S311 - believable, not secret
    number = practice.switches.logs_a_minute
    chosen = noise.choices(LINES, k=noise.randint(max(0, number - 2), number + 2))
    if minute % HOSTILE_EVERY == 0:
        chosen.append(HOSTILE)
    if minute % SPECIAL_EVERY == 0:
        chosen.append(noise.choice(NOW_AND_THEN))
    guest = f"8C-85-90-{box.id >> 8 & 255:02X}-{box.id & 255:02X}-{noise.randrange(12):02X}".replace("-", ":").lower()
    return [
        Line(
            minute * 60_000 + noise.randrange(60_000),
            box.mac,
            facility,
            severity,
            message.format(guest=guest, ip=f"10.168.{box.id % 4}.{noise.randrange(2, 250)}", n=noise.randrange(40)),
        )
        for facility, severity, message in chosen
    ]


def _json(practice: Practice, line: Line) -> dict[str, Any]:
    number = SEVERITIES.index(line.severity)
    return {
        "timestamp": line.at_ms,
        "ap_mac": line.mac,
        "message": line.message,
        "facility": line.facility,
        "facility_id": FACILITIES.index(line.facility),
        "severity": line.severity if practice.switches.logs_severity == "word" else number,
        "type": "syslog",
    }
