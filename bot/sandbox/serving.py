"""Serve an ASGI app on a loopback port inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn


def free_socket(port: int = 0) -> socket.socket:
    """A bound loopback socket: the port is ours before anybody is told of it.

    The protocol is named because asyncio switches Nagle off only where it reads TCP there; else answers may take 40 ms.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


@contextlib.asynccontextmanager
async def serve(app: Any, *, port: int = 0) -> AsyncIterator[str]:
    """Run `app` until the block ends; yields its base URL, without a trailing slash."""
    sock = free_socket(port)
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
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
        server.should_exit = True
        await running
        sock.close()
