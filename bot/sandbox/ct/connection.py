"""Breaking a connection on purpose, which no ASGI server offers."""

import asyncio
import contextlib
import socket
import struct
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

RAW_SEND = "practice.send"
"""Where the outermost layer leaves the server's own `send`."""


async def abort(scope: Scope) -> None:
    """Reset the TCP connection of this request: the client sees neither the rest nor an orderly end."""
    transport: Any = getattr(getattr(scope[RAW_SEND], "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("this server does not let its connection be reset")
    with contextlib.suppress(OSError, AttributeError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    for _ in range(3):  # uvicorn has to notice, or it reports an unfinished answer
        await asyncio.sleep(0)


async def until_gone(receive: Receive, seconds: float) -> bool:
    """Wait; True as soon as the client has closed the connection. The request's body must have been read."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


class LateResponse(JSONResponse):
    """The right answer, `seconds` too late."""

    def __init__(self, content: Any, *, seconds: float) -> None:
        super().__init__(content)
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await until_gone(receive, self._seconds)
        await super().__call__(scope, receive, send)


class BrokenResponse(Response):
    """No answer: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await abort(scope)
