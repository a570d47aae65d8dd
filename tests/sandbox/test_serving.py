"""Serving the practice worlds, and ending them while somebody is there."""

import asyncio
import contextlib

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.frames import CloseCode

from bot.sandbox.serving import serve

LONG = "x" * 8_000_000  # more than the kernel takes at once: the connection stays until it is read


async def _talks(socket: WebSocket) -> None:
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        await socket.send_text(LONG)
        await socket.receive_text()


async def test_a_browser_that_is_just_leaving_does_not_keep_the_server_from_its_end() -> None:
    async with serve(Starlette(routes=[WebSocketRoute("/", _talks)])) as url:
        socket = await connect(url.replace("http", "ws"), compression=None, max_size=None)
        socket.transport.pause_reading()  # what the server still has for it waits in the server
        await asyncio.sleep(0.1)
        socket.protocol.send_close(CloseCode.GOING_AWAY)
        socket.transport.write(b"".join(socket.protocol.data_to_send()))
        await asyncio.sleep(0.1)
    socket.transport.abort()
    await socket.wait_closed()
