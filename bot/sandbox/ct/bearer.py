"""Who calls a resource: the Bearer check as Doorkeeper makes it (ct-api.md 1.6)."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox.ct.answers import forbidden
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice

Handler = Callable[[Practice, Request, Person], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

REVOKED = "The access token was revoked"
EXPIRED = "The access token expired"
INVALID = "The access token is invalid"


def protected(practice: Practice, handler: Handler) -> Endpoint:
    """Call `handler` with the person whose token it is, or answer 401 with an empty body."""

    async def endpoint(request: Request) -> Response:
        token = await _token_of(request)
        row = practice.tokens.by_access(token) if token else None
        now = practice.clock()
        person = practice.world.person(row.person) if row else None
        if row is None or person is None:
            return unauthorised(INVALID)
        request.scope["practice"]["user"] = person.email
        if row.revoked or row.access_revoked:
            return unauthorised(REVOKED)
        if row.is_expired(now):
            return unauthorised(EXPIRED)
        if practice.tokens.used(row):
            practice.changed()
        return await handler(practice, request, person)

    return endpoint


def must_change(person: Person) -> None:
    """Refuse somebody who may only look."""
    if not person.may_change:
        raise forbidden()


async def _token_of(request: Request) -> str | None:
    """The Bearer header first, then the parameters `access_token` and `bearer_token`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    sent = dict(request.query_params)
    if "form" in request.headers.get("content-type", ""):
        sent |= {name: str(value) for name, value in (await request.form()).items()}
    return sent.get("access_token") or sent.get("bearer_token")


def unauthorised(description: str) -> Response:
    challenge = f'Bearer realm="Doorkeeper", error="invalid_token", error_description="{description}"'
    return Response(
        status_code=401, headers={"WWW-Authenticate": challenge, "Cache-Control": "no-store", "Pragma": "no-cache"}
    )
