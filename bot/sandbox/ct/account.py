"""What belongs to nobody's venue: the profile, liveness, the home page's report (ct-api.md 1.8, 2, 3.12)."""

from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import body_json, not_found
from bot.sandbox.ct.api_token import api_token
from bot.sandbox.ct.bearer import protected
from bot.sandbox.ct.forms import INVALID, Form, refused_field
from bot.sandbox.ct.metrics import refuse_span
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

REPORT_TYPES = ("radius", "people", "client", "order")
LATEST = 4_102_444_800  # the year 2100, epoch s


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/me.json", protected(practice, me), methods=["GET"]),
        Route("/ping.json", ping, methods=["GET"]),
        Route("/reports", protected(practice, report), methods=["GET"]),
        Route("/reports", protected(practice, email_report), methods=["POST"]),
    ]


async def ping(_: Request) -> Response:
    return JSONResponse({"message": "pong"})


async def me(practice: Practice, _: Request, person: Person) -> Response:
    """The fields that the dashboard reads, the person's secret `api_token` among them."""
    pays = practice.pays(person)
    return JSONResponse(
        {
            "id": person.id,
            "slug": person.slug,
            "username": person.username,
            "email": person.email,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "name": f"{person.first_name} {person.last_name}",
            "account_id": person.account_id,
            "role_id": person.role_id,
            "url": "default",
            "cname": None,
            "custom": False,
            "reseller": False,
            "paid_plan": pays,
            "plan": "professional" if pays else "free",
            "guest": False,
            "ps": False,
            "super": False,
            "locs": len(practice.world.locations_of(person)),
            "locked": False,
            "promo": None,
            "locale": "en",
            "created_at": person.created_at,
            "key": f"canary-push-key-{person.slug}",
            "api_token": api_token(person),
            "chat_enabled": False,
            "user_hash": f"canary-user-hash-{person.slug}",
            "consented_at": person.created_at,
        }
    )


async def report(practice: Practice, request: Request, person: Person) -> Response:
    """Counts over the whole account in one call; only `dashboard=true&v=2` is known well enough to copy."""
    if request.query_params.get("dashboard") != "true" or request.query_params.get("v") != "2":
        raise not_found()
    seen = [practice.moment(box) for box in practice.world.boxes_of(person)]
    states = Counter(moment.state for moment in seen)
    return JSONResponse(
        {
            "stats": {
                "locations": len(practice.world.locations_of(person)),
                "online": sum(moment.clients for moment in seen),
                "splash_views": 128,
                "boxes": {
                    "states": [{"state": state, "total": total} for state, total in states.items()],
                    "stats": {"total": len(seen)},
                },
            }
        }
    )


async def email_report(practice: Practice, request: Request, person: Person) -> Response:
    """CT writes to the caller; what would go out is kept for `/_practice/mails`. Whether a role may not is unknown."""
    fields = await body_json(request)
    form = Form(practice, fields)
    for name in ("start", "end"):
        form.whole(name, 0, LATEST, required=True)
    form.choice("type", REPORT_TYPES)
    if "type" not in fields:
        form.fail("type", "can't be blank")
    values = form.done()
    key = str(fields.get("location_id", ""))
    place = practice.world.location_of(person, key) if key.isdigit() else None
    if place is None:
        raise not_found()
    if values["start"] >= values["end"]:
        raise refused_field(practice, "start", INVALID)
    refuse_span(practice, person, values["start"], values["end"])

    def make() -> dict[str, Any]:
        practice.mails.append({**values, "location": place.slug, "to": person.email, "at": practice.clock()})
        return {}

    return create(practice, request, "report", make)
