"""The practice Slack's other methods: files, people, direct messages; and faults on demand."""

import asyncio
import time
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.credentials import BOT_TOKEN
from tests.sandbox.slack_app_under_test import section, stage, with_manifest


async def error_of(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


async def test_direct_messages_need_im_write_and_a_living_person() -> None:
    async with stage() as held:
        opened = await held.client.conversations_open(users="U01ANA")
        await held.client.chat_postMessage(channel=opened["channel"]["id"], text="psst")

        assert [seen.text for seen in await held.ana.messages("app")] == ["psst"]
        assert (await error_of(held.client.conversations_open(users="U99NIL")))["error"] == "user_not_found"


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
            "pointer": "/0",
            "code": "failed_constraint",
            "message": "unsupported block type: sections",
        }


@pytest.mark.parametrize(
    ("payload", "error", "pointer"),
    [
        ({"message": {"blocks": [{"type": "sections"}]}}, "invalid_message", "/blocks/0"),
        ({"message": ["text"]}, "invalid_message", "/"),
        ({"view": {"type": "modal", "blocks": []}}, "invalid_view", ""),
        ({"view": {"type": "home", "blocks": [{"type": "alert"}]}}, "invalid_view", "/blocks/0"),
    ],
)
async def test_blocks_validate_points_into_messages_and_views(
    payload: dict[str, Any], error: str, pointer: str
) -> None:
    async with stage() as held:
        wrong = await error_of(held.client.api_call("blocks.validate", json=payload))

        assert (wrong["error"], wrong["errors"][0]["pointer"]) == (error, pointer)


@pytest.mark.parametrize("payload", [{}, {"blocks": [section("a")], "message": {"blocks": []}}])
async def test_blocks_validate_wants_exactly_one_payload(payload: dict[str, Any]) -> None:
    async with stage() as held:
        assert (await error_of(held.client.api_call("blocks.validate", json=payload)))["error"] == "invalid_arguments"


async def test_each_call_is_in_the_journal_without_the_token() -> None:
    async with stage() as held:
        await held.post("hello", blocks=[section("hello")])
        call = (await held.slack.calls("chat.postMessage"))[0]

        assert call["arguments"]["blocks"] == [section("hello")]
        assert call["answer"]["ok"] is True
        assert BOT_TOKEN not in str(call)


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
