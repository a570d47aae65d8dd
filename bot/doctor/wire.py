"""One bounded request, and what went wrong with it in words. Follows nothing, keeps nothing, reads no environment."""

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

SECONDS = 4.0
_CAP = 256 * 1024
_NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH}


class SilentError(Exception):
    """Nobody answered; `str()` says why, in words that hold no address and no secret."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer. `at`: when it came, by our own clock; `seconds`: how long that took."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)
    at: float
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one where it is none."""
        try:
            told = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def is_html(self) -> bool:
        return "html" in self.headers.get("content-type", "")


class Wire:
    """Asks; `http` is shared by the checks of one examination."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Heard:
        """One answer within four seconds; raises SilentError. A body is read as far as 256 kB."""
        began = time.monotonic()
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._http.stream(method, url, headers=headers, data=form, content=content) as answer,
            ):
                at, seconds = time.time(), time.monotonic() - began
                body = b""
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > _CAP:
                        break
                return Heard(answer.status_code, answer.headers, body[:_CAP], at, seconds)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise SilentError(words(error)) from None


def words(error: BaseException) -> str:
    """Why there was no answer, from whatever a library wrapped around the cause."""
    for cause in causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"its certificate is not accepted ({cause.verify_message})"
            case ssl.SSLError():
                return "it does not speak TLS there"
            case socket.gaierror():
                return "its name is not known (DNS)"
            case ConnectionRefusedError():
                return "the connection was refused"
            case ConnectionResetError() | BrokenPipeError() | httpx.RemoteProtocolError():
                return "the connection was broken off"
            case TimeoutError() | httpx.TimeoutException():
                return "no answer in time"
            case OSError() if cause.errno in _NO_ROUTE:
                return "there is no way to it (no route)"
    return f"no answer ({type(error).__name__})"


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, the first cause first."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        found = waiting.pop()
        if found in seen:
            continue
        seen.append(found)
        waiting += [cause for cause in (found.__cause__, found.__context__) if cause is not None]
        if isinstance(found, BaseExceptionGroup):
            waiting += found.exceptions
    return reversed(seen)
