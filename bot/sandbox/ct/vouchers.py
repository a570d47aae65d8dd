"""The routes of vouchers, which are batches of codes (ct-api.md 3.6)."""

import random
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.forms import nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.plans import quota_of
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.voucher import VOUCHERS, Voucher, fill, stocked
from bot.sandbox.ct.voucher_form import changed_settings, new_settings


def routes(practice: Practice) -> list[Route]:
    path = "/locations/{location}/vouchers"
    return [
        Route(path, protected(practice, list_vouchers), methods=["GET"]),
        Route(path, protected(practice, create_voucher), methods=["POST"]),
        Route(path + "/{voucher}", protected(practice, show_voucher), methods=["GET"]),
        Route(path + "/{voucher}", protected(practice, change_voucher), methods=["PATCH"]),
        Route(path + "/{voucher}", protected(practice, delete_voucher), methods=["DELETE"]),
    ]


def find_voucher(practice: Practice, request: Request, place: Location) -> Voucher:
    """By its `unique_id` alone."""
    for voucher in practice.at(VOUCHERS, place):
        if voucher.unique_id == request.path_params["voucher"]:
            return voucher
    raise not_found()


def vouchers_used(practice: Practice, person: Person) -> int:
    """The batches of the whole account, without making up those that nobody has looked at."""
    return sum(
        stocked(place) if (seen := practice.shelves.looked_at(VOUCHERS, place)) is None else len(seen)
        for place in practice.world.locations_of(person)
    )


def _json(practice: Practice, request: Request, place: Location, voucher: Voucher) -> dict[str, Any]:
    return voucher.as_json(practice, place, f"{request.url.scheme}://{request.url.netloc}/files/vouchers/{place.slug}")


async def list_vouchers(practice: Practice, request: Request, person: Person) -> Response:
    """Newest first; with `v2=true` the hits of a search over batches and codes."""
    place = find_location(practice, request, person)
    vouchers = sorted(practice.at(VOUCHERS, place), key=lambda voucher: -voucher.created_at)
    params = request.query_params
    wanted = params.get("q", "").strip().casefold()
    if params.get("v2") == "true":
        return JSONResponse({"results": _hits(vouchers, wanted, practice.clock())})
    matching = [
        voucher
        for voucher in vouchers
        if wanted in f"{voucher.settings['batch_name']}\n{voucher.settings['batch_description']}".casefold()
        and params.get("batch_name") in (None, voucher.settings["batch_name"])
        and ("username" not in params or any(code.username == params["username"] for code in voucher.codes))
    ]
    page = Page(matching, request, practice.switches)
    rows = [_json(practice, request, place, voucher) for voucher in page.rows]
    return JSONResponse({"vouchers": rows, "_links": page.links()})


def _hits(vouchers: list[Voucher], wanted: str, now: float) -> list[dict[str, Any]]:
    """The first 25 (ct-api.md 2, aggregated search)."""
    found = [
        {"_index": "vouchers", "_key": voucher.unique_id, "_score": 2.0, "batch_name": voucher.settings["batch_name"]}
        for voucher in vouchers
        if wanted in voucher.settings["batch_name"].casefold()
    ]
    found += [
        {"_index": "codes", "_key": code.username, "_score": 1.0}
        for voucher in vouchers
        for code in voucher.made(now)
        if wanted in code.username
    ]
    return found[:25]


async def show_voucher(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    return JSONResponse(_json(practice, request, place, find_voucher(practice, request, place)))


async def create_voucher(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    must_change(person)
    settings = new_settings(practice, place, await nested(practice, request, "voucher"))
    if vouchers_used(practice, person) >= quota_of(practice, person)["vouchers"]:
        raise refused_field(practice, "base", "You've reached the number of vouchers that your plan allows.")
    return create(practice, request, "voucher", lambda: _create(practice, request, place, settings, person))


def _create(
    practice: Practice, request: Request, place: Location, settings: dict[str, Any], person: Person
) -> dict[str, Any]:
    vouchers = practice.at(VOUCHERS, place)
    taken = {code.username for voucher in vouchers for code in voucher.codes}
    first = max((code.serial for voucher in vouchers for code in voucher.codes[-1:]), default=0) // 10_000 * 10_000
    unique_id, seconds = secrets.token_hex(8), practice.switches.voucher_seconds
    voucher = Voucher(unique_id, practice.clock(), seconds, person.username, settings=settings)
    fill(voucher, random.Random(unique_id), taken, first=first + 10_001)  # noqa: S311 - a practice code opens nothing
    vouchers.append(voucher)
    practice.shelves.touch(VOUCHERS, place)
    return _json(practice, request, place, voucher)


async def change_voucher(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    voucher = find_voucher(practice, request, place)
    must_change(person)
    settings = changed_settings(practice, voucher.settings, await nested(practice, request, "voucher"))
    voucher.is_active = settings.pop("is_active", voucher.is_active)
    voucher.settings = settings
    practice.touched(VOUCHERS, place)
    return JSONResponse(_json(practice, request, place, voucher))


async def delete_voucher(practice: Practice, request: Request, person: Person) -> Response:
    """A batch that is not completed can't go: the dashboard's button is off until then."""
    place = find_location(practice, request, person)
    voucher = find_voucher(practice, request, place)
    must_change(person)
    if not voucher.completed(practice.clock()):
        raise refused_field(practice, "base", "This voucher can't be deleted until its codes have been created.")
    practice.at(VOUCHERS, place).remove(voucher)
    practice.touched(VOUCHERS, place)
    return Response(status_code=204)
