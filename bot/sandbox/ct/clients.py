"""The routes of guests' devices (ct-api.md 3.5)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import body_json, not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.client import MARKS, Client, Marks, clients_at
from bot.sandbox.ct.codes import code_json, codes_at
from bot.sandbox.ct.forms import BLANK, INVALID, MAC, TAKEN, Form, nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

HOUR, DAY = 3600, 86_400
SORTS = ("lastseen", "client_mac", "name", "ssid", "ap_mac", "snr", "txbitrate", "online")


def routes(practice: Practice) -> list[Route]:
    path = "/locations/{location}/clients"
    return [
        Route(path, protected(practice, list_clients), methods=["GET"]),
        Route(path, protected(practice, register_client), methods=["POST"]),
        Route(path + "/{client}", protected(practice, show_client), methods=["GET"]),
        Route(path + "/{client}", protected(practice, change_client), methods=["PATCH"]),
        Route(path + "/{client}/logout", protected(practice, log_out), methods=["POST"]),
        Route(path + "/{client}/codes", protected(practice, client_codes), methods=["GET"]),
        Route("/locations/{location}/group_policies", protected(practice, list_policies), methods=["GET"]),
    ]


async def list_clients(practice: Practice, request: Request, person: Person) -> Response:
    """Those of the last day, or of `start` to `end`; latest first unless sorted otherwise."""
    place = find_location(practice, request, person)
    params = request.query_params
    start, end = _span(practice, request)
    clients = [client for client in clients_at(practice, place) if client.lastseen and start <= client.lastseen <= end]
    for name, field in (("ap_mac", "ap_mac"), ("client_mac", "mac")):
        if name in params:
            clients = [
                one for one in clients if params[name] == (one.box.mac if field == "ap_mac" and one.box else one.mac)
            ]
    rows = [row for row in _rows(practice, place, clients) if _fits(row, params.get("q", ""), params.get("policy_id"))]
    sort = params.get("sort")
    backwards = params.get("direction") != "asc" if sort is None else params.get("direction") == "desc"
    key = sort if sort in SORTS else "lastseen"
    rows.sort(key=lambda row: (row[key] is not None, row[key] if row[key] is not None else 0), reverse=backwards)
    page = Page(rows, request, practice.switches)
    return JSONResponse(
        {
            "clients": page.rows,
            "_links": {**page.links(), "start": start, "end": end},
            "unique_aps": sorted({row["ap_mac"] for row in rows if row["ap_mac"]}),
            "info": {},
        }
    )


def _span(practice: Practice, request: Request) -> tuple[int, int]:
    """Epoch seconds, an hour to a day apart."""
    now = int(practice.clock())
    params = request.query_params
    if "start" not in params and "end" not in params:
        return now - DAY, now
    try:
        start, end = int(params.get("start", now - DAY)), int(params.get("end", now))
    except ValueError:
        raise refused_field(practice, "start", INVALID) from None
    if not HOUR <= end - start <= DAY:
        raise refused_field(practice, "base", "The start and end must be between one hour and one day apart.")
    return start, end


def _rows(practice: Practice, place: Location, clients: list[Client]) -> list[dict[str, Any]]:
    by_mac = {code.client_mac: code.username for _, code in codes_at(practice, place) if code.client_mac}
    return [client.as_json(by_mac.get(client.mac)) for client in clients]


def _fits(row: dict[str, Any], q: str, policy: str | None) -> bool:
    words = (row[name] or "" for name in ("client_mac", "name", "device_name", "manufacturer", "ip", "ssid"))
    return q.strip().casefold() in "\n".join(words).casefold() and (
        policy is None or policy in map(str, row["policies"])
    )


def _find(practice: Practice, request: Request, place: Location) -> Client:
    """By MAC or id."""
    key = request.path_params["client"]
    for client in clients_at(practice, place):
        if key in (client.mac, str(client.id)):
            return client
    raise not_found()


def _json(practice: Practice, place: Location, client: Client) -> dict[str, Any]:
    return _rows(practice, place, [client])[0]


async def show_client(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    return JSONResponse(_json(practice, place, _find(practice, request, place)))


def _settings(practice: Practice, fields: dict[str, Any]) -> dict[str, Any]:
    form = Form(practice, fields)
    form.text("name", 0, 100)
    form.text("description")
    form.flag("blacklist")
    form.flag("whitelist")
    policies = fields.get("policy_ids", [])
    if not isinstance(policies, list) or not all(str(one) in map(str, POLICIES) for one in policies):
        form.fail("policy_ids", INVALID)
    elif "policy_ids" in fields:
        form.values["policy_ids"] = [int(one) for one in policies]
    return form.done()


async def change_client(practice: Practice, request: Request, person: Person) -> Response:
    """`blacklist` takes it off the SSID at once, `whitelist` lets it pass the login page."""
    place = find_location(practice, request, person)
    client = _find(practice, request, place)
    must_change(person)
    settings = _settings(practice, await nested(practice, request, "client"))
    _mark(practice, place, client, **settings)
    return JSONResponse(_json(practice, place, _find(practice, request, place)))


def _mark(practice: Practice, place: Location, client: Client, **settings: Any) -> None:
    marks = practice.at(MARKS, place)
    if client.marks not in marks:
        marks.append(client.marks)
    vars(client.marks).update(settings)
    practice.touched(MARKS, place)


async def register_client(practice: Practice, request: Request, person: Person) -> Response:
    """A device that has not come yet."""
    place = find_location(practice, request, person)
    must_change(person)
    fields = await nested(practice, request, "client")
    mac = fields.get("client_mac")
    if not mac:
        raise refused_field(practice, "client_mac", BLANK)
    if not isinstance(mac, str) or not MAC.fullmatch(mac):
        raise refused_field(practice, "client_mac", INVALID)
    if any(client.mac == mac for client in clients_at(practice, place)):
        raise refused_field(practice, "client_mac", TAKEN)
    settings = _settings(practice, fields)

    def make() -> dict[str, Any]:
        histories = practice.world.histories
        marks = Marks(mac, id=histories.next_id(), created_at=int(practice.clock()), **settings)
        practice.at(MARKS, place).append(marks)
        practice.shelves.touch(MARKS, place)
        [client] = [one for one in clients_at(practice, place) if one.mac == mac]
        return _json(practice, place, client)

    return create(practice, request, "client", make)


async def log_out(practice: Practice, request: Request, person: Person) -> Response:
    """Only a device that is online and logged in, at the box where it is (ct-api.md 3.5)."""
    place = find_location(practice, request, person)
    client = _find(practice, request, place)
    must_change(person)
    body = await body_json(request)
    box = practice.world.box_of(person, str(body.get("box_id")))
    if not client.online or client.splash_status != "pass" or client.marks.whitelist:
        raise refused_field(practice, "base", "This client is not logged in.")
    if box is None or client.box is None or box.slug != client.box.slug:
        raise refused_field(practice, "box_id", INVALID)
    request.scope["practice"]["action"] = "logout"
    _mark(practice, place, client, logged_out=True)
    return JSONResponse(_json(practice, place, _find(practice, request, place)))


async def client_codes(practice: Practice, request: Request, person: Person) -> Response:
    """The codes that the device has used."""
    place = find_location(practice, request, person)
    client = _find(practice, request, place)
    used = [code_json(voucher, code) for voucher, code in codes_at(practice, place) if code.client_mac == client.mac]
    page = Page(used, request, practice.switches)
    return JSONResponse({"codes": page.rows, "_links": page.links()})


POLICIES = {1: ("Blocked at night", "layer3", "block"), 2: ("Staff tablets", "splash", "allow")}


async def list_policies(practice: Practice, request: Request, person: Person) -> Response:
    """Only looked at: nobody asked to change them from chat."""
    find_location(practice, request, person)
    rows = [
        {"id": id_, "name": name, "group_type": kind, "policy": policy}
        for id_, (name, kind, policy) in POLICIES.items()
    ]
    page = Page(rows, request, practice.switches)
    return JSONResponse({"group_policies": page.rows, "_links": page.links()})
