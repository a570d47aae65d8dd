"""Splash codes: one password that everybody shares for a day (ct-api.md 3.7)."""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.forms import BLANK, INVALID, TAKEN, Form, nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.shelves import Kind
from bot.sandbox.ct.splash_pages import QUICKCODE, SPLASH_PAGES, page_with_id

FREE = "Splash codes are not available on the free plan. Please upgrade to a paid plan."
"""What CT says is known, its words are not."""

LIMITS = {
    "volume": (10, 43_200),
    "simultaneous_use": (1, 100),
    "session_timeout": (1, 43_200),
    "idle_timeout": (1, 43_200),
    "download_speed": (56, 51_200),
    "upload_speed": (56, 51_200),
    "offset": (-840, 840),
}
DEFAULTS: dict[str, Any] = {
    "volume": 60,
    "simultaneous_use": 2,
    "session_timeout": 60,
    "idle_timeout": 60,
    "period": "daily",
    "download_speed": 2056,
    "upload_speed": 1024,
    "offset": 0,
}


@dataclass
class SplashCode:
    id: int
    username: str
    password: str
    splash_page_id: int
    created_at: int
    created_by: str
    starts_at: float
    expires_at: float
    settings: dict[str, Any]
    active: bool = True

    def as_json(self, splash_name: str, now: float) -> dict[str, Any]:
        """`started` and `valid` follow the clock."""
        row = asdict(self)
        starts, expires = row.pop("starts_at"), row.pop("expires_at")
        return {
            **row.pop("settings"),
            **row,
            "start_date": _iso(starts),
            "expires": _iso(expires),
            "started": now >= starts,
            "valid": self.active and starts <= now < expires,
            "splash_name": splash_name,
        }


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _stock(practice: Practice, place: Location, rng: random.Random) -> list[SplashCode]:
    """A code that is over, where the account pays for them."""
    page = practice.at(SPLASH_PAGES, place)[1]
    at = int(practice.world.built_at - 3 * 86_400)
    code = SplashCode(place.id * 10, f"qc-{place.id}", f"canary-{rng.randint(1000, 9999)}", page.id, at, "kim", at,
                      at + 86_400, dict(DEFAULTS))  # fmt: skip
    return [code] if place.id % 2 else []


SPLASH_CODES = Kind("splash_codes", SplashCode, _stock)


def routes(practice: Practice) -> list[Route]:
    path = "/locations/{location}/splash_codes"
    return [
        Route(path, protected(practice, list_codes), methods=["GET"]),
        Route(path, protected(practice, create_code), methods=["POST"]),
        Route(path + "/{code}", protected(practice, show_code), methods=["GET"]),
        Route(path + "/{code}", protected(practice, change_code), methods=["PATCH"]),
        Route(path + "/{code}", protected(practice, delete_code), methods=["DELETE"]),
    ]


def _json(practice: Practice, place: Location, code: SplashCode) -> dict[str, Any]:
    page = page_with_id(practice, place, code.splash_page_id)
    return code.as_json(page.splash_name if page else "", practice.clock())


def _paid_location(practice: Practice, request: Request, person: Person) -> Location:
    """The location; the whole resource is refused on a free plan."""
    place = find_location(practice, request, person)
    if not practice.pays(person):
        raise refused_field(practice, "base", FREE)
    return place


def _find(practice: Practice, request: Request, place: Location) -> SplashCode:
    for code in practice.at(SPLASH_CODES, place):
        if str(code.id) == request.path_params["code"]:
            return code
    raise not_found()


async def list_codes(practice: Practice, request: Request, person: Person) -> Response:
    """Newest first. Looking is free: an account on a free plan has none."""
    place = find_location(practice, request, person)
    codes = practice.at(SPLASH_CODES, place) if practice.pays(person) else []
    page = Page(codes[::-1], request, practice.switches)
    return JSONResponse({"splash_codes": [_json(practice, place, code) for code in page.rows], "_links": page.links()})


async def show_code(practice: Practice, request: Request, person: Person) -> Response:
    place = find_location(practice, request, person)
    return JSONResponse({"splash_code": _json(practice, place, _find(practice, request, place))})


async def create_code(practice: Practice, request: Request, person: Person) -> Response:
    must_change(person)
    place = _paid_location(practice, request, person)
    form = Form(practice, await nested(practice, request, "splash_code"))
    page = page_with_id(practice, place, form.fields.get("splash_page_id"))
    if form.fields.get("splash_page_id") in (None, ""):
        form.fail("splash_page_id", BLANK)
    elif page is None:
        form.fail("splash_page_id", INVALID)
    elif page.primary_access_id != QUICKCODE:
        form.fail("splash_page_id", "must use the QuickCode access type")
    now = practice.clock()
    starts, expires = _check(form, now, now + timedelta(days=1).total_seconds(), required=True)
    if any(one.password == form.values.get("password") for one in practice.at(SPLASH_CODES, place) if one.active):
        form.fail("password", TAKEN)
    settings = {**DEFAULTS, **form.done()}
    assert page  # noqa: S101 - the form was right

    def make() -> dict[str, Any]:
        id_ = practice.world.histories.next_id()
        password = settings.pop("password")
        code = SplashCode(id_, f"qc-{id_}", password, page.id, int(now), person.username, starts, expires, settings)
        practice.at(SPLASH_CODES, place).append(code)
        practice.shelves.touch(SPLASH_CODES, place)
        return {"splash_code": _json(practice, place, code)}

    return create(practice, request, "splash_code", make)


def _check(form: Form, starts: float, expires: float, *, required: bool) -> tuple[float, float]:
    """When it starts and ends, as asked or else as given."""
    form.text("password", 3, 20, required=required)
    for name, (low, high) in LIMITS.items():
        form.whole(name, low, high)
    form.choice("period", ("daily", "all"))
    form.flag("active")
    starts = _moment(form, "start_date", starts)
    expires = _moment(form, "expires", expires)
    if expires <= starts:
        form.fail("expires", "must be after the start date")
    return starts, expires


def _moment(form: Form, name: str, default: float) -> float:
    """An ISO date-time; one without a zone is UTC."""
    text = form.fields.get(name)
    if text in (None, ""):
        return default
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        form.fail(name, INVALID)
        return default
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


async def change_code(practice: Practice, request: Request, person: Person) -> Response:
    must_change(person)
    place = _paid_location(practice, request, person)
    code = _find(practice, request, place)
    fields: Mapping[str, Any] = await nested(practice, request, "splash_code")
    form = Form(practice, fields)
    starts, expires = _check(form, code.starts_at, code.expires_at, required=False)
    values = form.done()
    code.starts_at, code.expires_at = starts, expires
    code.active = values.pop("active", code.active)
    code.password = values.pop("password", code.password)
    code.settings.update(values)
    practice.touched(SPLASH_CODES, place)
    return JSONResponse({"splash_code": _json(practice, place, code)})


async def delete_code(practice: Practice, request: Request, person: Person) -> Response:
    must_change(person)
    place = find_location(practice, request, person)
    practice.at(SPLASH_CODES, place).remove(_find(practice, request, place))
    practice.touched(SPLASH_CODES, place)
    return Response(status_code=204)
