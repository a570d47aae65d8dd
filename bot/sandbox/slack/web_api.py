"""The Web API's front: reads arguments, checks token and scope, applies faults, journals each call."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.installations import Installation
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.world import World

Answer = dict[str, Any]


@dataclass
class Call:
    method: str
    args: dict[str, Any]
    token: str | None
    world: World
    request: Request

    @property
    def installation(self) -> Installation:
        return self.world.installations.by_token(self.token)

    def need(self, name: str, error: str = "invalid_arguments") -> Any:
        """An argument that must be there."""
        value = self.args.get(name)
        if value in (None, ""):
            raise RefusedError(error, [f"[ERROR] missing required field: {name}"])
        return value


@dataclass(frozen=True)
class Method:
    """`scope`: what the manifest must hold, `token`: whether a bot token is asked for."""

    run: Callable[[Call], Awaitable[Answer]]
    scope: str | None = None
    token: bool = True


class WebAPI:
    def __init__(self, world: World, methods: Mapping[str, Method]) -> None:
        self._world = world
        self._methods = methods

    async def handle(self, request: Request) -> Response:
        name = request.path_params["method"]
        args = await _arguments(request)
        fault = self._world.faults.next(name)
        if fault is not None:
            await asyncio.sleep(fault.delay)
        if fault is None or fault.acts or fault.harmless:
            answer = await self._answer(name, args, request)
        if fault is not None and not fault.harmless:
            return self._faulty(name, args, fault)
        self._world.journal.called(name, _shown(args), answer)
        return JSONResponse(answer, headers=self._granted(_token(request, args)))

    def _granted(self, token: str | None) -> dict[str, str]:
        """What the token may do stands beside every answer to a token that Slack knows."""
        try:
            self._world.installations.by_token(token)
        except RefusedError:
            return {}
        return {"x-oauth-scopes": ",".join(sorted(self._world.manifest.scopes))}

    async def _answer(self, name: str, args: dict[str, Any], request: Request) -> Answer:
        method = self._methods.get(name)
        call = Call(name, args, _token(request, args), self._world, request)
        try:
            return {"ok": True, **await self._allowed(method, call).run(call)}
        except RefusedError as refusal:
            self._world.journal.refused(name, refusal.error, refusal.messages, _shown(args))
            return refusal.answer()

    def _allowed(self, method: Method | None, call: Call) -> Method:
        """The method, if there is one and token and scope let the app call it."""
        if method is None:
            raise RefusedError("unknown_method", req_method=call.method)
        if method.token:
            self._world.installations.by_token(call.token)
        provided = self._world.manifest.scopes
        if method.scope and method.scope not in provided:
            raise RefusedError("missing_scope", needed=method.scope, provided=",".join(sorted(provided)))
        return method

    def _faulty(self, name: str, args: dict[str, Any], fault: Fault) -> Response:
        status = fault.status or 200
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        answer = {"ok": False, "error": fault.error or ("ratelimited" if status == 429 else "internal_error")}
        self._world.journal.called(name, _shown(args), answer, status)
        if status >= 500 and fault.error is None:
            return PlainTextResponse("upstream connect error", status, headers=headers)
        return JSONResponse(answer, status, headers=headers)


async def _arguments(request: Request) -> dict[str, Any]:
    """From the query, a form or a JSON body; blocks, views and the like arrive as objects or as JSON in a field."""
    args: dict[str, Any] = dict(request.query_params)
    if request.method == "POST":
        kind = request.headers.get("content-type", "")
        if kind.startswith("application/json"):
            args |= await _json_body(request)
        elif kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            async with request.form() as form:
                args |= dict(form)
    return args


async def _json_body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _token(request: Request, args: dict[str, Any]) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else args.get("token")


def _shown(args: dict[str, Any]) -> dict[str, Any]:
    """Arguments for the journal: blocks as objects, no token."""
    shown = {}
    for name, value in args.items():
        if name in ("token", "client_secret"):
            continue
        if name in ("blocks", "view", "attachments", "metadata") and isinstance(value, str):
            with contextlib.suppress(ValueError):
                value = json.loads(value)
        shown[name] = value
    return shown
