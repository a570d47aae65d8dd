"""The routes (`design.md`, section 4): the Slack door, the linking pages, health. Pages map one to one to outcomes."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.errors import StoreDownError
from bot.services.link_exchange import Outcome
from bot.services.link_legs import Onward
from bot.services.link_proof import CodeToType
from bot.services.linking import Linking
from bot.web import pages
from bot.web.door import Dispatch, SlackDoor
from bot.web.guard import Guard, security_headers
from bot.web.health import Ready, health_routes

log = structlog.get_logger(__name__)

Lifespan = Callable[[Starlette], Any]

EVENTS = "/slack/events"
_COOKIE_LIFE = 600
_LID = re.compile(r"[A-Za-z0-9_-]{43}")


def create_web(
    *,
    linking: Linking,
    dispatch: Dispatch | None,
    signing_secret: str | None,
    ready: Ready,
    registry: CollectorRegistry,
    lifespan: Lifespan | None = None,
    form_origins: Sequence[str] = (),
) -> Starlette:
    """The whole web side. Without `dispatch` (Socket Mode) there is no `/slack/events`.

    `form_origins`: Slack's and CT's URLs, to which a browser goes on from our form.
    """
    link_pages = LinkPages(linking, registry)
    routes = [*link_pages.routes(), *health_routes(ready=ready, registry=registry)]
    headers, door = security_headers(form_origins), None
    if dispatch is not None:
        door = SlackDoor(dispatch=dispatch, signing_secret=signing_secret or "", registry=registry)
        routes.insert(0, Route(EVENTS, door, methods=["POST"]))
    web = Web(
        door=Guard(door, headers=headers) if door else None,
        routes=routes,
        middleware=[Middleware(Guard, headers=headers)],
        exception_handlers={HTTPException: _not_here},
        lifespan=lifespan,
    )
    web.state.leaving = False
    web.router.redirect_slashes = False  # its Location would repeat the request's own Host
    return web


class Web(Starlette):
    """The app, with a short way for what Slack sends: routing and its layers cost as much as the door itself."""

    def __init__(self, *, door: ASGIApp | None, **app: Any) -> None:
        super().__init__(**app)
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._door and scope["type"] == "http" and scope["path"] == EVENTS and scope["method"] == "POST":
            await self._door(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class LinkPages:
    """HTTP around the linking service: cookies, the origin of the form, outcomes to pages."""

    def __init__(self, linking: Linking, registry: CollectorRegistry) -> None:
        self._linking = linking
        parts = urlsplit(linking.public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path
        self._cookie = "ct-link" if linking.loopback else "__Host-ct-link"
        self._visits = Counter("ct_bot_link_pages", "Linking pages shown, by outcome", ["outcome"], registry=registry)

    def routes(self) -> list[Route]:
        return [
            Route("/link/{lid}", self._safely(self.look)),
            Route("/link/{lid}/start", self._safely(self.start), methods=["POST"]),
            Route("/oauth/slack/callback", self._safely(self.slack_callback)),
            Route("/oauth/ct/callback", self._safely(self.ct_callback)),
        ]

    async def look(self, request: Request) -> Response:
        """Changes nothing: robots, previews and mail scanners may come as often as they like (row L7)."""
        lid = request.path_params["lid"]
        found = await self._linking.look(lid) if _LID.fullmatch(lid) else None
        if found is None:
            return self._end(Outcome.EXPIRED)
        self._visits.labels("invited").inc()
        return pages.invitation(found, action=f"{self._path}/link/{lid}/start")

    async def start(self, request: Request) -> Response:
        if not self._from_our_page(request):
            self._visits.labels("elsewhere").inc()
            return pages.words(pages.ELSEWHERE)
        lid = request.path_params["lid"]
        onward = await self._linking.start(lid) if _LID.fullmatch(lid) else None
        return self._end(Outcome.EXPIRED) if onward is None else self._go(onward)

    async def slack_callback(self, request: Request) -> Response:
        result = await self._linking.slack_callback(_params(request), request.cookies.get(self._cookie))
        return self._go(result) if isinstance(result, Onward) else self._end(result)

    async def ct_callback(self, request: Request) -> Response:
        result = await self._linking.ct_callback(_params(request), request.cookies.get(self._cookie))
        if isinstance(result, CodeToType):
            self._visits.labels("code_shown").inc()
            response: Response = pages.code_to_type(result)
        else:
            response = self._end(result)
        if isinstance(result, CodeToType) or result is Outcome.DONE:
            self._set_cookie(response, "", 0)
        return response

    def _from_our_page(self, request: Request) -> bool:
        """Our pages send no referrer, so Chrome says `Origin: null` even to ourselves: then Sec-Fetch-Site decides."""
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if site is None:
            return origin == self._origin
        return site == "same-origin" and origin in {None, "null", self._origin}

    def _safely(self, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """HEAD moves nothing on; a store that is away is a page, not a bug."""

        async def visit(request: Request) -> Response:
            if request.method == "HEAD":
                return Response(status_code=200)
            try:
                return await page(request)
            except StoreDownError:
                self._visits.labels("store_down").inc()
                log.warning("a linking page could not be served: the store is down")
                return pages.words(pages.STORE_DOWN)

        return visit

    def _end(self, outcome: Outcome) -> Response:
        self._visits.labels(outcome.value).inc()
        return pages.words(pages.WORDS[outcome])

    def _go(self, onward: Onward) -> Response:
        self._visits.labels("onward").inc()
        response = RedirectResponse(onward.url, 303)
        if onward.cookie is not None:
            self._set_cookie(response, onward.cookie, _COOKIE_LIFE)
        return response

    def _set_cookie(self, response: Response, value: str, life: int) -> None:
        response.set_cookie(
            self._cookie,
            value,
            max_age=life,
            path="/",
            httponly=True,
            samesite="lax",
            secure=not self._linking.loopback,
        )


def _params(request: Request) -> Mapping[str, str]:
    """The query; a name that comes twice counts as missing (RFC 6749, section 3.1)."""
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}


async def _not_here(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    page = pages.words(pages.NOT_ALLOWED if status == 405 else pages.NOT_FOUND)
    if isinstance(error, HTTPException) and error.headers:
        page.headers.update(error.headers)
    return page
