"""GET /metrics: charts of a location or a box (ct-api.md 3.13)."""

import random
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import RefusedError, not_found
from bot.sandbox.ct.api_token import by_api_token
from bot.sandbox.ct.box import Box
from bot.sandbox.ct.client import clients_at
from bot.sandbox.ct.forms import INVALID, UNLISTED, refused_field
from bot.sandbox.ct.heartbeats import heartbeats
from bot.sandbox.ct.network import active_networks
from bot.sandbox.ct.people import ADMINISTRATOR, Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.series import VALUES, people, points

HOUR, DAY = 3_600, 86_400
FREE_SPAN = 7 * DAY  # longer needs a paid plan; where the limit lies is inferred
LONGEST = 366 * DAY
SLACK = 60  # seconds that a question may take on its way


def routes(practice: Practice) -> list[Route]:
    """The dashboard sends the person's own `api_token`."""
    endpoint = by_api_token(practice, metrics, lambda switches: switches.metrics_auth)
    return [Route("/metrics", endpoint, methods=["GET"])]


async def metrics(practice: Practice, request: Request, person: Person) -> Response:
    kind = request.query_params.get("type", "")
    boxes = _boxes(practice, request, person)
    start, end = _span(practice, request, person)
    if kind in ANSWERS:
        return JSONResponse({"start_time": start, "end_time": end, **ANSWERS[kind](practice, boxes, start, end)})
    if kind not in VALUES:
        raise refused_field(practice, "type", UNLISTED)
    data = list(points(practice, kind, boxes, start, end))
    row = {"alias": kind, "series_type": kind.partition(".")[0], "tags": {}, "data": data}
    return JSONResponse({"start_time": start, "end_time": end, "multi": False, "meta": [], "data": [row]})


def _boxes(practice: Practice, request: Request, person: Person) -> list[Box]:
    """Of the numeric `location_id`, or the one with that `ap_mac`; a slug is not found."""
    params = request.query_params
    boxes: list[Box] | None = None
    if "location_id" in params:
        place = practice.world.location_of(person, params["location_id"]) if params["location_id"].isdigit() else None
        boxes = practice.world.boxes_at(place) if place else None
    if "ap_mac" in params:
        boxes = [box for box in boxes or practice.world.boxes_of(person) if box.mac == params["ap_mac"]] or None
    if boxes is None:
        raise not_found()
    return boxes


def _span(practice: Practice, request: Request, person: Person) -> tuple[int, int]:
    """`start_time` to `end_time`, epoch s; the last day unless given."""
    params, now = request.query_params, int(practice.clock())
    try:
        end = int(params.get("end_time", now))
        start = int(params.get("start_time", end - DAY))
    except ValueError:
        raise refused_field(practice, "start_time", INVALID) from None
    if not start < end <= start + LONGEST:
        raise refused_field(practice, "start_time", INVALID)
    refuse_span(practice, person, start, end)
    return start, end


def refuse_span(practice: Practice, person: Person, start: int, end: int) -> None:
    """More than seven days can be refused by role or plan; whom, by what measure and with which status is inferred."""
    switches = practice.switches
    since = end if switches.span_counts == "length" else int(practice.clock())
    if since - start <= FREE_SPAN + SLACK:
        return
    if switches.span_limit == "plan" and practice.pays(person):
        return
    if switches.span_limit == "role" and person.role_id <= ADMINISTRATOR:
        return
    why = "upgrade your plan" if switches.span_limit == "plan" else "check that you are allowed"
    sentence = f"Please {why} to see more than the last 7 days."
    raise RefusedError(JSONResponse({"errors": [sentence]}, switches.span_status))


def _meta(practice: Practice, boxes: list[Box], _: int, __: int) -> dict[str, Any]:
    """People online now, the SSIDs and the channels; flat."""
    online = sum(practice.moment(box).clients for box in boxes)
    places = {box.location_slug: practice.world.locations[box.location_slug] for box in boxes}
    ssids = [network.ssid for place in places.values() for network in active_networks(practice, place)]
    return {
        "online": online,
        "uniques": round(online * 2.4),
        "ssids": [{"ssid": ssid} for ssid in ssids],
        "meta": [{"ap_mac": box.mac, "ssids": [{"channel": 6}, {"channel": 44}]} for box in boxes],
    }


def _heartbeats(practice: Practice, boxes: list[Box], start: int, end: int) -> dict[str, Any]:
    """Flat, in ms, unsorted; of one box. Only the last day is kept (inferred)."""
    if len(boxes) != 1:
        raise refused_field(practice, "ap_mac", "can't be blank")
    [box] = boxes
    heard = heartbeats(box, practice.moment(box), practice.clock(), practice.switches.heartbeat_seconds)
    return {"data": [{"timestamp": at * 1000, "value": up} for at, up in heard.items() if start <= at <= end]}


def _radius(practice: Practice, boxes: list[Box], start: int, end: int) -> dict[str, Any]:
    """Numbers of the guests that logged in; over several days many of them are the same."""
    days = max(1, round((end - start) / DAY))
    first = start - start % HOUR
    daily = [
        1.6 * sum(people(boxes, "radius", first + day * DAY + n * HOUR) for n in range(24)) / 24 for day in range(days)
    ]
    noise = random.Random(f"{boxes[0].id if boxes else 0} {start // DAY}")  # noqa: S311 - believable, not secret
    uniques = round(sum(daily) * (1 if days == 1 else 0.72))
    new = round(uniques * noise.uniform(0.45, 0.6))
    stats = {
        "uniques": uniques,
        "new": new,
        "sessions": round(sum(daily) * noise.uniform(2.2, 2.6)),
        "loyalty": round((uniques - new) / uniques, 2) if uniques else 0,
        "duration": {"avg": noise.randint(2100, 3300)},
    }
    return {"stats": stats} if practice.switches.stats_shape == "stats" else stats


def _health(practice: Practice, boxes: list[Box], _: int, __: int) -> dict[str, Any]:
    good = sum(practice.moment(box).state == "online" for box in boxes)
    return _shares(good, len(boxes) - good)


def _clients_health(practice: Practice, boxes: list[Box], _: int, __: int) -> dict[str, Any]:
    """By signal: under 16 dB is poor (ct-api.md 3.5)."""
    macs = {box.mac for box in boxes}
    places = {box.location_slug: practice.world.locations[box.location_slug] for box in boxes}
    rows = [client.as_json(None) for place in places.values() for client in clients_at(practice, place)]
    snrs = [row["snr"] for row in rows if row["online"] and row["ap_mac"] in macs and row["snr"] is not None]
    good = sum(snr >= 16 for snr in snrs)
    return _shares(good, len(snrs) - good)


def _shares(good: int, bad: int) -> dict[str, Any]:
    return {
        "multi": False,
        "meta": [],
        "data": [{"data": [{"key": "good", "value": good}, {"key": "bad", "value": bad}]}],
    }


ANSWERS: dict[str, Callable[[Practice, list[Box], int, int], dict[str, Any]]] = {
    "device.meta": _meta,
    "device.heartbeats": _heartbeats,
    "device.health": _health,
    "clients.health": _clients_health,
    "radius.stats": _radius,
}
"""The types whose answer is not a series."""
