"""Serve an ASGI app on a loopback port inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


def free_socket(port: int = 0) -> socket.socket:
    """A bound loopback socket: the port is ours before anybody is told of it.

    The protocol is named because asyncio switches Nagle off only where it reads TCP there; else answers may take 40 ms.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


class _WebSocket(WebSocketsSansIOProtocol):
    """Leaves alone what is being closed already; uvicorn's own raises InvalidState where the browser came first."""

    def shutdown(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()


class _LoopbackServer(uvicorn.Server):
    """Ends as soon as it is told to; uvicorn's own looks ten times a second and then waits a tenth more."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._over = asyncio.Event()

    def end(self) -> None:
        self.should_exit = True
        self._over.set()

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """With no request under way there is nothing to wait for."""
        if self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(3):  # transports close in the turns of the loop that follow
            await asyncio.sleep(0)
        await self.lifespan.shutdown()


@contextlib.asynccontextmanager
async def serve(app: Any, *, port: int = 0, sock: socket.socket | None = None) -> AsyncIterator[str]:
    """Run `app` until the block ends; yields its base URL, without a trailing slash."""
    sock = sock or free_socket(port)
    config = uvicorn.Config(
        app,
        ws=_WebSocket,
        log_level="warning",
        access_log=False,
        lifespan="on",
        date_header=False,
        timeout_graceful_shutdown=2,
    )
    server = _LoopbackServer(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # not ours to take
    running = asyncio.ensure_future(server.serve(sockets=[sock]))
    while not server.started:
        if running.done():
            running.result()
            raise RuntimeError("the server ended before it started")
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.end()
        await running
        sock.close()
