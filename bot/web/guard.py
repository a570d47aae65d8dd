"""The outermost layer of the web: headers of row L5 on every answer, and one place where a bug becomes a page."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web import pages

log = structlog.get_logger(__name__)


def security_headers(form_urls: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """What every answer carries. Chrome holds `form-action` against redirects too, so the next hosts stand in it."""
    form_hosts = dict.fromkeys(source for url in form_urls for source in _sources(url))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{pages.STYLE_HASH}'",
            " ".join(("form-action 'self'", *form_hosts)),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]


def _sources(url: str) -> list[str]:
    """An origin and, over https, its relatives: Slack goes on to the workspace's own host, CT to a brand's."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme != "https":
        return [origin]
    labels = host.split(".")
    return [origin, f"https://*.{'.'.join(labels[1:]) if len(labels) > 2 else host}"]


class Guard:
    """Wraps the whole app; nothing raised inside gets past it."""

    def __init__(self, app: ASGIApp, *, headers: list[tuple[bytes, bytes]]) -> None:
        self._app = app
        self._headers = headers
        self._names = {name for name, _ in headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in self._names]
                message = {**message, "headers": [*kept, *self._headers]}
            await send(message)

        try:
            await self._app(scope, receive, guarded_send)
        except Exception:  # the one door of the web: a bug becomes a page and a line with its reference
            reference = f"ct-{secrets.token_hex(4)}"
            log.exception("request failed", reference=reference, path=_route(scope))
            if not started:
                await pages.failed(reference)(scope, receive, guarded_send)


def _route(scope: Scope) -> str:
    """The path without its secret: only the first part is ours."""
    return "/" + str(scope["path"]).lstrip("/").partition("/")[0][:40]
