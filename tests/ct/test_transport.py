"""The one way to CT: shared by all, mixed up by none, bounded in time and number."""

import asyncio
import gzip
import time
from collections.abc import Callable

import msgspec
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.ct import (
    CTClient,
    CTConnectionError,
    CTInvalidError,
    CTRateLimitError,
    CTRequestError,
    CTServerError,
    CTStatusError,
    CTUser,
)
from tests.ct import broken
from tests.ct.conftest import Counted
from tests.ct.stub import Seen, Stub

BOX = JSONResponse({"slug": "b1"})


def client_of(url: str, *, deadline: float = 2.0, concurrency: int = 32) -> CTClient:
    return CTClient(
        auth_url=url, api_url=url, client_id="a", client_secret="b", deadline=deadline, concurrency=concurrency
    )


async def test_a_cookie_set_for_one_person_is_never_sent_for_anybody(stub: Stub) -> None:
    client = client_of(stub.url.replace("127.0.0.1", "localhost"))  # aiohttp's jar keeps no cookies of bare addresses
    stub.tells({"slug": "b1", "access_token": "x"}, Set_Cookie="_session=canary; Path=/")
    for _ in range(2):
        await client.as_user("ana").boxes.get("b1")
        await client.as_user("lee").boxes.get("b1")
        await client.oauth.refresh("r")
    await client.aclose()

    assert [one.headers.get("cookie") for one in stub.seen] == [None] * 6
    assert [one.headers.get("authorization") for one in stub.seen] == ["Bearer ana", "Bearer lee", None] * 2


async def test_a_request_says_what_it_takes_and_nothing_of_the_library(ana: CTUser, stub: Stub) -> None:
    stub.says(BOX)
    await ana.boxes.get("b1")
    headers = stub.seen[0].headers

    assert headers["accept"] == "application/json"
    assert headers["accept-encoding"] == "gzip"
    assert headers["user-agent"] == "ct-bot"
    assert "content-type" not in headers


@pytest.mark.parametrize("word", ["gzip", "x-gzip", "GZIP"])
async def test_a_packed_answer_is_unpacked(ana: CTUser, stub: Stub, word: str) -> None:
    rows = [{"slug": f"b{n}", "description": f"box {n}" * 40} for n in range(900)]
    packed = gzip.compress(msgspec.json.encode({"boxes": rows}))
    stub.says(Response(packed, headers={"Content-Encoding": word}))

    assert len((await ana.boxes.list()).items) == 900


async def test_the_environments_proxy_is_not_used(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, broken.refusing_port())
    stub.says(BOX)
    client = client_of(stub.url)

    assert (await client.as_user("t").boxes.get("b1")).slug == "b1"
    await client.aclose()


# Repeating


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_read_is_tried_three_times_when_a_proxy_has_passing_trouble(
    ana: CTUser, stub: Stub, counted: Counted, status: int
) -> None:
    stub.says(Response(status_code=status), Response(status_code=status), BOX)

    assert (await ana.boxes.get("b1")).slug == "b1"
    assert len(stub.seen) == 3
    assert [one[:2] for one in counted] == [("boxes.get", "ok")]


async def test_a_read_is_given_up_after_the_third_time(ana: CTUser, stub: Stub, counted: Counted) -> None:
    stub.says(Response(status_code=503))
    with pytest.raises(CTServerError):
        await ana.boxes.get("b1")

    assert len(stub.seen) == 3
    assert [one[:2] for one in counted] == [("boxes.get", "503")]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 422, 429, 500, 501])
async def test_a_read_that_got_a_real_answer_is_not_repeated(ana: CTUser, stub: Stub, status: int) -> None:
    stub.says(Response(status_code=status))
    with pytest.raises(CTStatusError, match=f"^boxes.get: CT answered {status}$") as raised:
        await ana.boxes.get("b1")

    assert raised.value.status == status
    assert raised.value.maybe_acted is (status >= 500)
    assert len(stub.seen) == 1


async def test_a_read_whose_connection_broke_is_tried_again() -> None:
    async with broken.listening(broken.says_and_closes()) as server:
        client = client_of(server.url)
        with pytest.raises(CTConnectionError, match="hung up"):
            await client.as_user("t").boxes.get("b1")
        await client.aclose()

        assert len(server.arrived) >= 3


