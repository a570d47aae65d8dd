"""What was asked of the practice CT, so that tests can say "exactly one"."""

import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.ct.connection import RAW_SEND

KEPT = 50_000


class RequestLog:
    """An ASGI layer around everything but the control routes. It keeps no query, no header and no body."""

    def __init__(self, app: ASGIApp, *, clock: Callable[[], float] = time.time) -> None:
        self._app = app
        self._clock = clock
        self._number = 0
        self.rows: deque[dict[str, Any]] = deque(maxlen=KEPT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[RAW_SEND] = send
        notes: dict[str, Any] = {}
        scope["practice"] = notes
        if scope["path"].startswith("/_practice"):
            await self._app(scope, receive, send)
            return
        self._number += 1
        row = {"n": self._number, "at": self._clock(), "method": scope["method"], "path": scope["path"], "status": None}
        self.rows.append(row)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                row["status"] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            row.update(notes)

    def clear(self) -> None:
        self.rows.clear()

    def select(self, wanted: dict[str, str]) -> list[dict[str, Any]]:
        """The rows whose fields have these values; `path` is a prefix."""
        prefix = wanted.pop("path", "")
        return [
            row
            for row in self.rows
            if row["path"].startswith(prefix) and all(str(row.get(name)) == value for name, value in wanted.items())
        ]


def counts(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The numbers that tests ask for most."""
    reboots = [row for row in rows if row.get("action") == "reboot"]
    return {
        "total": len(rows),
        "routes": dict(Counter(f"{row['method']} {row['path']}" for row in rows)),
        "statuses": {str(status): count for status, count in Counter(row["status"] for row in rows).items()},
        "token": dict(Counter(row["grant"] for row in rows if "grant" in row)),
        "revokes": sum(row["path"] == "/oauth/revoke" for row in rows),
        "created": dict(Counter(row["created"] for row in rows if "created" in row)),
        "reboots": dict(Counter(row.get("box", "?") for row in reboots)),
        "reboots_acted": dict(Counter(row["box"] for row in reboots if row.get("acted"))),
    }
