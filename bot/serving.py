"""Runs the app under uvicorn: start, SIGTERM, drain."""

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
        log.info("serving", host=settings.host, port=settings.port, socket_mode=settings.socket_mode)
        await server.serve()
        return 0 if server.started else 1
