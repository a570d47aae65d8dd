"""Socket Mode, with slack_sdk's own aiohttp client."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.credentials import APP_TOKEN
from tests.sandbox.slack_app_under_test import Stage, actions, button, plain, stage, with_manifest

SOCKET = with_manifest(socket_mode_enabled=True, interactivity={"is_enabled": True})


@contextlib.asynccontextmanager
async def socket_app(held: Stage, *, answer: Any = None, acks: bool = True) -> AsyncIterator[list[SocketModeRequest]]:
    """A connected app; yields what it receives."""
    received: list[SocketModeRequest] = []
    client = SocketModeClient(APP_TOKEN, web_client=AsyncWebClient(base_url=f"{held.url}/api/"))

    async def listen(client_: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        received.append(request)
        if acks:
            await client_.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload=answer))

    client.socket_mode_request_listeners.append(listen)
    await client.connect()  # type: ignore[no-untyped-call]
    try:
        yield received
    finally:
        await client.close()  # type: ignore[no-untyped-call]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(250):
        if await holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to hold")


async def _so(fact: bool) -> bool:
    return fact


async def test_commands_and_clicks_arrive_over_the_socket_and_are_answered_by_it() -> None:
    async with stage(SOCKET) as held, socket_app(held, answer={"text": "Hello"}) as received:
        seen = await held.ana.type("/ct status")
        await held.post("Card", blocks=[actions(button("Look"))])
        await held.ana.click("Look", wait=False)

        assert seen.text == "Hello"
        assert [(request.type, request.accepts_response_payload) for request in received] == [
            ("slash_commands", True),
            ("interactive", True),
        ]
        assert received[0].payload["text"] == "status"
        assert received[1].payload["actions"][0]["action_id"] == "go"


async def test_suggestions_come_back_in_the_ack() -> None:
    answer = {"options": [{"text": plain("Lobby AP-3"), "value": "a"}]}
    async with stage(SOCKET) as held, socket_app(held, answer=answer):
        await held.post("?", blocks=[actions({"type": "external_select", "action_id": "box"})])

        assert await held.ana.offers("lob") == ["Lobby AP-3"]


async def test_each_payload_goes_to_one_of_several_connections() -> None:
    async with stage(SOCKET) as held, socket_app(held, answer={"text": "x"}) as one:
        async with socket_app(held, answer={"text": "x"}) as two:
            for _ in range(24):
                await held.ana.type("/ct")

        assert len(one) + len(two) == 24
        assert one
        assert two


async def test_a_socket_that_does_not_acknowledge_times_out() -> None:
    async with stage(SOCKET) as held, socket_app(held, acks=False):
        await held.slack.turn(ack_seconds=0.1)
        seen = await held.ana.type("/ct")

        assert seen.text == '/ct failed with the error "operation_timeout"'


async def test_without_a_connection_nothing_can_be_dispatched() -> None:
    async with stage(SOCKET) as held:
        seen = await held.ana.type("/ct")

        assert seen.text == '/ct failed with the error "dispatch_failed"'


async def test_events_are_retried_over_the_socket_with_their_attempt() -> None:
    async with stage(SOCKET) as held, socket_app(held, acks=False) as received:
        await held.slack.turn(ack_seconds=0.05, retry_scale=0.0)
        await held.slack.tell("/_practice/event", {"event": {"type": "app_home_opened"}})
        await until(lambda: _so(len(received) >= 4))

        assert [(request.type, request.retry_attempt) for request in received] == [
            ("events_api", attempt) for attempt in range(4)
        ]


async def test_an_envelope_can_be_sent_again_with_the_same_id() -> None:
    async with stage(SOCKET) as held, socket_app(held, answer={"text": "x"}) as received:
        await held.ana.type("/ct")
        first = (await held.slack.deliveries("command"))[0]
        await held.slack.tell("/_practice/deliver", {"delivery_id": first["id"], "copies": 2})

        assert len(received) == 3
        assert {request.envelope_id for request in received} == {first["envelope_id"]}


async def test_the_client_comes_back_after_a_disconnect() -> None:
    async with stage(SOCKET) as held, socket_app(held, answer={"text": "still here"}):
        before = await held.slack.ask("/_practice/sockets")
        await held.slack.tell("/_practice/disconnect", {"reason": "refresh_requested"})

        async def reconnected() -> bool:
            now = await held.slack.ask("/_practice/sockets")
            return now != before and len(now) == 1

        await until(reconnected)
        seen = await held.ana.type("/ct")

        assert seen.text == "still here"


async def test_only_the_app_token_opens_a_connection_and_only_in_socket_mode() -> None:
    async with stage(SOCKET) as held, stage() as other:
        with pytest.raises(SlackApiError) as bot_token:
            await held.client.apps_connections_open(app_token=held.client.token or "")
        with pytest.raises(SlackApiError) as http_app:
            await other.client.apps_connections_open(app_token=APP_TOKEN)

        assert bot_token.value.response["error"] == "invalid_auth"
        assert http_app.value.response["error"] == "not_allowed_token_type"


async def test_a_ticket_opens_one_socket_only() -> None:
    async with stage(SOCKET) as held:
        opened = await held.client.apps_connections_open(app_token=APP_TOKEN)
        async with aiohttp.ClientSession() as http:
            async with http.ws_connect(opened["url"]) as socket:
                hello = await socket.receive_json()
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(opened["url"])

        assert hello["type"] == "hello"
