"""The Web API of the practice Slack, called by slack_sdk's own client."""

import asyncio
import json
import time
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


async def test_direct_messages_need_im_write_and_a_living_person() -> None:
    async with stage() as held:
        opened = await held.client.conversations_open(users="U01ANA")
        await held.client.chat_postMessage(channel=opened["channel"]["id"], text="psst")

        assert [seen.text for seen in await held.ana.messages("app")] == ["psst"]
        assert (await error_of(held.client.conversations_open(users="U99NIL")))["error"] == "user_not_found"


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


async def test_a_fault_is_a_429_with_retry_after_and_then_over() -> None:
    async with stage() as held:
        await held.slack.fault("chat.postMessage", status=429, retry_after=7)
        with pytest.raises(SlackApiError) as caught:
            await held.post("one")
        await held.post("two")

        assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
        assert caught.value.response.headers["Retry-After"] == "7"
        assert [seen.text for seen in await held.ana.messages()] == ["two"]


async def test_a_fault_may_lose_only_the_answer() -> None:
    async with stage() as held:
        await held.slack.fault("chat.postMessage", status=503, acts=True)
        with pytest.raises(SlackApiError):
            await held.post("said all the same")

        assert [seen.text for seen in await held.ana.messages()] == ["said all the same"]


async def test_a_fault_may_only_be_slow() -> None:
    async with stage() as held:
        await held.slack.fault("chat.postMessage", delay=0.1)
        began = time.monotonic()
        await held.post("late")

        assert time.monotonic() - began >= 0.1


async def test_a_fault_with_an_error_and_a_rate_hits_some_calls() -> None:
    async with stage() as held:
        await held.slack.fault("*", error="fatal_error", times=100, rate=0.5)
        tries = await asyncio.gather(*(held.post(f"{count}") for count in range(20)), return_exceptions=True)

        failed = sum(isinstance(each, SlackApiError) for each in tries)
        assert 0 < failed < 20
        assert len(await held.ana.messages()) == 20 - failed


async def test_files_are_uploaded_in_three_steps() -> None:
    async with stage(with_manifest(scopes=["chat:write", "files:write"])) as held:
        await held.client.files_upload_v2(
            channel="C01NOC", filename="boxes.csv", content="a,b", title="All boxes", initial_comment="Here"
        )

        assert [seen.text for seen in await held.ana.messages()] == ["Here\n[All boxes]"]
        assert (await error_of(held.client.files_upload_v2(channel="C04OPS", content="a")))[
            "error"
        ] == "channel_not_found"


async def test_a_permalink_is_made_for_lasting_messages_only() -> None:
    async with stage() as held:
        ts = await held.post("here")
        answer = await held.client.chat_getPermalink(channel="C01NOC", message_ts=ts)

        assert answer["permalink"].endswith(f"/archives/C01NOC/p{ts.replace('.', '')}")
        error = await error_of(held.client.chat_getPermalink(channel="C01NOC", message_ts="1.000001"))
        assert error["error"] == "message_not_found"


async def test_people_and_channels_are_told_to_those_with_the_scopes() -> None:
    async with stage(with_manifest(scopes=["users:read", "channels:read"])) as held:
        user, channel = (
            await held.client.users_info(user="U04GUS"),
            await held.client.conversations_info(channel="C01NOC"),
        )

        assert user["user"]["is_restricted"] is True
        assert channel["channel"]["is_member"] is True
        assert (await error_of(held.client.users_info(user="U99NIL")))["error"] == "user_not_found"
        assert (await error_of(held.client.conversations_info(channel="C04OPS")))["error"] == "channel_not_found"


async def test_a_revoked_token_is_of_no_more_use() -> None:
    async with stage() as held:
        await held.client.auth_revoke()

        assert (await error_of(held.client.auth_test()))["error"] == "token_revoked"


async def test_blocks_validate_needs_no_token() -> None:
    async with stage() as held:
        anybody = AsyncWebClient(base_url=held.client.base_url)
        answer = await anybody.api_call("blocks.validate", json={"blocks": [section("fine")]})
        wrong = await error_of(anybody.api_call("blocks.validate", json={"blocks": [{"type": "sections"}]}))

        assert answer["ok"] is True
        assert wrong["errors"][0] == {
            "pointer": "/blocks/0",
            "code": "invalid",
            "message": "unsupported block type: sections",
        }


async def test_each_call_is_in_the_journal_without_the_token() -> None:
    async with stage() as held:
        await held.post("hello", blocks=[section("hello")])
        call = (await held.slack.calls("chat.postMessage"))[0]

        assert call["arguments"]["blocks"] == [section("hello")]
        assert call["answer"]["ok"] is True
        assert BOT_TOKEN not in str(call)


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


@pytest.mark.parametrize(
    ("users", "error"),
    [("U05ZOE", "user_not_visible"), ("U0CTBOT", "cannot_dm_bot"), ("U01ANA,U02LEE", "too_many_users")],
)
async def test_a_direct_message_is_for_one_living_colleague(users: str, error: str) -> None:
    async with stage() as held:
        assert (await error_of(held.client.conversations_open(users=users)))["error"] == error


async def test_a_person_who_left_gets_no_direct_message() -> None:
    async with stage() as held:
        await held.slack.tell("/_practice/people/U04GUS", {"deleted": True}, method="PATCH")

        assert (await error_of(held.client.conversations_open(users="U04GUS")))["error"] == "user_disabled"


async def test_api_test_echoes_and_a_missing_argument_is_named() -> None:
    async with stage() as held:
        answer = await held.client.api_call("api.test", json={"a": "b"})
        missing = await error_of(held.client.api_call("views.publish", json={"user_id": "U01ANA"}))

        assert answer["args"] == {"a": "b"}
        assert missing["response_metadata"]["messages"] == ["[ERROR] missing required field: view"]


async def test_an_uploaded_file_must_have_its_length_and_can_be_fetched() -> None:
    async with stage(with_manifest(scopes=["files:write"])) as held:
        asked = await held.client.files_getUploadURLExternal(filename="a.csv", length=3)
        short = await held.slack.http.post(asked["upload_url"], content=b"ab")
        early = await error_of(held.client.files_completeUploadExternal(files=[{"id": asked["file_id"]}]))
        whole = await held.slack.http.post(asked["upload_url"], content=b"abc")
        done = await held.client.files_completeUploadExternal(files=[{"id": asked["file_id"]}])
        fetched = await held.slack.http.get(done["files"][0]["url_private"])
        lost = await held.slack.http.get("/_files/F0/a.csv")
        nowhere = await held.slack.http.post("/_files/upload/F0", content=b"abc")

        assert (short.status_code, whole.status_code, fetched.content) == (400, 200, b"abc")
        assert early["error"] == "file_not_found"
        assert (lost.status_code, nowhere.status_code) == (404, 404)


async def test_mentions_in_rich_text_are_noted_too() -> None:
    async with stage() as held:
        parts = [{"type": "broadcast", "range": "here"}, {"type": "user", "user_id": "U99"}]
        rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}
        await held.post("x", blocks=[rich])

        assert len(await held.slack.refusals("mention")) == 2
