"""TCP in the middle: delays, cuts, half-opens, trickles, resets; and a balancer over replicas."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CHUNK = 65_536


@dataclass
class Trouble:
    """What a proxy does; nothing by default. It may be changed while connections are open."""

    refuse: bool = False  # connections are reset as soon as they are made
    silent: bool = False  # nothing is carried either way, and nothing is closed: half open
    delay: float = 0.0  # seconds before each piece of an answer
    trickle: float = 0.0  # seconds between single bytes of an answer
    cut_after: int | None = None  # bytes of answers on a connection, then it is closed
    reset_after: int | None = None  # the same, with a reset
    hits: int = field(default=0)


Target = Callable[[], tuple[str, int] | None]


class Proxy:
    """Carries bytes between whoever connects and `target`, as the present `trouble` has it."""

    def __init__(self, *targets: int) -> None:
        self.trouble = Trouble()
        self.targets: list[int] = list(targets)
        self._next = 0
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> "Proxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.drop()
        await asyncio.gather(*self._links, return_exceptions=True)

    def drop(self) -> None:
        """End every open connection."""
        for link in list(self._links):
            link.cancel()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.ensure_future(self._link(reader, writer))
        self._links.add(link)
        link.add_done_callback(lambda _: writer.close())  # a link that is dropped before it begins closes, too
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._carry(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            _reset(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.trouble.refuse:
            self.trouble.hits += 1
            _reset(writer)
            return
        found = await self._connect()
        if found is None:
            _reset(writer)
            return
        far_reader, far_writer = found
        there = asyncio.ensure_future(self._pump(reader, far_writer, answers=False))
        back = asyncio.ensure_future(self._pump(far_reader, writer, answers=True))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            if there.done() and not back.done():
                await asyncio.wait({back}, timeout=1.0)
        finally:
            there.cancel()
            back.cancel()
            far_writer.close()  # before the wait, which may be cancelled in its turn
            await asyncio.gather(there, back, return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The next target that takes a connection: one that has ended is passed over."""
        targets, first = list(self.targets), self._next
        self._next += 1
        for number in range(len(targets)):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", targets[(first + number) % len(targets)])
        return None

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        carried = 0
        while data := await reader.read(CHUNK):
            trouble = self.trouble
            while trouble.silent:
                trouble.hits += 1
                await asyncio.sleep(0.05)
                trouble = self.trouble
            if answers:
                if trouble.delay:
                    await asyncio.sleep(trouble.delay)
                for piece in _pieces(data, trouble):
                    writer.write(piece)
                    await writer.drain()
                    if trouble.trickle:
                        await asyncio.sleep(trouble.trickle)
                carried += len(data)
                if trouble.reset_after is not None and carried >= trouble.reset_after:
                    trouble.hits += 1
                    _reset(writer)
                    return
                if trouble.cut_after is not None and carried >= trouble.cut_after:
                    trouble.hits += 1
                    return
            else:
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            if writer.can_write_eof():
                writer.write_eof()


def _pieces(data: bytes, trouble: Trouble) -> Sequence[bytes]:
    most = min((limit for limit in (trouble.cut_after, trouble.reset_after) if limit is not None), default=len(data))
    data = data[:most]
    return [data[i : i + 1] for i in range(len(data))] if trouble.trickle else [data]


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST: no lingering."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
