"""The routes of networks (ct-api.md 3.4)."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.box import Job
from bot.sandbox.ct.forms import BLANK, INVALID, UNLISTED, Form, nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.network import DEFAULTS, NETWORKS, Network
from bot.sandbox.ct.network_form import network_settings
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

MOST = 16  # networks of a location
SHARED_BY = {"email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "sms": re.compile(r"\+?[0-9][0-9 ]{6,16}")}


def routes(practice: Practice) -> list[Route]:
    path = "/locations/{location}/networks"
    return [
        Route(path, protected(practice, list_networks), methods=["GET"]),
        Route(path, protected(practice, create_network), methods=["POST"]),
        Route(path + "/{network}", protected(practice, show_network), methods=["GET"]),
        Route(path + "/{network}", protected(practice, change_network), methods=["PATCH"]),
        Route(path + "/{network}", protected(practice, delete_network), methods=["DELETE"]),
        Route(path + "/{network}/radtest", protected(practice, test_radius), methods=["POST"]),
    ]


def _find(practice: Practice, request: Request, place: Location) -> Network:
    for network in practice.at(NETWORKS, place):
        if str(network.id) == request.path_params["network"]:
            return network
    raise not_found()


async def list_networks(practice: Practice, request: Request, person: Person) -> Response:
    """A bare array."""
    place = find_location(practice, request, person)
    now = practice.clock()
    return JSONResponse([network.as_json(place, now) for network in practice.at(NETWORKS, place)])


async def show_network(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    return JSONResponse(_find(practice, request, place).as_json(place, practice.clock()))


def _sync(practice: Practice, place: Location, network: Network) -> None:
    """The boxes learn of it: each that is free is busy for a while (a short loss of Wi-Fi)."""
    now, switches = practice.clock(), practice.switches
    network.job_id = practice.world.histories.next_id()
    network.synced_at = now + switches.sync_seconds
    for box in practice.world.boxes_at(place):
        if practice.moment(box).allowed_job:
            box.job = Job("resync", now, switches.sync_seconds, "back", switches.reboot_shows, str(network.job_id))
    practice.touched(NETWORKS, place)


def _apply(network: Network, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name in DEFAULTS:
            network.settings[name] = value
        else:
            setattr(network, name, value)
    if network.access_type != "password":
        network.encryption_key = None


async def create_network(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    must_change(person)
    values = network_settings(practice, place, await nested(practice, request, "network"), None)
    networks = practice.at(NETWORKS, place)
    if len(networks) >= MOST:
        raise refused_field(practice, "base", f"A location can't have more than {MOST} networks.")

    def make() -> dict[str, Any]:
        id_ = practice.world.histories.next_id()
        network = Network(id_, values["ssid"], "open", None, True, False, int(practice.clock()))
        _apply(network, values)
        networks.append(network)
        _sync(practice, place, network)
        return network.as_json(place, practice.clock())

    return create(practice, request, "network", make)


async def change_network(practice: Practice, request: Request, person: Person) -> Response:
    """An edit, or `action: 'share'`, or `cancel_sync: true`."""
    place = find_location(practice, request, person)
    network = _find(practice, request, place)
    must_change(person)
    fields = await nested(practice, request, "network")
    if "action" in fields:
        return _share(practice, request, place, network, fields)
    if fields.get("cancel_sync") is True:
        return _cancel_sync(practice, place, network)
    if place.archived and fields.get("active") is True:
        raise refused_field(practice, "base", "Networks can't be activated while the location is archived.")
    values = network_settings(practice, place, fields, network)
    before = network.as_json(place, practice.clock())
    if changed := {name: value for name, value in values.items() if before.get(name) != value}:
        _apply(network, changed)
        _sync(practice, place, network)
        _record(practice, place, network, changed, before, person)
    return JSONResponse(network.as_json(place, practice.clock()))


def _record(
    practice: Practice, place: Location, network: Network, changed: dict[str, Any], before: dict[str, Any], by: Person
) -> None:
    """The location's history tells of it, the key left out."""
    changeset = {
        f"network {network.ssid} {name}": [before.get(name), value]
        for name, value in changed.items()
        if name != "encryption_key"
    }
    if changeset:
        practice.world.histories.changed(place.slug, by=by.email, at=practice.clock(), changeset=changeset)


def _share(practice: Practice, request: Request, place: Location, network: Network, fields: dict[str, Any]) -> Response:
    """What would go out by e-mail or text message is kept for `/_practice/shares`."""
    form = Form(practice, fields)
    form.choice("action", ("share",))
    kind, to = fields.get("share_type"), fields.get("share_to")
    if kind not in SHARED_BY:
        form.fail("share_type", UNLISTED)
    elif not to:
        form.fail("share_to", BLANK)
    elif not isinstance(to, str) or not SHARED_BY[kind].fullmatch(to):
        form.fail("share_to", INVALID)
    form.done()
    request.scope["practice"]["action"] = "share"
    practice.shares.append(
        {"network": network.id, "ssid": network.ssid, "share_type": kind, "share_to": to, "at": practice.clock()}
    )
    return JSONResponse(network.as_json(place, practice.clock()))


def _cancel_sync(practice: Practice, place: Location, network: Network) -> Response:
    """The boxes that have not begun go on as they were."""
    job = str(network.job_id)
    network.synced_at, network.job_id = 0.0, None
    for box in practice.world.boxes_at(place):
        if box.job and box.job.kind == "resync" and box.job.version == job:
            box.job = None
    practice.touched(NETWORKS, place)
    return JSONResponse(network.as_json(place, practice.clock()))


async def delete_network(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    network = _find(practice, request, place)
    must_change(person)
    _sync(practice, place, network)
    practice.at(NETWORKS, place).remove(network)
    practice.touched(NETWORKS, place)
    return Response(status_code=204)


async def test_radius(practice: Practice, request: Request, person: Person) -> Response:
    """The answer's body is inferred; a server that does not answer is a 422."""
    place = find_location(practice, request, person)
    network = _find(practice, request, place)
    must_change(person)
    if network.access_type != "radius":
        raise refused_field(practice, "base", "This network doesn't use a RADIUS server.")
    if practice.switches.radtest == "fails":
        raise refused_field(practice, "base", "The RADIUS server did not respond.")
    return JSONResponse({"success": True, "message": "Access-Accept"})
