"""Runs the app under uvicorn: start, SIGTERM, drain."""

import asyncio
import contextlib
import signal

import structlog
import uvicorn

from bot.app import create_app
from bot.settings import Settings

log = structlog.get_logger(__name__)

KEEP_ALIVE_SECONDS = 75


async def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Access logs are off: they would print `?code=` (row U2)."""
    async with create_app(settings) as app:
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            loop="auto",
            http="httptools",
            ws="none",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=10,
        )
        server = uvicorn.Server(config)
        _end_by_signal(server)
        log.info("serving", host=settings.host, port=settings.port, socket_mode=settings.socket_mode)
        await server.serve()
        return 0 if server.started else 1


def _end_by_signal(server: uvicorn.Server) -> None:
    """SIGTERM and SIGINT end the server, and only it.

    uvicorn's own handling raises the signal again once it has ended: the process is gone before anything is drained.
    """
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.handle_exit, number, None)
