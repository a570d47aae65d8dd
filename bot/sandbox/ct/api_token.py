"""The person's own `api_token`, which the dashboard sends for metrics and logs (ct-api.md 1.6)."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox.ct.answers import forbidden
from bot.sandbox.ct.bearer import INVALID, Endpoint, Handler, protected, unauthorised
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.switches import Switches


def api_token(person: Person) -> str:
    return f"canary-user-api-{person.slug}"


def by_api_token(practice: Practice, handler: Handler, wanted: Callable[[Switches], str]) -> Endpoint:
    """Good with the token as `access_token`; whether a Bearer alone is enough is the switch that `wanted` reads."""
    by_bearer = protected(practice, handler)

    async def endpoint(request: Request) -> Response:
        sent = request.query_params.get("access_token")
        for person in practice.world.people:
            if sent == api_token(person):
                request.scope["practice"]["user"] = person.email
                return await handler(practice, request, person)
        word = wanted(practice.switches)
        if word == "api_token_401":
            return unauthorised(INVALID)
        if word == "api_token_403":
            raise forbidden()
        return await by_bearer(request)

    return endpoint
