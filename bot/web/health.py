"""For whoever runs the bot: `/healthz` (the process lives), `/readyz` (what it needs answers), `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = structlog.get_logger(__name__)

Ready = Callable[[], Awaitable[dict[str, bool]]]

_SECONDS = 3.0


def health_routes(*, ready: Ready, registry: CollectorRegistry) -> list[Route]:
    """The three routes."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(request: Request) -> Response:
        if getattr(request.app.state, "leaving", False):
            return JSONResponse({"ready": False, "not_ready": ["leaving"]}, 503)
        try:
            async with asyncio.timeout(_SECONDS):
                answers = await ready()
        except Exception as error:  # whatever the check dies of, the answer is "not ready"
            log.warning("readiness check failed", error=type(error).__name__)
            answers = {"check": False}
        missing = sorted(name for name, well in answers.items() if not well)
        return JSONResponse({"ready": not missing, "not_ready": missing}, 503 if missing else 200)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
