"""Modals and the Home tab."""

import asyncio
import json
from typing import Any

import pytest
from httpx import HTTPStatusError
from slack_sdk.errors import SlackApiError
from starlette.responses import PlainTextResponse

from tests.sandbox.slack_app_under_test import Stage, plain, section, stage


def modal(*blocks: dict[str, Any], title: str = "Reboot", **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(title), "blocks": list(blocks) or [section("Loading")], **more}


def asks(label: str, action_id: str, **element: Any) -> dict[str, Any]:
    held = {"type": "plain_text_input", "action_id": action_id, **element}
    return {"type": "input", "block_id": f"b-{action_id}", "label": plain(label), "element": held}


async def trigger(held: Stage) -> str:
    """Ana types a command; its fresh trigger_id."""
    held.app.answer = lambda _: "…"
    await held.ana.type("/ct")
    return str(held.app.payloads[-1]["trigger_id"])


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_modal_opens_once_for_each_trigger() -> None:
    async with stage() as held:
        key = await trigger(held)
        await held.client.views_open(trigger_id=key, view=modal(section("*Sure?*"), submit=plain("Yes")))

        assert str((await held.ana.screen()).modal) == "view CT: Reboot\nSure?\n[Yes]"
        assert await error_of(held.client.views_open(trigger_id=key, view=modal())) == "exchanged_trigger_id"
        assert await error_of(held.client.views_open(trigger_id="x", view=modal())) == "invalid_trigger_id"


async def test_a_trigger_expires() -> None:
    async with stage() as held:
        key = await trigger(held)
        await held.slack.turn(trigger_seconds=0.0)

        assert await error_of(held.client.views_open(trigger_id=key, view=modal())) == "expired_trigger_id"


async def test_a_modal_is_updated_only_by_those_who_know_its_hash() -> None:
    async with stage() as held:
        view = (await held.client.views_open(trigger_id=await trigger(held), view=modal()))["view"]
        await held.client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("Ready")))

        assert (await held.ana.sees("Ready")).kind == "view"
        call = held.client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
        assert await error_of(call) == "hash_conflict"
        assert await error_of(held.client.views_update(view_id="V0", view=modal())) == "not_found"


async def test_what_is_submitted_arrives_as_state_and_closes_the_modal() -> None:
    async with stage() as held:
        view = modal(asks("Reason", "reason"), submit=plain("Send"), callback_id="ct.reboot", private_metadata="op1")
        await held.client.views_open(trigger_id=await trigger(held), view=view)
        held.app.answer = lambda _: None
        left = await held.ana.submit({"Reason": "guests cannot log in"})

        payload = held.app.payloads[-1]
        assert left is None
        assert payload["type"] == "view_submission"
        assert payload["view"]["callback_id"] == "ct.reboot"
        assert payload["view"]["private_metadata"] == "op1"
        typed = payload["view"]["state"]["values"]["b-reason"]["reason"]
        assert typed == {"type": "plain_text_input", "value": "guests cannot log in"}


async def test_a_required_input_left_empty_never_reaches_the_app() -> None:
    async with stage() as held:
        view = modal(asks("Reason", "reason", max_length=5), submit=plain("Send"))
        await held.client.views_open(trigger_id=await trigger(held), view=view)
        count = len(held.app.received)
        with pytest.raises(AssertionError, match="Please complete this required field"):
            await held.ana.submit()
        with pytest.raises(AssertionError, match="Please use 5 or fewer"):
            await held.ana.submit({"reason": "far too long"})

        assert len(held.app.received) == count


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"response_action": "errors", "errors": {"b-reason": "Say more."}}, "Say more."),
        ({"response_action": "errors", "errors": {"nowhere": "?"}}, "invalid_errors"),
        ({"response_action": "dance"}, "invalid_response_action"),
        ({"response_action": "update", "view": {"type": "modal", "blocks": []}}, "invalid_arguments"),
        ("some text", "invalid_response_action"),
    ],
)
async def test_an_answer_to_a_submission_can_keep_the_modal_open(answer: Any, expected: str) -> None:
    async with stage() as held:
        view = modal(asks("Reason", "reason"), submit=plain("Send"))
        await held.client.views_open(trigger_id=await trigger(held), view=view)
        held.app.answer = lambda _: answer
        with pytest.raises(AssertionError, match=expected):
            await held.ana.submit({"reason": "x"})

        assert (await held.ana.screen()).modal is not None


async def test_views_are_pushed_up_to_three_and_cleared_at_once() -> None:
    async with stage() as held:
        opened = modal(asks("Reason", "reason"), submit=plain("Next"))
        await held.client.views_open(trigger_id=await trigger(held), view=opened)
        held.app.answer = lambda _: {"response_action": "push", "view": modal(title="Two", submit=plain("Next"))}
        second = await held.ana.submit({"reason": "x"})
        held.app.answer = lambda _: {"response_action": "push", "view": modal(title="Three", submit=plain("Next"))}
        third = await held.ana.submit()
        held.app.answer = lambda _: {"response_action": "push", "view": modal(title="Four")}
        with pytest.raises(AssertionError, match="push_limit_reached"):
            await held.ana.submit()
        await held.ana.close()
        after_close = (await held.ana.screen()).modal
        held.app.answer = lambda _: {"response_action": "clear"}
        left = await held.ana.submit()

        assert second and second.text.startswith("Two")
        assert third and third.text.startswith("Three")
        assert after_close and after_close.text.startswith("Two")
        assert left is None


