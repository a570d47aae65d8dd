"""Row X1: whatever CT or the way to it does, a call ends in time, in the right class, and in little memory."""

import asyncio
import contextlib
import gzip
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.ct import (
    CTAuthError,
    CTClient,
    CTConflictError,
    CTConnectionError,
    CTError,
    CTForbiddenError,
    CTInvalidError,
    CTNotFoundError,
    CTRateLimitError,
    CTResponseError,
    CTServerError,
    CTUser,
)
from tests.ct import broken
from tests.ct.broken import Behave, answers, listening

DEADLINE = 1.2
SLACK = 1.3  # seconds by which a busy machine may be late
EACH = 1  # of each of three calls: more than four of one person would wait for each other
NEVER = 1_000_000  # the breaker is row X2's
HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1>canary-page</body></html>"
PAGE = b'{"boxes": [], "_links": {}}'
ELSEWHERE = b"Location: http://elsewhere.example/api/v1/boxes"


@dataclass(frozen=True)
class Fault:
    """What the server does, and what the caller must be told."""

    name: str
    behave: Behave
    error: type[CTError]
    maybe_acted: bool
    sent: list[str] = field(default_factory=lambda: ["PATCH /api/v1/boxes/b1"])


FAULTS = [
    Fault("401", answers(401), CTAuthError, False),
    Fault("403", answers(403, b'{"message": "No."}'), CTForbiddenError, False),
    Fault("404", answers(404), CTNotFoundError, False, ["PATCH /api/v1/boxes/b1", "POST /api/v1/boxes/b1/reboot"]),
    Fault("409", answers(409), CTConflictError, False),
    Fault("422", answers(422, b'{"errors": ["Busy."]}'), CTInvalidError, False),
    Fault("429", answers(429, b"", b"Retry-After: 30"), CTRateLimitError, False),
    Fault("500", answers(500, HTML), CTServerError, True),
    Fault("502", answers(502, HTML), CTServerError, True),
    Fault("503", answers(503, HTML, b"Retry-After: 1"), CTServerError, True),
    Fault("half open", broken.never, CTConnectionError, True),
    Fault("closed unanswered", broken.says_and_closes(), CTConnectionError, True),
    Fault("reset unanswered", broken.says_and_resets(), CTConnectionError, True),
    Fault(
        "reset in mid-body",
        broken.says_and_resets(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", PAGE),
        CTConnectionError,
        True,
    ),
    Fault(
        "closed in mid-body",
        broken.says_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", PAGE),
        CTConnectionError,
        True,
    ),
    Fault("garbage JSON", answers(200, b'{"boxes": [}'), CTResponseError, True),
    Fault("HTML page", answers(200, HTML, b"Content-Type: text/html"), CTResponseError, True),
    Fault("wrong types", answers(200, b"42"), CTResponseError, True),
    Fault("10 MB", broken.floods(10_000_000), CTResponseError, True),
    Fault("gzip bomb", answers(200, broken.bomb(50_000_000), b"Content-Encoding: gzip"), CTResponseError, True),
    Fault("gzip cut short", answers(200, gzip.compress(PAGE)[:-9], b"Content-Encoding: gzip"), CTResponseError, True),
    Fault("not gzip", answers(200, PAGE, b"Content-Encoding: gzip"), CTResponseError, True),
    Fault("unasked encoding", answers(200, PAGE, b"Content-Encoding: br"), CTResponseError, True),
    Fault("trickle", broken.trickles(b"HTTP/1.1 200 OK\r\n\r\n", every=0.05), CTConnectionError, True),
    Fault("trickling head", broken.trickles(b"HTTP/1.1 200 OK\r\nX: ", every=0.05), CTConnectionError, True),
    Fault("redirect elsewhere", answers(302, b"", ELSEWHERE), CTResponseError, True),
    Fault("redirect that keeps the method", answers(307, b"", ELSEWHERE), CTResponseError, True),
    Fault("endless header", broken.says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), CTResponseError, True),
    Fault("not HTTP", broken.says_and_closes(b"SSH-2.0-OpenSSH_9.6\r\n"), CTResponseError, True),
]


