"""How fast httpx's transports are under load: 50 concurrent GETs of a 42 kB page, in one run, over loopback.

`python -m tests.bench.transport` prints a Markdown table. The server is a process of its own; the variants take turns,
and the figures are medians over the rounds. Compare within one run only: they move with the machine.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import platform
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import httpx
import msgspec
import uvicorn
from httpx_aiohttp import AiohttpTransport

from bot.ct import CTClient
from bot.sandbox.serving import free_socket

AT_ONCE = 50
Fetch = Callable[[], Awaitable[object]]
Variant = Callable[[str], contextlib.AbstractAsyncContextManager[Fetch]]


def page() -> bytes:
    """A page of 100 boxes, 42 kB."""
    rows = [
        {"id": n, "slug": f"box-{n:05}", "state": "online", "description": f"Access point {n}", "notes": "x" * 330}
        for n in range(100)
    ]
    return msgspec.json.encode({"boxes": rows, "_links": {"current_page": 1, "total_pages": 1, "total_entries": 100}})


def serve(sock: socket.socket) -> None:
    """A bare ASGI app that answers everything with the page."""
    body = page()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    asyncio.run(uvicorn.Server(config).serve(sockets=[sock]))


def _httpx(slots: int | None, transport: Callable[[], httpx.AsyncBaseTransport] | None) -> Variant:
    @contextlib.asynccontextmanager
    async def run(url: str) -> AsyncIterator[Fetch]:
        gate = asyncio.Semaphore(slots or AT_ONCE)
        carrier = transport() if transport else None
        async with httpx.AsyncClient(transport=carrier, trust_env=False, timeout=30) as client:

            async def fetch() -> bytes:
                async with gate:
                    return (await client.get(f"{url}/api/v1/boxes")).content

            yield fetch

    return run


@contextlib.asynccontextmanager
async def plain_aiohttp(url: str) -> AsyncIterator[Fetch]:
    """aiohttp by itself: what httpx costs on top."""
    async with aiohttp.ClientSession() as session:

        async def fetch() -> bytes:
            async with session.get(f"{url}/api/v1/boxes") as response:
                return await response.read()

        yield fetch


@contextlib.asynccontextmanager
async def ct_client(url: str) -> AsyncIterator[Fetch]:
    """The bot's own client, whole: deadline, cap, retries, and 100 boxes decoded into models."""
    client = CTClient(auth_url=url, api_url=url, client_id="bench", client_secret="bench", deadline=30)
    try:
        yield client.as_user("bench").boxes.list
    finally:
        await client.aclose()


VARIANTS: dict[str, Variant] = {
    "httpx, its own transport": _httpx(None, None),
    "httpx, its own transport, semaphore of 10": _httpx(10, None),
    "httpx, its own transport, semaphore of 32": _httpx(32, None),
    "httpx on httpx-aiohttp": _httpx(None, AiohttpTransport),
    "httpx on httpx-aiohttp, semaphore of 32": _httpx(32, AiohttpTransport),
    "plain aiohttp": plain_aiohttp,
    "CTClient.boxes.list (httpx-aiohttp, 32; decodes 100 boxes)": ct_client,
}


async def measure(variant: Variant, url: str, requests: int) -> tuple[float, float, float, float]:
    """Requests a second, p50 and p99 in ms, CPU ms a request; `AT_ONCE` callers keep asking until all are done."""
    times: list[float] = []
    async with variant(url) as fetch:
        await asyncio.gather(*(fetch() for _ in range(AT_ONCE)))

        async def caller() -> None:
            for _ in range(requests // AT_ONCE):
                began = time.perf_counter()
                await fetch()
                times.append((time.perf_counter() - began) * 1000)

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    cuts = statistics.quantiles(times, n=100)
    return len(times) / took, cuts[49], cuts[98], cpu * 1000 / len(times)


def table(figures: dict[str, list[tuple[float, float, float, float]]]) -> str:
    lines = ["| Client | req/s | p50 ms | p99 ms | CPU ms a request |", "|---|---|---|---|---|"]
    for name, rounds in figures.items():
        rate, p50, p99, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
        lines.append(f"| {name} | {rate:,.0f} | {p50:.1f} | {p99:.1f} | {cpu:.2f} |")
    return "\n".join(lines)


def main(requests: int, rounds: int) -> None:
    sock = free_socket()
    sock.listen(256)
    server = multiprocessing.get_context("fork").Process(target=serve, args=(sock,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    figures: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in VARIANTS}
    try:
        for _ in range(rounds):
            for name, variant in VARIANTS.items():
                figures[name].append(asyncio.run(measure(variant, url, requests)))
    finally:
        server.terminate()
        server.join()
        sock.close()
    sys.stdout.write(
        f"{table(figures)}\n\n{rounds} rounds of {requests} requests, {AT_ONCE} at once, body {len(page()):,} bytes; "
        f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.python_implementation()} {sys.version.split()[0]}; "
        f"httpx {httpx.__version__}, aiohttp {aiohttp.__version__}.\n"
    )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    main(given.requests, given.rounds)
