"""The Web API of the practice Slack, called by slack_sdk's own client."""

import json
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.credentials import BOT_TOKEN
from tests.sandbox.slack_app_under_test import actions, button, section, stage, with_manifest


async def error_of(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


async def test_slack_sdk_learns_who_it_is() -> None:
    async with stage() as held:
        answer = await held.client.auth_test()

        assert (answer["team_id"], answer["user_id"]) == ("T01ACME", "U0CTBOT")
        assert answer.headers["x-oauth-scopes"] == "chat:write,commands,im:write"


async def test_tokens_that_slack_does_not_know_are_refused() -> None:
    async with stage() as held:
        stranger = AsyncWebClient("xoxb-somebody-else", base_url=held.client.base_url)
        nobody = AsyncWebClient(base_url=held.client.base_url)

        assert (await error_of(stranger.auth_test()))["error"] == "invalid_auth"
        assert (await error_of(nobody.auth_test()))["error"] == "not_authed"
        assert "x-oauth-scopes" not in (await nobody.api_test()).headers


async def test_a_method_whose_scope_the_manifest_lacks_is_refused() -> None:
    async with stage(with_manifest(scopes=["commands"])) as held:
        answer = await error_of(held.client.chat_postMessage(channel="C01NOC", text="hello"))

        assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "commands")


async def test_unknown_methods_are_refused() -> None:
    async with stage() as held:
        assert (await error_of(held.client.api_call("chat.shout")))["error"] == "unknown_method"


async def test_a_posted_message_can_be_changed_and_deleted_by_its_ts() -> None:
    async with stage() as held:
        ts = await held.post("Rebooting", blocks=[section("*Rebooting* <@U01ANA>")])
        before = await held.ana.messages()
        await held.client.chat_update(channel="C01NOC", ts=ts, text="Back", blocks=[section("Back")])
        after = await held.ana.messages()
        await held.client.chat_delete(channel="C01NOC", ts=ts)

        assert [(seen.text, seen.edited) for seen in before] == [("Rebooting @ana", False)]
        assert [(seen.text, seen.edited, seen.ts) for seen in after] == [("Back", True, ts)]
        assert await held.ana.messages() == []


async def test_an_update_with_text_alone_takes_the_blocks_away() -> None:
    async with stage() as held:
        ts = await held.post("Which?", blocks=[section("Which?"), actions(button("This One"))])
        await held.client.chat_update(channel="C01NOC", ts=ts, text="Too late")

        assert [(seen.text, seen.buttons) for seen in await held.ana.messages()] == [("Too late", [])]


async def test_an_ephemeral_message_cannot_be_updated_or_deleted() -> None:
    async with stage() as held:
        posted = await held.client.chat_postEphemeral(channel="C01NOC", user="U01ANA", text="only you")
        ts = posted["message_ts"]

        assert (await error_of(held.client.chat_update(channel="C01NOC", ts=ts, text="x")))[
            "error"
        ] == "message_not_found"
        assert (await error_of(held.client.chat_delete(channel="C01NOC", ts=ts)))["error"] == "message_not_found"
        assert await held.slack.person("lee").messages() == []


async def test_only_its_own_messages_can_be_changed_by_the_app() -> None:
    async with stage() as held:
        seen = await held.ana.type("good morning")
        answer = await error_of(held.client.chat_update(channel="C01NOC", ts=seen.ts, text="bad morning"))

        assert answer["error"] == "cant_update_message"


@pytest.mark.parametrize(
    ("channel", "scopes", "error"),
    [
        ("C02GEN", ["chat:write"], "not_in_channel"),
        ("C04OPS", ["chat:write"], "channel_not_found"),
        ("C04OPS", ["chat:write", "chat:write.public"], "channel_not_found"),
        ("C99NIL", ["chat:write"], "channel_not_found"),
    ],
)
async def test_the_app_may_not_post_everywhere(channel: str, scopes: list[str], error: str) -> None:
    async with stage(with_manifest(scopes=scopes)) as held:
        assert (await error_of(held.client.chat_postMessage(channel=channel, text="hello")))["error"] == error


async def test_chat_write_public_opens_public_channels() -> None:
    async with stage(with_manifest(scopes=["chat:write", "chat:write.public"])) as held:
        answer = await held.client.chat_postMessage(channel="#general", text="hello")

        assert answer["channel"] == "C02GEN"


