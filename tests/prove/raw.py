"""HTTP by hand: requests that no library would send, over kept connections, as fast as a row asks for."""

import asyncio
import contextlib
import hashlib
import hmac
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.sandbox.slack.credentials import SIGNING_SECRET

Headers = Sequence[tuple[bytes, bytes]]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
FORM = (b"Content-Type", b"application/x-www-form-urlencoded")


@dataclass(frozen=True)
class Request:
    """One POST to `/slack/events`."""

    body: bytes
    headers: Headers

    def wire(self) -> bytes:
        lines = [b"POST /slack/events HTTP/1.1", b"Host: bot.example", b"Content-Length: %d" % len(self.body)]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def sign(body: bytes, *, secret: str = SIGNING_SECRET, at: float | None = None) -> Headers:
    """Slack's headers for a body."""
    stamp = str(int(time.time() if at is None else at)).encode()
    digest = hmac.new(secret.encode(), b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest().encode()
    return [FORM, (b"X-Slack-Request-Timestamp", stamp), (b"X-Slack-Signature", b"v0=" + digest)]


async def ask(port: int, requests: Iterable[Request], *, at_once: int = 16, patience: float = 10.0) -> list[int]:
    """Send all of them, each made when its turn comes; the statuses in no order.

    0: the connection was closed without an answer.
    """
    left, statuses = iter(requests), list[int]()

    async def one() -> None:
        connection = None
        for request in left:
            connection = connection or await connect(port)
            status, again = 0, False
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                status, _, again = await exchange(connection, request, patience=patience)
            statuses.append(status)
            if not again:
                connection[1].close()
                connection = None
        if connection is not None:
            connection[1].close()

    await asyncio.gather(*(one() for _ in range(at_once)))
    return statuses


async def connect(port: int) -> Connection:
    return await asyncio.open_connection("127.0.0.1", port)


async def exchange(connection: Connection, request: Request, *, patience: float = 10.0) -> tuple[int, bytes, bool]:
    """The status, the body, and whether the connection can be used again.

    Raises OSError, IncompleteReadError or TimeoutError when no whole answer came.
    """
    reader, writer = connection
    async with asyncio.timeout(patience):
        writer.write(request.wire())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        body = await reader.readexactly(length)
    return int(head[9:12]), body, b"connection: close" not in head
