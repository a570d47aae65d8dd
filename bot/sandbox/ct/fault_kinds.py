"""The ways in which an answer can go wrong."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.ct.connection import abort, until_gone

if TYPE_CHECKING:
    from bot.sandbox.ct.faults import Fault

Answer = list[Message]
"""The real answer, where one was made and kept back."""

Layer = Callable[[ASGIApp, Scope, Receive, Send], Awaitable[None]]

PROXY_PAGE = (
    "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"
)


@dataclass(frozen=True)
class Kind:
    """`spoil` makes what is sent in place of the answer; some kinds need the real one for it."""

    spoil: Callable[[Fault, Answer], Layer]
    needs_answer: bool = False


def _plain(make: Callable[[Fault, Answer], Response]) -> Callable[[Fault, Answer], Layer]:
    def spoil(fault: Fault, answer: Answer) -> Layer:
        async def layer(_: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
            await make(fault, answer)(scope, receive, send)

        return layer

    return spoil


def _status(fault: Fault, _: Answer) -> Response:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.body is not None:
        return Response(fault.body, fault.status, headers=headers, media_type="application/json")
    if fault.status == 401:
        challenge = 'Bearer realm="Doorkeeper", error="invalid_token", error_description="The access token is invalid"'
        return Response(status_code=401, headers={**headers, "WWW-Authenticate": challenge})
    return JSONResponse({"errors": [f"Practice fault {fault.status}."]}, fault.status, headers=headers)


def _html(fault: Fault, _: Answer) -> Response:
    """A proxy's own page, with any status."""
    title = {500: "200 OK", 502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}.get(
        fault.status, str(fault.status)
    )
    status = 200 if fault.status == 500 else fault.status
    return Response(fault.body or PROXY_PAGE.format(title), status, media_type="text/html")


def _garbage(fault: Fault, _: Answer) -> Response:
    return Response(fault.body or '{"boxes": [{"id": 1, ', media_type="application/json")


def _wrong_types(_: Fault, answer: Answer) -> Response:
    """The real answer with every value of another type than it should have."""
    body = json.loads(b"".join(message.get("body", b"") for message in answer))
    return JSONResponse(
        {name: _other_type(value) for name, value in body.items()} if isinstance(body, dict) else {"rows": 7}
    )


def _other_type(value: Any) -> Any:
    match value:
        case bool() | None:
            return {"unexpected": True}
        case int() | float():
            return ["not", "a", "number"]
        case str():
            return {"text": 1}
        case _:
            return "many"


def _redirect(fault: Fault, _: Answer) -> Response:
    status = fault.status if 300 <= fault.status < 400 else 302
    return Response(status_code=status, headers={"Location": fault.location})


def _big(fault: Fault, _: Answer) -> Response:
    return Response(_padding(fault.size), media_type="application/json")


def _gzip_bomb(fault: Fault, _: Answer) -> Response:
    return Response(_packed(fault.size), media_type="application/json", headers={"Content-Encoding": "gzip"})


def _padding(size: int) -> bytes:
    return b'{"boxes": [], "padding": "' + b"x" * size + b'"}'


@lru_cache(maxsize=4)
def _packed(size: int) -> bytes:
    return gzip.compress(_padding(size))


def _delay(_: Fault, answer: Answer) -> Layer:
    """The answer is right, only late (`delay` has passed already)."""

    async def layer(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if not answer:
            await app(scope, receive, send)
        for message in answer:
            await send(message)

    return layer


def _hang(fault: Fault, _: Answer) -> Layer:
    """Nothing is said for `seconds`, or until the client goes away."""

    async def layer(_: ASGIApp, scope: Scope, receive: Receive, __: Send) -> None:
        await until_gone(receive, fault.seconds)
        await abort(scope)

    return layer


def _trickle(fault: Fault, _: Answer) -> Layer:
    """A byte now and then: no read time-out ever fires."""

    async def layer(__: ASGIApp, ___: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        for _ in range(max(1, int(fault.seconds / 0.1))):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            if await until_gone(receive, 0.1):
                return
        await send({"type": "http.response.body", "body": b"{}"})

    return layer


def _drop(_: Fault, __: Answer) -> Layer:
    async def layer(_: ASGIApp, scope: Scope, __: Receive, ___: Send) -> None:
        await abort(scope)

    return layer


def _reset_mid_body(_: Fault, __: Answer) -> Layer:
    async def layer(_: ASGIApp, scope: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"5000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"boxes": [{"id": 1', "more_body": True})
        await asyncio.sleep(0.05)  # lets the first bytes leave
        await abort(scope)

    return layer


KINDS = {
    "status": Kind(_plain(_status)),
    "html": Kind(_plain(_html)),
    "garbage": Kind(_plain(_garbage)),
    "wrong_types": Kind(_plain(_wrong_types), needs_answer=True),
    "big": Kind(_plain(_big)),
    "gzip_bomb": Kind(_plain(_gzip_bomb)),
    "redirect": Kind(_plain(_redirect)),
    "delay": Kind(_delay),
    "hang": Kind(_hang),
    "trickle": Kind(_trickle),
    "drop": Kind(_drop),
    "reset": Kind(_reset_mid_body),
}
