"""A small HTTP server that answers what a test tells it to and remembers what it was asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


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
    """Answers every path with `answer(request)`, which a test replaces, also by `says` and `tells`."""

    seen: list[Seen] = field(default_factory=list)
    answer: Callable[[Request], Response | Awaitable[Response]] = lambda _: JSONResponse({})
    url: str = ""

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "POST", "PATCH", "DELETE"])])

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

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        self.seen.append(
            Seen(request.method, request.url.path, dict(request.query_params), dict(request.headers), body)
        )
        answer = self.answer(request)
        return answer if isinstance(answer, Response) else await answer
