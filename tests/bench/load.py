"""The load: keep-alive connections over raw sockets, in a process of its own so that it shares no core with the server.

`python -m tests.bench.load '{"port": 1, "at_once": 32, "requests": 5000, …}'` prints one JSON line.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, cast

import uvloop

from tests.bench.deliveries import commands


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one measurement: milliseconds, and answers a second."""

    rate: float
    p50: float
    p99: float
    most: float
    refused: int


class Connection(asyncio.Protocol):
    """Sends the next request as soon as an answer is complete; notes how long each took."""

    def __init__(self, requests: list[bytes], took: list[float], statuses: Counter[bytes], done: asyncio.Future[None]):
        self.requests, self.took, self.statuses, self.done = requests, took, statuses, done
        self.buffer = b""
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        self._send()

    def _send(self) -> None:
        if not self.requests:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.sent = time.perf_counter()
        self.transport.write(self.requests.pop())

    def data_received(self, data: bytes) -> None:
        """Count the answer when all of it is there."""
        self.buffer += data
        if not complete(self.buffer):
            return
        self.took.append(time.perf_counter() - self.sent)
        self.statuses[self.buffer[9:12]] += 1
        self.buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """An early end is an error of the run."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the server closed the connection"))


def complete(answer: bytes) -> bool:
    """True when the whole HTTP answer is there; it is the only one, for nothing is pipelined."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    lowered = head.lower()
    if b"transfer-encoding: chunked" in lowered:
        return body.endswith(b"0\r\n\r\n")
    _, _, rest = lowered.partition(b"content-length:")
    return len(body) >= int(rest.partition(b"\r\n")[0] or 0)


async def measure(port: int, at_once: int, requests: list[bytes]) -> Figures:
    """Send all of them, `at_once` at a time."""
    took: list[float] = []
    statuses: Counter[bytes] = Counter()
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(at_once)]
    begin = time.perf_counter()
    for done in ends:
        await loop.create_connection(lambda done=done: Connection(requests, took, statuses, done), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    elapsed = time.perf_counter() - begin
    took.sort()
    refused = sum(count for status, count in statuses.items() if status != b"200")
    middle, tail = took[len(took) // 2], took[min(len(took) - 1, int(len(took) * 0.99))]
    return Figures(len(took) / elapsed, middle * 1e3, tail * 1e3, took[-1] * 1e3, refused)


async def run(order: dict[str, Any]) -> Figures:
    """Warm up, then measure what was ordered."""
    port, at_once, command = order["port"], order["at_once"], {k: order[k] for k in ("again", "response_url")}
    await measure(port, at_once, commands(order["warm_up"], **command))
    return await measure(port, at_once, commands(order["requests"], **command))


if __name__ == "__main__":
    figures = uvloop.run(run(json.loads(sys.argv[1])))
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")