async def test_closing_is_told_only_to_apps_that_asked() -> None:
    async with stage() as held:
        await held.client.views_open(trigger_id=await trigger(held), view=modal())
        await held.ana.close()
        count = len(held.app.received)
        await held.client.views_open(trigger_id=await trigger(held), view=modal(notify_on_close=True))
        await held.ana.close()

        assert [payload["type"] for payload in held.app.payloads[count + 1 :]] == ["view_closed"]
        assert held.app.payloads[-1]["is_cleared"] is False


async def test_an_input_without_submit_is_refused() -> None:
    async with stage() as held:
        with pytest.raises(SlackApiError) as caught:
            await held.client.views_open(trigger_id=await trigger(held), view=modal(asks("Reason", "reason")))

        assert caught.value.response["error"] == "invalid_arguments"
        assert "submit is required" in caught.value.response["response_metadata"]["messages"][0]


async def test_a_view_over_250_kb_is_refused() -> None:
    async with stage() as held:
        view = modal(*(section("x" * 3000) for _ in range(85)))

        assert await error_of(held.client.views_open(trigger_id=await trigger(held), view=view)) == "view_too_large"


async def test_an_external_id_is_held_by_one_view_only() -> None:
    async with stage() as held:
        await held.client.views_open(trigger_id=await trigger(held), view=modal(external_id="op1"))
        await held.client.views_update(external_id="op1", view=modal(section("Ready"), external_id="op1"))
        lee = held.slack.person("lee")
        await lee.type("/ct")
        call = held.client.views_open(trigger_id=held.app.payloads[-1]["trigger_id"], view=modal(external_id="op1"))

        assert await error_of(call) == "duplicate_external_id"
        assert (await held.ana.sees("Ready")).kind == "view"


async def test_a_click_in_a_modal_can_push_another() -> None:
    async with stage() as held:
        row = {"type": "actions", "block_id": "row", "elements": [
            {"type": "button", "text": plain("More"), "action_id": "more"}]}  # fmt: skip
        await held.client.views_open(trigger_id=await trigger(held), view=modal(row))

        async def push() -> None:
            await held.app.waits_for(2)
            await held.client.views_push(trigger_id=held.app.payloads[1]["trigger_id"], view=modal(title="Deeper"))

        seen, _ = await asyncio.gather(held.ana.click("More"), push())

        assert seen.text.startswith("Deeper")
        assert seen.raw["previous_view_id"] == held.app.payloads[1]["view"]["id"]


async def test_a_chosen_conversation_brings_its_response_url() -> None:
    async with stage() as held:
        select = {"type": "conversations_select", "action_id": "where", "response_url_enabled": True}
        block = {"type": "input", "block_id": "b", "label": plain("Where"), "element": select}
        await held.client.views_open(trigger_id=await trigger(held), view=modal(block, submit=plain("Share")))
        held.app.answer = lambda _: None
        with pytest.raises(HTTPStatusError):
            await held.ana.submit({"where": "C99NIL"})
        await held.ana.submit({"where": "C02GEN"})
        told = held.app.payloads[-1]["response_urls"]
        await held.slack.http.post(told[0]["response_url"], json={"response_type": "in_channel", "text": "shared"})

        assert [(each["channel_id"], each["action_id"]) for each in told] == [("C02GEN", "where")]
        assert [seen.text for seen in await held.slack.person("lee", "general").messages()] == ["shared"]


async def test_a_select_in_a_modal_keeps_what_was_chosen_until_it_is_submitted() -> None:
    async with stage() as held:
        choices = [{"text": plain("Lobby AP-3"), "value": "a"}]
        block = asks("Box", "box") | {"element": {"type": "external_select", "action_id": "box", "min_query_length": 0}}
        await held.client.views_open(trigger_id=await trigger(held), view=modal(block, submit=plain("Go")))
        held.app.answer = lambda payload: {"options": choices} if payload["type"] == "block_suggestion" else None
        await held.ana.choose("", "Lobby")
        await held.ana.submit()

        payload = held.app.payloads[-1]
        assert payload["type"] == "view_submission"
        assert payload["view"]["state"]["values"]["b-box"]["box"]["selected_option"]["value"] == "a"


async def test_a_view_may_arrive_as_json_and_must_be_json() -> None:
    async with stage() as held:
        args = {"trigger_id": await trigger(held), "view": json.dumps(modal(section("Ready")))}
        await held.client.api_call("views.open", data=args)
        wrong = held.client.api_call("views.open", data={"trigger_id": await trigger(held), "view": "{"})

        assert (await held.ana.sees("Ready")).kind == "view"
        assert await error_of(wrong) == "invalid_arguments"


async def test_nothing_can_be_pushed_where_no_modal_is() -> None:
    async with stage() as held:
        assert await error_of(held.client.views_push(trigger_id=await trigger(held), view=modal())) == "not_found"
        assert await error_of(held.client.api_call("views.update", json={"view": modal()})) == "invalid_arguments"


async def test_a_submission_that_the_app_fails_keeps_the_modal() -> None:
    async with stage() as held:
        await held.client.views_open(trigger_id=await trigger(held), view=modal(submit=plain("Go")))
        held.app.answer = lambda _: PlainTextResponse("", 500)
        with pytest.raises(AssertionError, match="dispatch_unknown_error"):
            await held.ana.submit()

        assert (await held.ana.screen()).modal is not None


async def test_without_a_modal_there_is_nothing_to_submit_or_close() -> None:
    async with stage() as held:
        with pytest.raises(AssertionError, match="no modal open"):
            await held.ana.submit()
        answer = await held.slack.http.post("/_ui/close", json={"user": "U01ANA", "view_id": "V0"})

        assert answer.status_code == 404
