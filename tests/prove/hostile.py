"""Names and ids as somebody would choose them who wants to get out of them; and a CT that calls everything so."""

import json
import random
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.slack.foreign import NASTY

# What the bot finds its way with, what is no name at all, and CT's own addresses: these stay as they are.
KEPT = frozenset(
    {
        *("id", "slug", "unique_id", "location_id", "location_slug", "account_id", "role_id", "job_id", "timezone"),
        *("mac", "client_mac", "calledstationid", "ap_mac", "username", "email", "state", "splash_status", "kind"),
        *("pdf_link", "csv_link", "created_at", "updated_at", "start_date", "expires", "timestamp", "type", "access"),
        *("access_type", "conn_type", "access_token", "refresh_token", "token_type"),
    }
)
IDS = frozenset({"id", "slug", "unique_id", "location_slug", "client_mac", "mac", "ap_mac", "username", "zone_id"})
LONGEST = 400


def name(dice: random.Random) -> str:
    """One name; now and then a very long one, or one that is no Unicode."""
    parts = dice.choices([one for one in NASTY if one != "\ud800"], k=dice.randrange(1, 4))
    if dice.random() < 0.3:
        parts.append("".join(chr(dice.randrange(0x20, 0xD800)) for _ in range(dice.randrange(20))))
    text = "".join(parts)
    return text if dice.random() < 0.01 else text[:LONGEST]


class Renamed:
    """An ASGI layer around the practice CT: texts that it tells are other ones, the same for the same place.

    `make` says what they are; `ids`: those that the bot finds its way with, and every second of them, instead of names.
    """

    def __init__(
        self, app: ASGIApp, seed: str, *, make: Callable[[random.Random], str] = name, ids: bool = False
    ) -> None:
        self._app = app
        self._seed = seed
        self._make = make
        self._ids = ids
        self.on = True
        self.texts = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.on or scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def hold(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                told = self._told(body)
                headers = [(key, held) for key, held in start["headers"] if key.lower() != b"content-length"]
                await send({**start, "headers": [*headers, (b"content-length", b"%d" % len(told))]})
                await send({"type": "http.response.body", "body": told})

        await self._app(scope, receive, hold)

    def _told(self, body: bytes) -> bytes:
        try:
            return json.dumps(self._other("", json.loads(body))).encode()
        except ValueError:
            return body

    def _other(self, field: str, held: Any) -> Any:
        if isinstance(held, dict):
            return {key: self._other(key, one) for key, one in held.items()}
        if isinstance(held, list):
            return [self._other(field, one) for one in held]
        dice = random.Random(f"{self._seed} {field} {held}")
        if not isinstance(held, str) or (field in IDS and dice.random() < 0.5) != self._ids or not self._ours(field):
            return held
        self.texts += 1
        return self._make(dice)

    def _ours(self, field: str) -> bool:
        return self._ids or not (field in KEPT or field.endswith("_at"))
