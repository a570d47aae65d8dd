"""HTTP in front of the practice CT: carries everything, and spoils the answer to the one request that a row names."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from tests.ct.broken import Behave, never


@dataclass
class Fault:
    """What is done to a request in place of an answer. `unclean`: no second request may come on that connection.

    `tells`: the answer, by what is asked.
    """

    name: str
    behave: Behave = never
    unclean: bool = False
    tells: Callable[[str], Awaitable[bytes]] | None = None


@dataclass
class SpoiledCT:
    """Serves on `port`. `plan`: what happens to requests, by their methods (`POST|PATCH`) and a part of the path."""

    target: int
    port: int = 0
    plan: dict[tuple[str, str], Fault] = field(default_factory=dict)
    at: list[float] = field(default_factory=list)  # when something was spoiled
    again: list[str] = field(default_factory=list)  # unclean connections on which a second request came
    held: set[asyncio.StreamWriter] = field(default_factory=set)  # unclean connections that are still open
    _links: set[asyncio.Task[None]] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def served(self) -> AsyncIterator["SpoiledCT"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(server.sockets[0].getsockname()[1])
        try:
            yield self
        finally:
            server.close()
            for link in list(self._links):
                link.cancel()
            await asyncio.gather(*self._links, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        self._links.add(link)
        try:
            while True:
                request = await _message(reader)
                target = request.split(b" ", 2)[1].decode()
                fault = self._fault(request[: request.index(b" ")].decode(), target)
                if fault is not None and fault.tells is not None:
                    writer.write(await fault.tells(target))
                elif fault is not None:
                    self.at.append(time.monotonic())
                    if not await self._spoil(fault, reader, writer):
                        return
                else:
                    writer.write(await self._carried(request))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._links.discard(link)
            self.held.discard(writer)
            writer.transport.abort()

    async def _carried(self, request: bytes) -> bytes:
        """On a connection of its own: a kept one may be closed by the practice CT under the next request."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            writer.write(request)
            return await _message(reader)
        finally:
            writer.transport.abort()

    def _fault(self, method: str, target: str) -> Fault | None:
        return next((fault for (verbs, part), fault in self.plan.items() if method in verbs and part in target), None)

    async def _spoil(self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Behave so; False when the connection is over."""
        if not fault.unclean:
            await fault.behave(reader, writer)
            await writer.drain()
            return not writer.is_closing()
        self.held.add(writer)
        behaving = asyncio.ensure_future(fault.behave(reader, writer))
        try:
            if await reader.read(1):
                self.again.append(fault.name)
        finally:
            behaving.cancel()
            await asyncio.gather(behaving, return_exceptions=True)
        return False


def slowly(seconds: float, then: Behave) -> Behave:
    """The same, after a while."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await then(reader, writer)

    return behave


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One request or answer, whole. The practice CT says how long each body is."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)
