"""Carries payloads to the app, over signed HTTP or over Socket Mode, and waits three seconds for the ack."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.credentials import SIGNING_SECRET
from bot.sandbox.slack.deliveries import Deliveries, Delivery
from bot.sandbox.slack.signing import signed_headers
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.switches import Switches

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"
SOCKET_TYPES = {"command": "slash_commands", "event": "events_api"}


@dataclass(frozen=True)
class Ack:
    """What came back: `error` is None for a 200 in time; `answer` is text, an object, or None."""

    answer: Any = None
    error: str | None = None
    status: int | None = None
    no_retry: bool = False


class Courier:
    def __init__(self, *, switches: Switches, deliveries: Deliveries, sockets: SocketMode) -> None:
        self._switches = switches
        self._deliveries = deliveries
        self._sockets = sockets
        self._http: aiohttp.ClientSession | None = None
        self.request_url: str | None = None
        self.socket_mode = False

    def _clock(self) -> float:
        return time.time() + self._switches.clock_skew

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def send(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        seconds: float | None = None,
        headers: dict[str, str] | None = None,
        attempt: int = 0,
    ) -> Ack:
        """Deliver one payload, in as many copies as the switch says; the first copy's ack counts."""
        form = kind != "event"
        body = _body(kind, payload)
        transport = "socket" if self.socket_mode else "http"
        delivery = self._deliveries.open(kind, transport, FORM if form else JSON, body, payload)
        delivery.attempt = attempt
        copies = [self.carry(delivery, seconds=seconds, headers=headers)]
        copies += [
            self.carry(self._copy(delivery), seconds=seconds, headers=headers) for _ in range(self._switches.copies - 1)
        ]
        return (await asyncio.gather(*copies))[0]

    def _copy(self, delivery: Delivery) -> Delivery:
        copy = self._deliveries.open(
            delivery.kind, delivery.transport, delivery.content_type, delivery.body, delivery.payload
        )
        copy.headers, copy.envelope_id, copy.attempt = dict(delivery.headers), delivery.envelope_id, delivery.attempt
        return copy

    async def repeat(self, delivery: Delivery, *, signature: str | None, same_headers: bool) -> Ack:
        """Send an old delivery again: as it was (a replay), or signed anew, rightly or wrongly."""
        copy = self._copy(delivery)
        if not same_headers:
            copy.headers = {}
        return await self.carry(copy, signature=signature)

    async def forge(self, kind: str, payload: dict[str, Any], *, signature: str | None) -> Ack:
        """Send a payload that Slack never made."""
        transport = "socket" if self.socket_mode else "http"
        content_type = JSON if kind == "event" else FORM
        delivery = self._deliveries.open(kind, transport, content_type, _body(kind, payload), payload)
        return await self.carry(delivery, signature=signature)

    async def carry(
        self,
        delivery: Delivery,
        *,
        seconds: float | None = None,
        headers: dict[str, str] | None = None,
        signature: str | None = None,
    ) -> Ack:
        began, limit = time.perf_counter(), seconds or self._switches.ack_seconds
        try:
            async with asyncio.timeout(limit):
                if delivery.transport == "socket":
                    ack = await self._by_socket(delivery)
                else:
                    ack = await self._by_http(delivery, headers or {}, signature or self._switches.signature)
        except TimeoutError:
            ack = Ack(error="operation_timeout")
        except (aiohttp.ClientError, OSError) as error:
            ack = Ack(error="dispatch_failed", answer=str(error))
        delivery.ack_ms = round((time.perf_counter() - began) * 1000, 3)
        delivery.status, delivery.answer, delivery.error = ack.status, ack.answer, ack.error
        return ack

    async def _by_socket(self, delivery: Delivery) -> Ack:
        answer = await self._sockets.deliver(delivery, SOCKET_TYPES.get(delivery.kind, "interactive"))
        return answer if isinstance(answer, Ack) else Ack(answer, status=200)

    async def _by_http(self, delivery: Delivery, headers: dict[str, str], signature: str) -> Ack:
        if self.request_url is None:
            return Ack(error="dispatch_failed", answer="no request URL is set")
        if not delivery.headers:
            delivery.headers = {"Content-Type": delivery.content_type, "User-Agent": AGENT, "Accept": f"{JSON},*/*"}
            delivery.headers |= signed_headers(SIGNING_SECRET, delivery.body, kind=signature, clock=self._clock)
            delivery.headers |= headers
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        async with self._http.post(
            self.request_url, data=delivery.body, headers=delivery.headers, allow_redirects=False
        ) as response:
            raw = await response.read()
            answer = _read(raw, response.headers.get("Content-Type", ""))
            error = None if response.status == 200 else "dispatch_unknown_error"
            return Ack(answer, error, response.status, response.headers.get("X-Slack-No-Retry") == "1")


def _body(kind: str, payload: dict[str, Any]) -> bytes:
    if kind == "event":
        return json.dumps(payload).encode()
    fields = payload if kind == "command" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode()


def _read(raw: bytes, content_type: str) -> Any:
    text = raw.decode("utf-8", "replace")
    if content_type.startswith(JSON):
        try:
            return json.loads(text) if text.strip() else None
        except ValueError:
            return text
    return text or None
