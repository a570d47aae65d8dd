"""A small HTTP server that answers what a test tells it to and remembers what it was asked."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from starlette.responses import JSONResponse, Response


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Stub:
    """Answers every path with `answer(seen)`, which a test replaces, also by `says` and `tells`."""

    seen: list[Seen] = field(default_factory=list)
    answer: Callable[[Seen], Response | Awaitable[Response]] = lambda _: JSONResponse({})
    url: str = ""

    @property
    def asked(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.seen]

    def says(self, *answers: Response) -> None:
        """Give these answers in turn; the last one for ever after."""
        left = list(answers)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def tells(self, told: Any, status: int = 200, **headers: str) -> None:
        """Answer everything with this JSON."""
        self.answer = lambda _: JSONResponse(told, status, headers={k.replace("_", "-"): v for k, v in headers.items()})

    @contextlib.asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Serve on a loopback port. On aiohttp and not on uvicorn, which takes 0.2 s to end."""
        runner = web.ServerRunner(web.Server(self._serve, handler_cancellation=True), shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.method, request.path, dict(request.query), headers, body))
        answer = self.answer(self.seen[-1])
        told = answer if isinstance(answer, Response) else await answer
        sent = web.Response(body=told.body, status=told.status_code)
        for name, value in told.raw_headers:
            sent.headers[name.decode()] = value.decode()
        return sent
