"""Faults on request: what a test, or the demo, wants to go wrong next (guarantees.md X1)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.ct.answers import RefusedError, body_json
from bot.sandbox.ct.connection import until_gone
from bot.sandbox.ct.fault_kinds import KINDS


@dataclass
class Fault:
    """The next `times` requests (None: all) to `prefix` with `method` go wrong in the way of `kind`.

    With `after` the request is carried out first and its answer is lost. `contains` looks into the request's body.
    """

    kind: str
    prefix: str = "/"
    method: str | None = None
    times: int | None = 1
    after: bool = False
    contains: str | None = None
    status: int = 500
    retry_after: str | float | None = None
    body: str | None = None
    location: str = "http://elsewhere.invalid/"
    delay: float = 0.0  # seconds before anything happens; with `after`, before anything is said
    seconds: float = 30.0  # how long a trickle or a hang lasts
    size: int = 10_000_000  # bytes of a big body; of a gzip bomb once unpacked
    id: int = field(default=0)

    def fits(self, scope: Scope, body: bytes) -> bool:
        return (
            self.times != 0
            and scope["path"].startswith(self.prefix)
            and self.method in (None, scope["method"])
            and (self.contains is None or self.contains.encode() in body)
        )


class Faults:
    """An ASGI layer that spoils answers."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.waiting: list[Fault] = []
        self._last_id = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None  # noqa: S101 - set where the layers are put together
        if scope["type"] != "http" or not self.waiting or scope["path"].startswith("/_practice"):
            await self.app(scope, receive, send)
            return
        from_server = receive
        body, receive = await _read(from_server)
        fault = next((fault for fault in self.waiting if fault.fits(scope, body)), None)
        if fault is None:
            await self.app(scope, receive, send)
            return
        self._use(fault)
        scope["practice"]["fault"] = fault.kind
        answer: list[Message] = []
        if fault.after or KINDS[fault.kind].needs_answer:
            answer = await _carried_out(self.app, scope, receive)
        if fault.delay:
            await until_gone(from_server, fault.delay)
        await KINDS[fault.kind].spoil(fault, answer)(self.app, scope, receive, send)

    def _use(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self.waiting.remove(fault)

    def add(self, **wanted: Any) -> Fault:
        self._last_id += 1
        fault = Fault(**wanted, id=self._last_id)
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        self.waiting.clear()

    def routes(self, guard: Callable[[Any], Any]) -> list[Route]:
        return [
            Route("/_practice/faults", guard(self._list), methods=["GET"]),
            Route("/_practice/faults", guard(self._add), methods=["POST"]),
            Route("/_practice/faults", guard(self._clear), methods=["DELETE"]),
        ]

    async def _list(self, _: Request) -> Response:
        return JSONResponse({"faults": [asdict(fault) for fault in self.waiting]})

    async def _add(self, request: Request) -> Response:
        wanted = await body_json(request)
        known = {item.name for item in fields(Fault)} - {"id"}
        if unknown := set(wanted) - known:
            raise RefusedError(
                JSONResponse({"error": f"a fault has no {', '.join(unknown)}; it has {', '.join(known)}"}, 400)
            )
        if wanted.get("kind") not in KINDS:
            raise RefusedError(JSONResponse({"error": f"kind is one of {', '.join(KINDS)}"}, 400))
        return JSONResponse(asdict(self.add(**wanted)), 201)

    async def _clear(self, _: Request) -> Response:
        self.clear()
        return JSONResponse({"faults": []})


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The whole request body, and a `receive` that tells it again."""
    told: list[Message] = []
    while not told or told[-1].get("more_body"):
        told.append(await receive())
    body = b"".join(message.get("body", b"") for message in told)
    again = iter(told)

    async def repeat() -> Message:
        return next(again, None) or await receive()

    return body, repeat


async def _carried_out(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    """Let the app do its work and keep its answer from the client."""
    said: list[Message] = []

    async def keep(message: Message) -> None:
        said.append(message)

    await app(scope, receive, keep)
    return said
