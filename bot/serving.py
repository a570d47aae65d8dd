"""Runs the app under uvicorn: start, SIGTERM, drain."""

import asyncio
import contextlib
import signal

import structlog
import uvicorn
from starlette.applications import Starlette

from bot.app import create_app
from bot.settings import Settings

log = structlog.get_logger(__name__)

KEEP_ALIVE_SECONDS = 75
LINGER_SECONDS = 1.0


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
        _end_by_signal(server, app)
        log.info("serving", host=settings.host, port=settings.port, socket_mode=settings.socket_mode)
        await server.serve()
        return 0 if server.started else 1


def _end_by_signal(server: uvicorn.Server, app: Starlette) -> None:
    """SIGTERM and SIGINT end the server, and only it.

    uvicorn's own handling raises the signal again once it has ended: the process is gone before anything is drained.
    On SIGTERM the server says that it is leaving (`/readyz`) and answers for LINGER_SECONDS more, as uvicorn closes
    connections on which a request is still under way. Each answer asks to close its connection. A second SIGTERM, or
    SIGINT, ends it at once.
    """
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    loop = asyncio.get_running_loop()

    def leave() -> None:
        if app.state.leaving:
            server.handle_exit(signal.SIGTERM, None)
            return
        app.state.leaving = True
        server.config.encoded_headers.append((b"connection", b"close"))  # uvicorn makes its defaults of it each second
        server.server_state.default_headers = [*server.server_state.default_headers, (b"connection", b"close")]
        loop.call_later(LINGER_SECONDS, server.handle_exit, signal.SIGTERM, None)

    loop.add_signal_handler(signal.SIGTERM, leave)
    loop.add_signal_handler(signal.SIGINT, server.handle_exit, signal.SIGINT, None)
