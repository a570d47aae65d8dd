"""The Home tab: opened, published, clicked."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.slack_app_under_test import plain, section, stage


def home(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "home", "blocks": list(blocks)}


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_opening_home_sends_the_event_and_shows_what_the_app_publishes() -> None:
    async with stage() as held:

        async def publish(payload: dict[str, Any]) -> None:
            if payload.get("event", {}).get("type") == "app_home_opened":
                view = home(section("Linked as *ana@venues.example*"))
                await held.client.views_publish(user_id=payload["event"]["user"], view=view)

        held.app.answer = publish
        seen = await held.ana.home()

        event = held.app.payloads[0]["event"]
        assert (event["tab"], event["user"], event["channel"]) == ("home", "U01ANA", "D01ANA")
        assert "view" not in event
        assert seen.text == "Linked as ana@venues.example"
        assert (await held.slack.person("lee").screen()).home is None


async def test_a_home_tab_takes_clicks_without_a_response_url() -> None:
    async with stage() as held:
        row = {"type": "actions", "block_id": "row", "elements": [
            {"type": "button", "text": plain("Connect"), "action_id": "connect"}]}  # fmt: skip
        await held.client.views_publish(user_id="U01ANA", view=home(row))
        seen = await held.ana.click("Connect", wait=False)

        payload = held.app.payloads[0]
        assert seen.kind == "home"
        assert payload["container"] == {"type": "view", "view_id": seen.id}
        assert payload["view"]["type"] == "home"
        assert not payload.keys() & {"response_url", "message", "channel"}


async def test_publishing_needs_a_person_and_the_last_hash() -> None:
    async with stage() as held:
        first = (await held.client.views_publish(user_id="U01ANA", view=home(section("one"))))["view"]
        await held.client.views_publish(user_id="U01ANA", view=home(section("two")), hash=first["hash"])
        stale = held.client.views_publish(user_id="U01ANA", view=home(section("three")), hash=first["hash"])

        assert await error_of(stale) == "hash_conflict"
        assert await error_of(held.client.views_publish(user_id="U99", view=home(section("x")))) == "user_not_found"
