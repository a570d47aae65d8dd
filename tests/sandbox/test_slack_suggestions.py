"""External selects: the app is asked as one types, in three seconds, for a hundred options."""

import asyncio
from typing import Any

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.sandbox.slack_app_under_test import Stage, actions, plain, stage, with_manifest

OPTIONS = [{"text": plain(name), "value": value} for name, value in (("Lobby AP-3", "a"), ("Lobby AP-4", "b"))]


def acknowledge_by(held: Stage, **body: Any) -> None:
    """The app answers each click by a post to its response_url."""

    async def answer(payload: dict[str, Any]) -> None:
        if payload["type"] == "block_actions":
            held.practice.world.background.spawn(AsyncWebhookClient(payload["response_url"]).send_dict(body))

    held.app.answer = answer


SEARCH = {"type": "external_select", "action_id": "box", "placeholder": plain("Box"), "min_query_length": 2}


async def test_an_external_select_asks_the_app_as_one_types() -> None:
    async with stage() as held:
        await held.post("Which?", blocks=[actions(SEARCH)])
        held.app.answer = lambda payload: {"options": OPTIONS} if payload["type"] == "block_suggestion" else None

        assert await held.ana.offers("lob") == ["Lobby AP-3", "Lobby AP-4"]
        payload = held.app.payloads[0]
        assert (payload["value"], payload["action_id"], payload["block_id"]) == ("lob", "box", "row")
        assert payload["container"]["type"] == "message"
        assert "response_url" not in payload

        acknowledge_by(held, text="chosen")
        held.app.answer, answer = (lambda _: {"options": OPTIONS}), held.app.answer
        await held.ana.offers("lob")
        held.app.answer = answer
        body = {"user": "U01ANA", "surface": (await held.ana.messages())[0].surface}
        await held.slack.tell("/_ui/action", body | {"block_id": "row", "action_id": "box", "value": "b"})
        assert held.app.payloads[-1]["actions"][0]["selected_option"] == OPTIONS[1]


async def test_a_query_that_is_too_short_is_not_asked() -> None:
    async with stage() as held:
        await held.post("Which?", blocks=[actions(SEARCH)])
        with pytest.raises(AssertionError, match="query_too_short"):
            await held.ana.offers("l")

        assert held.app.received == []


@pytest.mark.parametrize(
    "answer",
    [
        {"options": [{"text": plain(f"Box {count}"), "value": str(count)} for count in range(101)]},
        {"options": [{"text": plain("x" * 76), "value": "x"}]},
        {"options": [{"text": plain("x"), "value": "x" * 151}]},
        {"options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "x"}]},
        {"options": OPTIONS, "option_groups": []},
        {"choices": OPTIONS},
        "not JSON",
    ],
)
async def test_bad_suggestions_are_shown_to_nobody(answer: Any) -> None:
    async with stage() as held:
        await held.post("Which?", blocks=[actions(SEARCH)])
        held.app.answer = lambda _: answer
        with pytest.raises(AssertionError, match="couldn't load the options"):
            await held.ana.offers("lob")

        assert (await held.slack.refusals("refused"))[-1]["error"] == "invalid_options"


async def test_groups_and_an_empty_list_are_fair_suggestions() -> None:
    async with stage() as held:
        await held.post("Which?", blocks=[actions(SEARCH)])
        held.app.answer = lambda _: {"option_groups": [{"label": plain("Café Nord"), "options": OPTIONS}]}
        grouped = await held.ana.offers("lob")
        held.app.answer = lambda _: {"options": []}

        assert grouped == ["Lobby AP-3", "Lobby AP-4"]
        assert await held.ana.offers("lob") == []


async def test_slow_suggestions_are_given_up() -> None:
    async with stage() as held:
        await held.slack.turn(options_seconds=0.05)
        await held.post("Which?", blocks=[actions(SEARCH)])

        async def late(_: Any) -> Any:
            await asyncio.sleep(0.2)
            return {"options": OPTIONS}

        held.app.answer = late
        with pytest.raises(AssertionError, match="operation_timeout"):
            await held.ana.offers("lob")


async def test_without_an_options_url_in_the_manifest_nothing_is_asked() -> None:
    async with stage(with_manifest(interactivity={"is_enabled": True})) as held:
        await held.post("Which?", blocks=[actions(SEARCH)])
        with pytest.raises(AssertionError, match="message_menu_options_url"):
            await held.ana.offers("lob")