@contextlib.asynccontextmanager
async def ana_at(url: str, *, deadline: float = DEADLINE) -> AsyncIterator[CTUser]:
    client = CTClient(
        auth_url=url, api_url=url, client_id="app", client_secret="canary-secret", deadline=deadline, failures=NEVER
    )
    try:
        yield client.as_user("canary-access-token")
    finally:
        await client.aclose()


async def outcome(call: "asyncio.Future[object]") -> tuple[CTError, float]:
    began = time.perf_counter()
    with pytest.raises(CTError) as raised:
        await call
    return raised.value, time.perf_counter() - began


async def outcomes(ana: CTUser) -> list[tuple[CTError, float]]:
    calls = [call for _ in range(EACH) for call in (ana.boxes.list(), ana.boxes.get("b1"), ana.boxes.reboot("b1"))]
    return list(await asyncio.gather(*(outcome(asyncio.ensure_future(call)) for call in calls)))


def chain_of(error: BaseException) -> str:
    texts = []
    link: BaseException | None = error
    while link is not None:
        texts.append(f"{link} {link!r}")
        link = link.__cause__ or link.__context__
    return " ".join(texts)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_every_fault_ends_in_time_and_in_its_own_class(fault: Fault) -> None:
    async with listening(fault.behave) as server, ana_at(server.url) as ana:
        ended = await outcomes(ana)

        assert {type(error) for error, _ in ended} == {fault.error}
        assert {error.maybe_acted for error, _ in ended} == {fault.maybe_acted}
        assert max(took for _, took in ended) < DEADLINE + SLACK
        assert not any("canary" in chain_of(error) or "?" in str(error) for error, _ in ended)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_reboot_is_sent_once_whatever_happens_to_its_answer(fault: Fault) -> None:
    async with listening(fault.behave) as server, ana_at(server.url) as ana:
        await outcome(asyncio.ensure_future(ana.boxes.reboot("b1")))

        assert server.arrived == fault.sent


async def test_a_refused_connection_says_that_nothing_was_sent() -> None:
    async with ana_at(broken.refusing_port()) as ana:
        ended = await outcomes(ana)

        assert {(type(error), error.maybe_acted) for error, _ in ended} == {(CTConnectionError, False)}
        assert max(took for _, took in ended) < DEADLINE + SLACK


async def test_a_name_that_does_not_resolve_says_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    async with ana_at("http://ct.invalid") as ana:
        ended = await outcomes(ana)

        assert {(type(error), error.maybe_acted) for error, _ in ended} == {(CTConnectionError, False)}


async def test_a_server_that_takes_no_more_connections_says_that_nothing_was_sent() -> None:
    with broken.full_port() as url:
        async with ana_at(url) as ana:
            ended = await outcomes(ana)

            assert {(type(error), error.maybe_acted) for error, _ in ended} == {(CTConnectionError, False)}
            assert max(took for _, took in ended) < DEADLINE + SLACK


LITTLE_ROWS = b'{"boxes": [' + b",".join([b"{}"] * 690_000) + b"]}"
DEEP = b'{"boxes": ' + b"[" * 1_000_000

HEAVY: dict[str, tuple[int, Behave]] = {
    "10 MB": (8, broken.floods(10_000_000)),
    "a gzip bomb": (8, answers(200, broken.bomb(50_000_000), b"Content-Encoding: gzip")),
    "a gzip bomb as an error": (8, answers(422, broken.bomb(50_000_000), b"Content-Encoding: gzip")),
    "a deep nest": (8, answers(200, DEEP)),
    "a deep nest as an error": (8, answers(422, DEEP[:60_000], b"Content-Type: application/json")),
    "endless rows": (50, answers(200, LITTLE_ROWS)),
    "more behind the end of the gzip": (
        8,
        answers(200, gzip.compress(PAGE) + bytes(3_000_000), b"Content-Encoding: gzip"),
    ),
}


@pytest.mark.parametrize("name", HEAVY)
async def test_a_heavy_answer_costs_little_memory(name: str) -> None:
    megabytes, behave = HEAVY[name]
    async with listening(behave) as server, ana_at(server.url, deadline=8) as ana:
        tracemalloc.start()
        try:
            with pytest.raises(CTError):
                await ana.boxes.list()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert peak < megabytes * 1_000_000
