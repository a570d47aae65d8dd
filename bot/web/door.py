"""The door for `POST /slack/events`: only what Slack signed, whole, fresh and readable gets to Bolt (row S1).

Slack's rules: docs.slack.dev/authentication/verifying-requests-from-slack. Cheap checks come first; no answer is a 5xx.
"""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

Dispatch = Callable[[str, dict[str, list[str]]], Awaitable[tuple[int, dict[str, str], bytes]]]
RawHeaders = list[tuple[bytes, bytes]]

BODY_CAP = 1_000_000
_OLDEST = 300
_READ_SECONDS = 3.0
_TIMESTAMP = re.compile(rb"[0-9]{10}")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")


class _RefusedError(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class SlackDoor:
    """An ASGI endpoint; `dispatch` gets the body as text, and every header as a list of its values."""

    def __init__(
        self,
        *,
        dispatch: Dispatch,
        signing_secret: str,
        registry: CollectorRegistry,
        clock: Callable[[], float] = time.time,
        read_seconds: float = _READ_SECONDS,
    ) -> None:
        self._dispatch = dispatch
        self._secret = signing_secret.encode()
        self._clock = clock
        self._read_seconds = read_seconds
        self._refused = Counter(
            "ct_bot_door_refused", "Requests to /slack/events that were turned away", ["reason"], registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: RawHeaders = scope["headers"]
        try:
            body = await self._admit(headers, receive)
        except ClientDisconnect:
            self._refused.labels("gone").inc()
            return
        except _RefusedError as refused:
            self._refused.labels(refused.reason).inc()
            await _answer(send, refused.status, {"content-type": "text/plain"}, refused.reason.encode())
            return
        status, answer_headers, answer = await self._dispatch(body, _readable(headers))
        await _answer(send, status, answer_headers, answer)

    async def _admit(self, headers: RawHeaders, receive: Receive) -> str:
        timestamp = _only(headers, b"x-slack-request-timestamp", _TIMESTAMP, "timestamp")
        signature = _only(headers, b"x-slack-signature", _SIGNATURE, "signature")
        if abs(self._clock() - int(timestamp)) > _OLDEST:
            raise _RefusedError(401, "stale")
        _check_length(headers)
        try:
            async with asyncio.timeout(self._read_seconds):
                body = await _read(receive)
        except TimeoutError:
            raise _RefusedError(408, "slow") from None
        expected = (
            b"v0=" + hmac.new(self._secret, b"v0:" + timestamp + b":" + body, hashlib.sha256).hexdigest().encode()
        )
        if not hmac.compare_digest(expected, signature):
            raise _RefusedError(401, "forged")
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise _RefusedError(400, "encoding") from None


def _only(headers: RawHeaders, name: bytes, shape: re.Pattern[bytes], reason: str) -> bytes:
    values = [value for key, value in headers if key == name]
    if len(values) != 1 or not shape.fullmatch(values[0]):
        raise _RefusedError(401, reason)
    return values[0]


def _check_length(headers: RawHeaders) -> None:
    for key, value in headers:
        if key == b"content-length" and value.isdigit() and int(value) > BODY_CAP:
            raise _RefusedError(413, "length")


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_CAP:
            raise _RefusedError(413, "length")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _readable(headers: RawHeaders) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return found


async def _answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    raw = [pair for pair in raw if pair[0] != b"content-length"] + [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
