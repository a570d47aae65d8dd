"""The routes of codes (ct-api.md 3.5, 3.6)."""

import secrets
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.forms import UNLISTED, nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.voucher import VOUCHERS, Voucher
from bot.sandbox.ct.voucher_codes import ADJECTIVES, NOUNS, Code
from bot.sandbox.ct.vouchers import find_voucher

RULES = ("access_type", "validity_minutes", "access_restrict_period", "session_timeout", "simultaneous_use")


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/locations/{location}/vouchers/{voucher}/codes", protected(practice, list_codes), methods=["GET"]),
        Route("/codes/generate_password", protected(practice, suggest_password), methods=["POST"]),
        Route("/locations/{location}/codes/{username}", protected(practice, show_code), methods=["GET"]),
        Route(
            "/locations/{location}/clients/{client}/codes/{username}",
            protected(practice, change_code),
            methods=["PATCH"],
        ),
    ]


def codes_at(practice: Practice, place: Location) -> Iterator[tuple[Voucher, Code]]:
    """Every code that has been made, with its batch."""
    now = practice.clock()
    for voucher in practice.at(VOUCHERS, place):
        for code in voucher.made(now):
            yield voucher, code


def code_json(voucher: Voucher, code: Code) -> dict[str, Any]:
    """A code by itself: not the fields of a row in its batch (ct-api.md 3.6)."""
    return {
        "username": code.username,
        "password": code.password,
        "label": None,
        "active": code.active and voucher.is_active,
        "random": True,
        "date_activated": code.date_activated,
        "created_at": int(voucher.created_at),
        "client_mac": code.client_mac,
        "guest_id": None,
        "order_id": None,
        "voucher_slug": voucher.unique_id,
    }


async def suggest_password(_: Practice, __: Request, ___: Person) -> Response:
    """Saved nowhere."""
    return JSONResponse(
        {"password": f"{secrets.choice(ADJECTIVES)}{secrets.choice(NOUNS)}{secrets.randbelow(90) + 10}"}
    )


async def list_codes(practice: Practice, request: Request, person: Person) -> Response:
    """Those that are made by now; `per`, or `size` as it was called before."""
    place = find_location(practice, request, person)
    voucher = find_voucher(practice, request, place)
    wanted = request.query_params.get("q", "").strip().casefold()
    activated = request.query_params.get("activated")
    rows = [
        code
        for code in voucher.made(practice.clock())
        if wanted in code.username.casefold()
        and (activated not in ("true", "false") or (code.date_activated is not None) == (activated == "true"))
    ]
    page = Page(rows, request, practice.switches)
    return JSONResponse(
        {"codes": [code.as_json(batch_active=voucher.is_active) for code in page.rows], "_links": page.links()}
    )


def _find(practice: Practice, request: Request, place: Location) -> tuple[Voucher, Code]:
    """Codes are typed by guests in any case; CT's own index knows one (inferred)."""
    for voucher, code in codes_at(practice, place):
        if code.username == request.path_params["username"]:
            return voucher, code
    raise not_found()


async def show_code(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    voucher, code = _find(practice, request, place)
    return JSONResponse(
        {
            "code": code_json(voucher, code),
            "voucher": {
                "unique_id": voucher.unique_id,
                "is_active": voucher.is_active,
                "created_at": int(voucher.created_at),
                **voucher.settings,
            },
            "rules": {name: voucher.settings[name] for name in RULES},
        }
    )


async def change_code(practice: Practice, request: Request, person: Person) -> Response:
    """The code's username stands in both places."""
    place = find_location(practice, request, person)
    voucher, code = _find(practice, request, place)
    if request.path_params["client"] != code.username:
        raise not_found()
    must_change(person)
    active = (await nested(practice, request, "code")).get("active")
    if not isinstance(active, bool):
        raise refused_field(practice, "active", UNLISTED)
    code.active = active
    practice.touched(VOUCHERS, place)
    return JSONResponse({"code": code_json(voucher, code)})