async def test_a_token_request_is_never_tried_again() -> None:
    async with broken.listening(broken.says_and_closes()) as server:
        client = client_of(server.url)
        with pytest.raises(CTConnectionError) as raised:
            await client.oauth.refresh("r")
        await client.aclose()

        assert raised.value.maybe_acted
        assert server.arrived == ["POST /oauth/token"]


async def test_a_reboot_over_a_kept_connection_that_breaks_is_sent_once_and_may_have_acted() -> None:
    first, then = broken.answers(200, b'{"slug": "b1"}'), broken.says_and_closes()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (first if len(server.arrived) == 1 else then)(reader, writer)

    async with broken.listening(behave) as server:
        client = client_of(server.url)
        await client.as_user("t").boxes.get("b1")
        with pytest.raises(CTConnectionError) as raised:
            await client.as_user("t").boxes.reboot("b1")
        await client.aclose()

        assert raised.value.maybe_acted
        assert [target.split()[0] for target in server.arrived] == ["GET", "PATCH"]


async def test_when_time_runs_out_the_last_real_answer_is_told(stub: Stub) -> None:
    async def slowly(_: Seen) -> Response:
        if len(stub.seen) > 1:
            await asyncio.sleep(5)
        return Response(status_code=503)

    stub.answer = slowly
    client = client_of(stub.url, deadline=0.8)
    with pytest.raises(CTServerError):
        await client.as_user("t").boxes.get("b1")
    await client.aclose()


# Bounds


async def test_no_more_calls_run_than_there_are_slots(stub: Stub) -> None:
    now, most = 0, 0

    async def slowly(_: Seen) -> Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return JSONResponse({"slug": "b1"})

    stub.answer = slowly
    client = client_of(stub.url, concurrency=5)
    await asyncio.gather(*(client.as_user(f"t{n}").boxes.get("b1") for n in range(30)))
    await client.aclose()

    assert most == 5


async def test_waiting_for_a_slot_counts_and_is_known_to_have_sent_nothing(stub: Stub) -> None:
    async def slowly(_: Seen) -> Response:
        await asyncio.sleep(5)
        return BOX

    stub.answer = slowly
    client = client_of(stub.url, deadline=0.8, concurrency=1)
    first, second = (asyncio.ensure_future(client.as_user("t").boxes.reboot(f"b{n}")) for n in (1, 2))
    began = time.perf_counter()
    ended = await asyncio.gather(first, second, return_exceptions=True)
    await client.aclose()

    assert time.perf_counter() - began < 1.8
    assert [type(one) for one in ended] == [CTConnectionError] * 2
    assert [getattr(one, "maybe_acted", None) for one in ended] == [True, False]
    assert stub.asked == ["PATCH /api/v1/boxes/b1"]


