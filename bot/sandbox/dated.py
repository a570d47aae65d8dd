"""The `Date` header of a practice server, by a clock that may go wrong."""

import time
from collections.abc import Callable
from email.utils import formatdate

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Dated:
    """An ASGI layer; `skew`: seconds by which the server's clock is ahead. uvicorn's own header must be off."""

    def __init__(self, app: ASGIApp, *, skew: Callable[[], float]) -> None:
        self._app = app
        self._skew = skew

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(time.time() + self._skew(), usegmt=True).encode()
                message = {**message, "headers": [*message["headers"], (b"date", date)]}
            await send(message)

        await self._app(scope, receive, dated if scope["type"] == "http" else send)
