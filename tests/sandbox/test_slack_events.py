"""Events: retried until acknowledged, with the headers that say so; commands never."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from starlette.responses import PlainTextResponse

from tests.sandbox.slack_app_under_test import actions, button, stage, with_manifest


async def test_an_event_arrives_in_its_envelope() -> None:
    async with stage() as held:
        await held.slack.tell("/_practice/event", {"event": {"type": "app_home_opened", "user": "U01ANA"}})
        await held.app.waits_for(1)

        got = held.app.received[0]
        assert got.headers["content-type"] == "application/json"
        assert got.headers["x-slack-signature"].startswith("v0=")
        assert "x-slack-retry-num" not in got.headers
        assert got.payload["type"] == "event_callback"
        assert got.payload["team_id"] == "T01ACME"
        assert got.payload["event"]["user"] == "U01ANA"
        assert got.payload["authorizations"][0]["team_id"] == "T01ACME"
        assert got.payload["event_id"].startswith("Ev")


async def test_an_event_is_retried_three_times_with_the_reason() -> None:
    async with stage() as held:
        await held.slack.turn(retry_scale=0.0)
        held.app.answer = lambda _: PlainTextResponse("", 500)
        await held.slack.tell("/_practice/event", {"event": {"type": "app_home_opened"}})
        await held.app.waits_for(4)
        await asyncio.sleep(0.05)

        retries = [
            (got.headers.get("x-slack-retry-num"), got.headers.get("x-slack-retry-reason")) for got in held.app.received
        ]
        assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
        assert len({payload["event_id"] for payload in held.app.payloads}) == 1


async def test_a_late_answer_to_an_event_is_a_timeout_retry() -> None:
    async with stage() as held:
        await held.slack.turn(retry_scale=0.0, ack_seconds=0.05)

        async def once_late(_: Any) -> None:
            if len(held.app.received) == 1:
                await asyncio.sleep(0.1)

        held.app.answer = once_late
        await held.slack.tell("/_practice/event", {"event": {"type": "app_home_opened"}})
        await held.app.waits_for(2)

        assert held.app.received[1].headers["x-slack-retry-reason"] == "http_timeout"


async def test_x_slack_no_retry_ends_the_retries_of_an_error() -> None:
    async with stage() as held:
        await held.slack.turn(retry_scale=0.0)
        held.app.answer = lambda _: PlainTextResponse("", 500, headers={"X-Slack-No-Retry": "1"})
        await held.slack.tell("/_practice/event", {"event": {"type": "app_home_opened"}})
        await held.app.waits_for(1)
        await asyncio.sleep(0.05)

        assert len(held.app.received) == 1


@pytest.mark.parametrize("first", ["app_uninstalled", "tokens_revoked"])
async def test_an_uninstall_revokes_the_token_and_says_so_twice_in_either_order(first: str) -> None:
    async with stage() as held:
        await held.slack.uninstall("T01ACME", first=first)
        await held.app.waits_for(2)
        with pytest.raises(SlackApiError) as caught:
            await held.client.auth_test()

        kinds = [payload["event"]["type"] for payload in held.app.payloads]
        assert kinds[0] == first
        assert set(kinds) == {"app_uninstalled", "tokens_revoked"}
        assert caught.value.response["error"] == "token_revoked"


async def test_nothing_is_delivered_after_an_uninstall_until_the_next_install() -> None:
    async with stage() as held:
        await held.post("Card", blocks=[actions(button("Look"))])
        await held.slack.uninstall()
        await held.app.waits_for(2)
        click = await held.ana.click("Look")
        command = await held.ana.type("/ct")
        await held.slack.tell("/_ui/open_home", {"user": "U01ANA"})
        await held.slack.tell("/_practice/install", {})
        held.app.answer = lambda _: "back"
        again = await held.ana.type("/ct")

        assert "not installed" in click.text
        assert "is not a valid command" in command.text
        assert again.text == "back"
        assert len(held.app.received) == 3


async def test_the_app_hears_only_what_its_manifest_subscribes_to() -> None:
    async with stage(with_manifest(events=["message.im", "app_mention"])) as held:
        await held.slack.tell("/_ui/open_home", {"user": "U01ANA"})
        await held.ana.type("@ct are you there")
        await held.app.waits_for(1)

        assert held.app.payloads[0]["event"]["type"] == "app_mention"


async def test_a_second_workspace_has_a_token_of_its_own() -> None:
    async with stage() as held:
        token = (await held.slack.tell("/_practice/install", {"team": "T02ORBIT"}))["token"]
        held.client.token = token
        answer = await held.client.auth_test()
        with pytest.raises(SlackApiError) as caught:
            await held.client.chat_postMessage(channel="C01NOC", text="wrong workspace")
        held.app.answer = lambda _: "hello, Orbit"
        seen = await held.slack.person("zoe", "app").type("/ct")

        assert answer["team_id"] == "T02ORBIT"
        assert caught.value.response["error"] == "channel_not_found"
        assert held.app.payloads[0]["team_id"] == "T02ORBIT"
        assert seen.text == "hello, Orbit"
