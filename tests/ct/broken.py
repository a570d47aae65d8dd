"""Servers that fail in the ways networks and proxies do: below HTTP, so written on plain sockets."""

import asyncio
import contextlib
import gzip
import io
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Broken:
    """A running server: where it is, and the request targets that arrived whole."""

    url: str
    arrived: list[str]


@contextlib.asynccontextmanager
async def listening(behave: Behave) -> AsyncIterator[Broken]:
    """Serve `behave` for each request; it gets the connection once a whole request has come."""
    broken = Broken("", [])
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(_length(head))
                broken.arrived.append(head.split(b"\r\n", 1)[0].decode().rsplit(" ", 1)[0])
                await behave(reader, writer)
                await writer.drain()
                if writer.is_closing():
                    break

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    broken.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield broken
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def answers(status: int, body: bytes = b"", *headers: bytes) -> Behave:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} X".encode(), f"Content-Length: {len(body)}".encode(), *headers, b"", b""]
    return says(b"\r\n".join(lines), body)


def says(*parts: bytes) -> Behave:
    """These bytes, and the connection stays open."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)

    return behave


def says_and_closes(*parts: bytes) -> Behave:
    """These bytes, then an orderly end."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
        await writer.drain()
        writer.close()

    return behave


def says_and_resets(*parts: bytes) -> Behave:
    """These bytes, then a reset."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.02)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return behave


def trickles(head: bytes, *, every: float) -> Behave:
    """A head, then a byte now and then for ever: no read ever times out."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(every)

    return behave


async def never(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Half open: the request is taken, nothing comes back."""
    await asyncio.sleep(3600)


def floods(total: int) -> Behave:
    """An answer of `total` bytes, in pieces."""

    async def behave(__: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n".encode())
        for _ in range(total // 65536):
            writer.write(b" " * 65536)
            await writer.drain()

    return behave


def bomb(size: int) -> bytes:
    """`size` zeros as gzip: a thousandth of that."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(size // 1_000_000):
            file.write(bytes(1_000_000))
    return packed.getvalue()


def refusing_port() -> str:
    """The address of a port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


@contextlib.contextmanager
def full_port() -> Iterator[str]:
    """The address of a port that takes no more connections: connecting never ends."""
    with contextlib.ExitStack() as open_sockets:
        server = open_sockets.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