async def test_wrong_blocks_are_refused_with_the_reason_and_the_place() -> None:
    async with stage() as held:
        answer = await error_of(held.client.chat_postMessage(channel="C01NOC", text="x", blocks=[section("x" * 3001)]))

        assert answer["error"] == "invalid_blocks"
        expected = "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
        assert answer["response_metadata"]["messages"] == [expected]
        assert [refusal["error"] for refusal in await held.slack.refusals("refused")] == ["invalid_blocks"]


async def test_a_message_without_text_is_taken_but_noted() -> None:
    async with stage() as held:
        async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {BOT_TOKEN}"}) as http:
            body = {"channel": "C01NOC", "blocks": [section("hello")]}
            answer = await http.post(f"{held.url}/api/chat.postMessage", json=body)

        assert answer.json()["ok"] is True
        assert [refusal["error"] for refusal in await held.slack.refusals("warning")] == ["text_missing"]


async def test_a_message_with_nothing_in_it_is_refused() -> None:
    async with stage() as held:
        assert (await error_of(held.client.api_call("chat.postMessage", json={"channel": "C01NOC"})))[
            "error"
        ] == "no_text"


@pytest.mark.parametrize("said", ["<!channel> wake up", "<!here>", "<!everyone|x>", "<@U99NIL> hello", "<!subteam^S1>"])
async def test_every_broadcast_and_every_stranger_named_is_noted(said: str) -> None:
    async with stage() as held:
        await held.post("card", blocks=[section(f"Lobby {said}")])

        assert len(await held.slack.refusals("mention")) == 1


async def test_names_that_are_escaped_or_plain_are_no_mentions() -> None:
    async with stage() as held:
        header = {"type": "header", "text": {"type": "plain_text", "text": "<!channel>"}}
        await held.post("&lt;!channel&gt;", blocks=[header, section("&lt;!here&gt; <@U01ANA>")])

        assert await held.slack.refusals("mention") == []
        assert (await held.ana.messages())[0].text == "<!channel>\n<!here> @ana"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
        ({"attachments": [{"blocks": [{"type": "sections"}]}]}, "invalid_attachments"),
        ({"blocks": "not json"}, "invalid_blocks_format"),
        ({"blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2}, "invalid_attachments"),
    ],
)
async def test_other_parts_of_a_message_are_checked_too(arguments: dict[str, Any], error: str) -> None:
    async with stage() as held:
        body = {"channel": "C01NOC", "text": "x"} | arguments

        assert (await error_of(held.client.api_call("chat.postMessage", json=body)))["error"] == error


async def test_a_message_can_be_posted_as_a_form_with_json_in_its_fields() -> None:
    async with stage() as held:
        metadata = {"event_type": "op", "event_payload": {"id": "1"}}
        fields = {
            "channel": "C01NOC",
            "text": "x",
            "blocks": json.dumps([section("form")]),
            "metadata": json.dumps(metadata),
        }
        ts = (await held.client.api_call("chat.postMessage", data=fields))["ts"]
        await held.client.chat_update(channel="C01NOC", ts=ts, text="y")
        message = held.practice.world.messages.by_ts("C01NOC", ts)

        assert message is not None
        assert (message.text, message.metadata) == ("y", metadata)


async def test_old_edits_can_be_forbidden_by_the_workspace() -> None:
    async with stage() as held:
        ts = await held.post("x")
        await held.slack.turn(message_edits=False)

        answer = await error_of(held.client.chat_update(channel="C01NOC", ts=ts, text="y"))
        assert answer["error"] == "edit_window_closed"


@pytest.mark.parametrize(("user", "error"), [("U99NIL", "user_not_found"), ("U05ZOE", "user_not_in_channel")])
async def test_an_ephemeral_message_needs_somebody_in_the_channel(user: str, error: str) -> None:
    async with stage() as held:
        call = held.client.chat_postEphemeral(channel="C01NOC", user=user, text="x")

        assert (await error_of(call))["error"] == error


async def test_mentions_in_rich_text_are_noted_too() -> None:
    async with stage() as held:
        parts = [{"type": "broadcast", "range": "here"}, {"type": "user", "user_id": "U99"}]
        rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}
        await held.post("x", blocks=[rich])

        assert len(await held.slack.refusals("mention")) == 2
