"""What went wrong with a request, in words; bounded in time and size."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from pytest_mock import MockerFixture

from bot.doctor import wire as wiring
from bot.doctor.wire import SilentError, Wire
from bot.sandbox.serving import free_socket
from tests.doctor.answering import secured

Answering = Callable[..., Awaitable[str]]


async def test_a_refused_connection_and_an_unknown_name_are_told_apart(wire: Wire) -> None:
    with pytest.raises(SilentError, match="the connection was refused"):
        await wire.ask("GET", "http://127.0.0.1:1/")
    with pytest.raises(SilentError, match=r"its name is not known \(DNS\)"):
        await wire.ask("GET", "http://no-such-host.invalid/")


async def test_a_certificate_that_nobody_accepts_is_said_to_be_that(wire: Wire) -> None:
    async with secured() as url:
        with pytest.raises(SilentError, match=r"its certificate is not accepted \(self-signed certificate\)"):
            await wire.ask("GET", url)


async def test_plain_http_where_tls_is_spoken_is_said_to_be_that(wire: Wire, answering: Answering) -> None:
    url = await answering(200, "hello")

    with pytest.raises(SilentError, match="it does not speak TLS there"):
        await wire.ask("GET", url.replace("http:", "https:"))


async def test_a_server_that_takes_the_connection_and_is_silent_is_given_up(wire: Wire, mocker: MockerFixture) -> None:
    mocker.patch.object(wiring, "SECONDS", 0.1)
    with free_socket() as sock:
        sock.listen()
        began = time.monotonic()
        with pytest.raises(SilentError, match="no answer in time"):
            await wire.ask("GET", f"http://127.0.0.1:{sock.getsockname()[1]}/")

    assert time.monotonic() - began < 2


async def test_a_connection_that_breaks_off_is_said_to_be_that(wire: Wire) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        with pytest.raises(SilentError, match="the connection was broken off"):
            await wire.ask("GET", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")


async def test_a_redirect_is_not_followed(wire: Wire, answering: Answering) -> None:
    url = await answering(302, "", {"location": "http://127.0.0.1:1/"})

    assert (await wire.ask("GET", url)).status == 302


async def test_no_more_than_a_part_of_a_long_answer_is_read(wire: Wire, answering: Answering) -> None:
    url = await answering(200, "x" * 3_000_000)

    heard = await wire.ask("GET", url)

    assert len(heard.body) == 256 * 1024
    assert heard.json == {}


@pytest.mark.parametrize("body", ["[]", "", "{", '"text"', "null"])
async def test_what_is_no_json_object_reads_as_an_empty_one(wire: Wire, answering: Answering, body: str) -> None:
    assert (await wire.ask("GET", await answering(200, body))).json == {}


def test_an_error_without_a_known_cause_is_named_and_not_quoted() -> None:
    assert wiring.words(ValueError("canary")) == "no answer (ValueError)"
    assert wiring.words(ExceptionGroup("all", [ConnectionRefusedError()])) == "the connection was refused"
    assert wiring.words(OSError(113, "No route to host")) == "there is no way to it (no route)"
