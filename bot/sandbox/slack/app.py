"""The practice Slack as one ASGI app: Web API, response_urls, sockets, Sign in, the person's UI, the control."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.dated import Dated
from bot.sandbox.slack.chat_methods import CHAT
from bot.sandbox.slack.control import Control
from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.manifest import PRACTICE_MANIFEST
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.sign_in import SignIn
from bot.sandbox.slack.state_file import StateFile
from bot.sandbox.slack.submissions import Submissions
from bot.sandbox.slack.team_methods import TEAM
from bot.sandbox.slack.ui_acts import Acts
from bot.sandbox.slack.ui_looks import Looks
from bot.sandbox.slack.view_methods import VIEWS
from bot.sandbox.slack.web_api import WebAPI
from bot.sandbox.slack.world import World

PAGE = Path(__file__).parent / "page"


class PracticeSlack:
    """Make one, serve `.app`, then `install()` the bot under test: its request URL, its redirect URIs."""

    def __init__(
        self,
        manifest: Mapping[str, Any] | str | Path = PRACTICE_MANIFEST,
        *,
        request_url: str | None = None,
        redirect_uris: Sequence[str] = (),
        socket_mode: bool | None = None,
        base_url: str = "",
        state_file: Path | None = None,
    ) -> None:
        self.world = world = World(manifest)
        world.base_url = self._base_url = base_url
        self.courier = Courier(switches=world.switches, deliveries=world.deliveries, sockets=world.sockets)
        self.events = Events(world, self.courier)
        self.sign_in = SignIn(world)
        self._state = StateFile(state_file, world, self.sign_in) if state_file else None
        self.install(request_url=request_url, redirect_uris=redirect_uris or None, socket_mode=socket_mode)
        self.app: ASGIApp = Dated(self._whole(self._routes()), skew=lambda: world.switches.clock_skew)

    def install(
        self,
        *,
        manifest: Mapping[str, Any] | str | Path | None = None,
        request_url: str | None = None,
        redirect_uris: Sequence[str] | None = None,
        socket_mode: bool | None = None,
    ) -> None:
        """Change what is given and leave the rest; without `socket_mode` the manifest decides."""
        if manifest is not None:
            self.world.use_manifest(manifest)
        if request_url is not None:
            self.courier.request_url = request_url
        if redirect_uris is not None:
            self.world.redirect_uris = tuple(redirect_uris)
        if socket_mode is not None:
            self.world.socket_mode = socket_mode
        self.courier.socket_mode = self.world.socket_mode

    def _routes(self) -> list[BaseRoute]:
        world, courier = self.world, self.courier
        interactions = Interactions(world, courier)
        submissions, files = Submissions(world, courier, interactions), Files(world)
        web = WebAPI(world, {**CHAT, **VIEWS, **TEAM, **files.methods(), **self.sign_in.methods()})
        return [
            Route("/api/{method}", web.handle, methods=["GET", "POST"]),
            Route("/commands/{key:path}", self._response_url, methods=["POST"]),
            Route("/actions/{key:path}", self._response_url, methods=["POST"]),
            Route("/app/{key:path}", self._response_url, methods=["POST"]),
            WebSocketRoute("/link/", world.sockets.connect),
            *self.sign_in.routes(),
            *files.routes(),
            *Looks(world).routes(),
            *Acts(world, interactions, submissions, self.events).routes(),
            *Control(world, courier, self.events, self.sign_in).routes(),
            Route("/", self._index),
            Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
        ]

    def _whole(self, routes: list[BaseRoute]) -> ASGIApp:
        inner = Starlette(routes=routes, lifespan=self._lifespan)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and not self.world.base_url:
                self.world.base_url = str(Request(scope).base_url).rstrip("/")
            await inner(scope, receive, send)

        return app

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self.world.base_url = self._base_url
        if self._state is not None:
            self._state.load()
            self.world.background.spawn(self._state.keep_saving())
        try:
            yield
        finally:
            await self.world.background.stop()
            await self.courier.close()
            if self._state is not None:
                self._state.save()

    async def _index(self, _: Request) -> Response:
        index = PAGE / "index.html"
        if not index.exists():
            return PlainTextResponse("The page of the practice Slack is not here.", 404)
        return Response(index.read_bytes(), media_type="text/html; charset=utf-8")

    async def _response_url(self, request: Request) -> Response:
        """200 `ok`; 404 when used up or expired; 400 with the reason when the blocks are wrong."""
        world, key = self.world, request.path_params["key"]
        body = _body(await request.body(), request.headers.get("content-type", ""))
        fault = world.faults.next("response_url")
        if fault is not None:
            await asyncio.sleep(fault.delay)
        if fault is None or fault.acts or fault.harmless:
            answer = self._use(key, body)
            if fault is None or fault.harmless:
                return answer
        world.journal.called("response_url", body, "", fault.status or 500)
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return PlainTextResponse(fault.error or "upstream connect error", fault.status or 500, headers=headers)

    def _use(self, key: str, body: dict[str, Any]) -> Response:
        world = self.world
        try:
            world.response_urls.post(key, body)
        except RefusedError as refusal:
            status = 404 if refusal.error in ("used_url", "expired_url", "invalid_url") else 400
            world.journal.refused("response_url", refusal.error, refusal.messages, body)
            world.journal.called("response_url", body, refusal.answer(), status)
            return JSONResponse(refusal.answer(), status)
        world.journal.called("response_url", body, "ok")
        return PlainTextResponse("ok")


def _body(raw: bytes, content_type: str) -> dict[str, Any]:
    """JSON, also when a form field called `payload` wraps it."""
    try:
        held = json.loads(raw)
    except ValueError:
        return {"text": raw.decode("utf-8", "replace")} if content_type.startswith("text/plain") else {}
    return held if isinstance(held, dict) else {}
