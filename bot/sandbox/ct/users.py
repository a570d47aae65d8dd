"""What CT tells people of themselves: how much of the plan is used, and what was changed (ct-api.md 3.14)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.bearer import protected
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.plans import quota_of
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.vouchers import vouchers_used


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/users/{user}/quotas", protected(practice, quotas), methods=["GET"]),
        Route("/users/{user}/versions", protected(practice, user_versions), methods=["GET"]),
    ]


def _must_be(request: Request, person: Person) -> None:
    """Everybody sees their own alone."""
    if request.path_params["user"] not in (person.slug, str(person.id)):
        raise not_found()


async def quotas(practice: Practice, request: Request, person: Person) -> Response:
    _must_be(request, person)
    return JSONResponse(
        {
            "quota": quota_of(practice, person),
            "usage": {
                "locations": len(practice.world.locations_of(person)),
                "boxes": len(practice.world.boxes_of(person)),
                "vouchers": vouchers_used(practice, person),
                "splash_views": 128,
                "extra_splash_views": 0,
                "admins": sum(one.account_id == person.account_id for one in practice.world.people),
                "zones": 0,
            },
        }
    )


async def user_versions(practice: Practice, request: Request, person: Person) -> Response:
    """Newest first."""
    _must_be(request, person)
    page = Page(practice.world.histories.versions[person.slug][::-1], request, practice.switches)
    return JSONResponse({"versions": [vars(row) for row in page.rows], "_links": page.links()})
