"""Row S1: what comes in from Slack is signed, fresh, whole and readable, or nobody hears of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Message

from bot.sandbox.serving import serve
from bot.web.door import BODY_CAP, SlackDoor
from bot.web.guard import Guard, security_headers
from tests.web.signed import SECRET, signature, signed

BODY = b"command=%2Fct&text=reboot+lobby&user_id=U01ANA&team_id=T01ACME"
Headers = list[tuple[bytes, bytes]]


@dataclass
class Entrance:
    """A served door, and what got through it."""

    url: str = ""
    http: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    through: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    async def dispatch(self, body: str, headers: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        self.through.append((body, headers))
        return 200, {"Content-Type": "text/plain", "Content-Length": "999"}, b"acked"

    async def post(self, body: bytes, headers: Headers) -> httpx.Response:
        return await self.http.post(f"{self.url}/slack/events", content=body, headers=headers)

    def refused(self, reason: str) -> float:
        return self.registry.get_sample_value("ct_bot_door_refused_total", {"reason": reason}) or 0.0


@pytest.fixture
async def entrance() -> AsyncIterator[Entrance]:
    entrance = Entrance()
    door = SlackDoor(dispatch=entrance.dispatch, signing_secret=SECRET, registry=entrance.registry, read_seconds=0.3)
    app = Starlette(
        routes=[Route("/slack/events", door, methods=["POST"])],
        middleware=[Middleware(Guard, headers=security_headers([]))],
    )
    async with serve(app) as url, entrance.http:
        entrance.url = url
        yield entrance


def _with(name: bytes, value: bytes | None, *, at: float, body: bytes = BODY) -> Headers:
    kept = [(key, old) for key, old in signed(body, at) if key != name]
    return kept if value is None else [*kept, (name, value)]


def _resigned(timestamp: bytes) -> Headers:
    return [(b"x-slack-request-timestamp", timestamp), (b"x-slack-signature", signature(BODY, timestamp))]


def _flipped(at: float, position: int) -> Headers:
    good = dict(signed(BODY, at))[b"x-slack-signature"]
    other = b"0" if good[position : position + 1] != b"0" else b"1"
    return _with(b"x-slack-signature", good[:position] + other + good[position + 1 :], at=at)


def _other_version(at: float) -> Headers:
    good = dict(signed(BODY, at))[b"x-slack-signature"]
    return _with(b"x-slack-signature", b"v1=" + good[3:], at=at)


BAD: dict[str, Callable[[float, int], tuple[bytes, Headers]]] = {
    "another secret": lambda now, n: (BODY, signed(BODY, now, secret=f"wrong{n}")),
    "a flipped bit": lambda now, n: (BODY, _flipped(now, 3 + n % 64)),
    "another version": lambda now, _n: (BODY, _other_version(now)),
    "a truncated signature": lambda now, n: (
        BODY,
        _with(b"x-slack-signature", dict(signed(BODY, now))[b"x-slack-signature"][: -1 - n], at=now),
    ),
    "a truncated body": lambda now, n: (BODY[: -1 - n], signed(BODY, now)),
    "a stale timestamp": lambda now, n: (BODY, signed(BODY, now + (302 + n) * (-1) ** n)),
    "a timestamp in words": lambda _now, n: (BODY, _resigned([b"now", b"1e9", b"", b"0x5f5e1000"][n % 4])),
    "a timestamp in other digits": lambda now, _n: (
        BODY,
        _resigned(str(int(now)).translate({48 + d: 0x0660 + d for d in range(10)}).encode()),
    ),
    "a negative timestamp": lambda now, _n: (BODY, _resigned(b"-" + str(int(now)).encode())),
    "a signature beyond ASCII": lambda now, n: (BODY, _with(b"x-slack-signature", b"v0=" + b"\xe9" * (60 + n), at=now)),
    "a body that is not UTF-8": lambda now, n: (BODY + bytes([0xFF, n]), signed(BODY + bytes([0xFF, n]), now)),
    "two timestamps": lambda now, _n: (BODY, [*signed(BODY, now), (b"x-slack-request-timestamp", b"%d" % now)]),
    "two signatures": lambda now, _n: (BODY, [*signed(BODY, now), signed(BODY, now)[2]]),
    "no timestamp": lambda now, _n: (BODY, _with(b"x-slack-request-timestamp", None, at=now)),
    "no signature": lambda now, _n: (BODY, _with(b"x-slack-signature", None, at=now)),
}


async def test_s1_nothing_malformed_forged_or_stale_gets_in_or_makes_a_5xx(
    entrance: Entrance, subtests: pytest.Subtests
) -> None:
    for kind, make in BAD.items():
        with subtests.test(kind):
            answers = [await entrance.post(*make(time.time(), n)) for n in range(12)]

            assert {answer.status_code for answer in answers} <= {400, 401}
            assert entrance.through == []
            assert all("Traceback" not in answer.text and SECRET not in answer.text for answer in answers)
    counted = sum(m.value for f in entrance.registry.collect() for m in f.samples if m.name.endswith("_total"))

    assert counted == 12 * len(BAD)


async def test_s1_a_good_request_up_to_299_seconds_off_gets_through_as_it_was_sent(entrance: Entrance) -> None:
    offsets = [-299, -150, 0, 150, 299]
    answers = [await entrance.post(BODY, signed(BODY, time.time() + seconds)) for seconds in offsets]

    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "acked")] * 5
    assert [body for body, _ in entrance.through] == [BODY.decode()] * 5
    assert entrance.through[0][1]["content-type"] == ["application/x-www-form-urlencoded"]


async def test_s1_a_good_signature_301_seconds_off_is_stale(entrance: Entrance) -> None:
    answers = [await entrance.post(BODY, signed(BODY, time.time() + seconds)) for seconds in [-302, -301, 302]]

    assert [(answer.status_code, answer.text) for answer in answers] == [(401, "stale")] * 3
    assert (entrance.refused("stale"), entrance.through) == (3, [])


async def test_s1_a_body_over_a_megabyte_is_refused_by_its_announced_length(entrance: Entrance) -> None:
    body = b"x" * (BODY_CAP + 1)
    answer = await entrance.post(body, signed(body, time.time()))

    assert (answer.status_code, entrance.through) == (413, [])


async def test_s1_a_body_over_a_megabyte_is_refused_while_it_streams(entrance: Entrance) -> None:
    whole = b"x" * (BODY_CAP + 70_000)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), 65_536):
            yield whole[start : start + 65_536]

    answer = await entrance.http.post(
        f"{entrance.url}/slack/events", content=pieces(), headers=signed(whole, time.time())
    )

    assert (answer.status_code, entrance.through) == (413, [])


async def test_s1_a_body_of_exactly_a_megabyte_gets_through(entrance: Entrance) -> None:
    body = b"x" * BODY_CAP
    answer = await entrance.post(body, signed(body, time.time()))

    assert (answer.status_code, len(entrance.through)) == (200, 1)


async def test_s1_a_body_that_trickles_is_given_up(entrance: Entrance) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield BODY[:5]
        await asyncio.sleep(0.5)
        yield BODY[5:]

    answer = await entrance.http.post(
        f"{entrance.url}/slack/events", content=trickle(), headers=signed(BODY, time.time())
    )

    assert (answer.status_code, answer.text, entrance.through) == (408, "slow", [])


async def test_s1_only_post_gets_to_the_door(entrance: Entrance) -> None:
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]:
        answer = await entrance.http.request(method, f"{entrance.url}/slack/events", headers=signed(b"", time.time()))

        assert (answer.status_code, entrance.through) == (405, [])


async def test_s1_a_client_that_goes_away_is_no_error() -> None:
    entrance = Entrance()
    door = SlackDoor(dispatch=entrance.dispatch, signing_secret=SECRET, registry=entrance.registry)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await door({"type": "http", "headers": signed(BODY, time.time())}, receive, send)

    assert (entrance.through, entrance.refused("gone")) == ([], 1)


async def _knock(door: SlackDoor, headers: Headers, body: bytes) -> int:
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await door({"type": "http", "headers": headers}, receive, send)
    return statuses[0]


def test_s1_no_made_up_headers_get_through_or_break_the_door() -> None:
    entrance = Entrance()
    door = SlackDoor(dispatch=entrance.dispatch, signing_secret=SECRET, registry=entrance.registry)
    values = st.binary(max_size=90) | st.from_regex(rb"v0=[0-9a-f]{64}", fullmatch=True) | st.just(b"%d" % time.time())

    with asyncio.Runner() as runner:

        @settings(max_examples=400, deadline=None)
        @given(timestamps=st.lists(values, max_size=3), signatures=st.lists(values, max_size=3), body=st.binary())
        def check(timestamps: list[bytes], signatures: list[bytes], body: bytes) -> None:
            headers = [(b"x-slack-request-timestamp", value) for value in timestamps]
            headers += [(b"x-slack-signature", value) for value in signatures]

            assert runner.run(_knock(door, headers, body)) in {400, 401}
            assert entrance.through == []

        check()