async def test_a_cancelled_call_frees_its_slot_and_is_counted(stub: Stub) -> None:
    counted: Counted = []
    client = CTClient(
        auth_url=stub.url,
        api_url=stub.url,
        client_id="a",
        client_secret="b",
        concurrency=1,
        observe=lambda *counts: counted.append(counts),
    )

    async def slowly(_: Seen) -> Response:
        await asyncio.sleep(0.3)
        return BOX

    stub.answer = slowly
    call = asyncio.ensure_future(client.as_user("t").boxes.get("b1"))
    await asyncio.sleep(0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    stub.says(BOX)
    await client.as_user("t").boxes.get("b1")
    await client.aclose()

    assert [one[:2] for one in counted] == [("boxes.get", "cancelled"), ("boxes.get", "ok")]
    assert 0.04 < counted[0][2] < 0.3


# What cannot be sent


@pytest.mark.parametrize("token", ["", "a\r\nX: y", "a\x00", "tök", "a\ud800"])
def test_what_is_no_token_is_refused_without_showing_it(client: CTClient, token: str) -> None:
    with pytest.raises(CTRequestError) as raised:
        client.as_user(token)

    assert token == "" or token not in f"{raised.value!r}"


@pytest.mark.parametrize("text", ["canary\ud800", "canary" * 20_000], ids=["surrogate", "120 kB"])
async def test_what_cannot_be_written_into_a_request_is_refused_without_showing_it(
    client: CTClient, ana: CTUser, stub: Stub, text: str
) -> None:
    with pytest.raises(CTRequestError) as searching:
        await ana.boxes.list(q=text)
    if "\ud800" in text:
        with pytest.raises(CTRequestError) as refreshing:
            await client.oauth.refresh(text)
        assert "canary" not in f"{refreshing.value!r} {refreshing.value.__context__!r}"

    assert "canary" not in f"{searching.value!r} {searching.value.__context__!r}"
    assert not searching.value.maybe_acted
    assert stub.asked == []


# Error answers


async def test_a_refusal_brings_cts_sentences_but_does_not_print_them(ana: CTUser, stub: Stub) -> None:
    stub.tells({"errors": ["The guest canary@example.com is online."]}, 422)
    with pytest.raises(CTInvalidError) as raised:
        await ana.boxes.get("b1")

    assert raised.value.messages == ["The guest canary@example.com is online."]
    assert "canary" not in f"{raised.value} {raised.value!r}"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response(b'{"errors": ["' + b"x" * 100_000 + b'"]}', 422),
        lambda: Response(b"not gzip", 422, headers={"Content-Encoding": "gzip"}),
        lambda: PlainTextResponse("<html>", 422, media_type="text/html"),
    ],
)
async def test_an_error_status_stands_whatever_its_body_is(
    ana: CTUser, stub: Stub, answer: Callable[[], Response]
) -> None:
    stub.says(answer())
    with pytest.raises(CTInvalidError) as raised:
        await ana.boxes.get("b1")

    assert raised.value.messages == []


async def test_an_error_status_stands_when_its_body_breaks_off() -> None:
    cut = broken.says_and_resets(b'HTTP/1.1 422 X\r\nContent-Length: 100\r\n\r\n{"errors":')
    async with broken.listening(cut) as server:
        client = client_of(server.url)
        with pytest.raises(CTInvalidError):
            await client.as_user("t").boxes.reboot("b1")
        await client.aclose()

        assert server.arrived == ["PATCH /api/v1/boxes/b1"]


async def test_a_rate_limit_says_how_long(ana: CTUser, stub: Stub) -> None:
    stub.tells({}, 429, Retry_After="12")
    with pytest.raises(CTRateLimitError) as raised:
        await ana.boxes.get("b1")

    assert raised.value.retry_after == 12


async def test_every_outcome_is_one_of_few_words(ana: CTUser, stub: Stub, counted: Counted) -> None:
    answers = [BOX, Response(status_code=404), PlainTextResponse("<html>"), Response(status_code=302)]
    for answer in answers:
        stub.says(answer)
        await asyncio.gather(ana.boxes.get("some-box"), return_exceptions=True)
    unreachable = CTClient(
        auth_url="http://127.0.0.1:9",
        api_url=broken.refusing_port(),
        client_id="a",
        client_secret="b",
        observe=lambda *counts: counted.append(counts),
    )
    await asyncio.gather(unreachable.as_user("t").boxes.reboot("b1"), return_exceptions=True)
    await unreachable.aclose()

    assert [one[:2] for one in counted] == [
        ("boxes.get", "ok"),
        ("boxes.get", "404"),
        ("boxes.get", "unreadable"),
        ("boxes.get", "unreadable"),
        ("boxes.reboot", "unreachable"),
    ]


async def test_t5_a_process_that_was_frozen_over_the_deadline_takes_the_answer_that_came_meanwhile(stub: Stub) -> None:
    """CT has rotated the pair by then: an answer that nobody reads is a lost link."""
    client = client_of(stub.url, deadline=0.4)

    def freeze_and_answer(_: Seen) -> Response:
        time.sleep(1.1)  # the client's loop too: it finds the answer and its timer at once
        return JSONResponse({"access_token": "a", "refresh_token": "r"})

    stub.answer = freeze_and_answer
    pair = await client.oauth.refresh("old")
    await client.aclose()

    assert pair.refresh_token == "r"
