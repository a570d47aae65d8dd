"""Buttons, menus, selects and confirm dialogs, as people press them."""

import asyncio
from typing import Any

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient
from starlette.responses import PlainTextResponse

from tests.sandbox.slack_app_under_test import Stage, actions, button, plain, section, stage, with_manifest

CONFIRM = {"title": plain("Sure?"), "text": plain("It goes down."), "confirm": plain("Reboot"), "deny": plain("No")}
OPTIONS = [{"text": plain(name), "value": value} for name, value in (("Lobby AP-3", "a"), ("Lobby AP-4", "b"))]


def acknowledge_by(held: Stage, **body: Any) -> None:
    """The app answers each click by a post to its response_url."""

    async def answer(payload: dict[str, Any]) -> None:
        if payload["type"] == "block_actions":
            held.practice.world.background.spawn(AsyncWebhookClient(payload["response_url"]).send_dict(body))

    held.app.answer = answer


async def test_a_click_on_a_public_message_arrives_with_every_field() -> None:
    async with stage() as held:
        acknowledge_by(held, text="done", replace_original=True)
        ts = await held.post("Card", blocks=[section("Card"), actions(button("Look", "ct.box.look", value="op1"))])
        await held.slack.person("lee").click("Look")

        payload = held.app.payloads[0]
        assert payload["user"] == {"id": "U02LEE", "username": "lee", "name": "lee", "team_id": "T01ACME"}
        assert payload["team"] == {"id": "T01ACME", "domain": "acme"}
        assert payload["enterprise"] is None
        assert payload["is_enterprise_install"] is False
        assert payload["channel"] == {"id": "C01NOC", "name": "noc"}
        assert payload["container"] == {
            "type": "message",
            "message_ts": ts,
            "channel_id": "C01NOC",
            "is_ephemeral": False,
        }
        assert payload["message"]["ts"] == ts
        assert payload["message"]["blocks"][1]["elements"][0]["action_id"] == "ct.box.look"
        assert payload["state"] == {"values": {}}
        action = payload["actions"][0]
        assert (action["type"], action["action_id"], action["block_id"]) == ("button", "ct.box.look", "row")
        assert (action["value"], action["text"]["text"]) == ("op1", "Look")
        assert payload.keys() >= {"trigger_id", "response_url", "api_app_id", "token"}


async def test_an_outsider_clicks_with_their_own_team() -> None:
    async with stage() as held:
        acknowledge_by(held, text="no")
        await held.client.chat_postMessage(channel="C03ORB", text="Card", blocks=[actions(button("Look"))])
        await held.slack.person("zoe", "venues-orbit").click("Look")

        payload = held.app.payloads[0]
        assert (payload["user"]["team_id"], payload["team"]["id"]) == ("T02ORBIT", "T01ACME")


async def test_an_org_wide_installation_has_no_team_in_its_clicks() -> None:
    async with stage() as held:
        await held.slack.turn(enterprise_id="E01GRID", org_install=True)
        acknowledge_by(held, text="ok")
        await held.post("Card", blocks=[actions(button("Look"))])
        await held.ana.click("Look")

        payload = held.app.payloads[0]
        assert (payload["team"], payload["enterprise"]["id"]) == (None, "E01GRID")
        assert payload["is_enterprise_install"] is True


async def test_a_confirm_dialog_must_be_answered_first() -> None:
    async with stage() as held:
        acknowledge_by(held, text="Sent", replace_original=True)
        await held.post("Card", blocks=[actions(button("Reboot", confirm=CONFIRM))])
        with pytest.raises(AssertionError, match="Sure"):
            await held.ana.click("Reboot")
        assert held.app.received == []

        seen = await held.ana.click("Reboot", confirm=True)

        assert seen.text == "Sent"


async def test_an_app_that_fails_a_click_is_not_asked_twice() -> None:
    async with stage() as held:
        held.app.answer = lambda _: PlainTextResponse("", 500)
        await held.post("Card", blocks=[actions(button("Look"))])
        seen = await held.ana.click("Look")
        await asyncio.sleep(0.05)

        assert (seen.author, seen.ephemeral) == ("Slackbot", True)
        assert "dispatch_unknown_error" in seen.text
        assert len(held.app.received) == 1


async def test_a_public_message_can_be_deleted_from_its_click() -> None:
    async with stage() as held:
        acknowledge_by(held, delete_original=True)
        await held.post("Card", blocks=[actions(button("Gone"))])
        seen = await held.ana.click("Gone")

        assert seen.deleted is True
        assert await held.ana.messages() == []


async def test_a_post_to_a_click_that_does_not_say_replace_is_a_new_message_and_noted() -> None:
    async with stage() as held:
        acknowledge_by(held, text="more")
        await held.post("Card", blocks=[actions(button("More"))])
        seen = await held.ana.click("More")

        assert (seen.text, seen.ephemeral) == ("more", True)
        assert [seen.text for seen in await held.ana.messages()] == ["[More]", "more"]
        assert [held["error"] for held in await held.slack.refusals("warning")] == ["replace_original_missing"]


async def test_what_nobody_offered_cannot_be_chosen() -> None:
    async with stage() as held:
        select = {"type": "static_select", "action_id": "which", "placeholder": plain("Box"), "options": OPTIONS}
        await held.post("Card", blocks=[actions(select)])
        message = (await held.ana.messages())[0]
        body = {"user": "U01ANA", "surface": message.surface, "block_id": "row", "action_id": "which", "value": "zzz"}
        forged = await held.slack.http.post("/_ui/action", json=body)
        elsewhere = await held.slack.http.post("/_ui/action", json=body | {"action_id": "nothing"})
        unseen = await held.slack.http.post("/_ui/action", json=body | {"user": "U05ZOE"})

        assert (forged.status_code, elsewhere.status_code, unseen.status_code) == (400, 404, 404)
        assert held.app.received == []


async def test_an_ephemeral_message_can_be_clicked_by_nobody_else() -> None:
    async with stage() as held:
        await held.client.chat_postEphemeral(
            channel="C01NOC", user="U01ANA", text="Card", blocks=[actions(button("Look"))]
        )
        message = (await held.ana.messages())[0]
        body = {"user": "U02LEE", "surface": message.surface, "block_id": "row", "action_id": "go", "value": None}
        forged = await held.slack.http.post("/_ui/action", json=body)

        assert forged.status_code == 404


async def test_a_static_select_says_what_was_chosen_and_keeps_it_as_state() -> None:
    async with stage() as held:
        acknowledge_by(held, text="ok")
        select = {"type": "static_select", "action_id": "which", "placeholder": plain("Box"), "options": OPTIONS}
        await held.post("Card", blocks=[actions(select)])
        await held.ana.choose("", "Lobby AP-4")

        payload = held.app.payloads[0]
        assert payload["actions"][0]["selected_option"]["value"] == "b"
        assert payload["state"]["values"]["row"]["which"]["selected_option"]["value"] == "b"


async def test_an_overflow_menu_is_found_by_its_row() -> None:
    async with stage() as held:
        acknowledge_by(held, text="ok")

        def row(name: str) -> dict[str, Any]:
            menu = [
                {"text": plain("Look"), "value": f"look-{name}"},
                {"text": plain("Reboot…"), "value": f"boot-{name}"},
            ]
            return section(name, accessory={"type": "overflow", "action_id": "menu", "options": menu})

        await held.post("Boxes", blocks=[row("Lobby AP-3"), row("Bar AP-1")])
        await held.ana.menu("Bar AP-1", "Reboot")

        assert held.app.payloads[0]["actions"][0]["selected_option"]["value"] == "boot-Bar AP-1"


async def test_without_interactivity_in_the_manifest_no_click_is_sent() -> None:
    async with stage(with_manifest(interactivity={"is_enabled": False})) as held:
        await held.post("Card", blocks=[actions(button("Look"))])
        seen = await held.ana.click("Look")

        assert "interactivity is not enabled" in seen.text
        assert held.app.received == []


async def test_a_button_for_one_person_is_not_there_for_another() -> None:
    async with stage() as held:
        await held.post("Card", blocks=[section("Card"), actions(button("Approve", visible_to_user_ids=["U01ANA"]))])

        assert (await held.ana.messages())[0].buttons == ["Approve"]
        with pytest.raises(AssertionError, match="no button"):
            await held.slack.person("lee").click("Approve")


async def test_a_delivery_can_be_repeated_and_signed_wrongly() -> None:
    async with stage() as held:
        acknowledge_by(held, text="ok")
        await held.post("Card", blocks=[actions(button("Look"))])
        await held.ana.click("Look")
        first = (await held.slack.deliveries("block_actions"))[0]
        await held.slack.tell("/_practice/deliver", {"delivery_id": first["id"], "copies": 3})
        await held.slack.tell("/_practice/deliver", {"delivery_id": first["id"], "signature": "stale"})

        signatures = [received.headers["x-slack-signature"] for received in held.app.received]
        assert len(signatures) == 5
        assert signatures[:4] == [signatures[0]] * 4
        assert signatures[4] != signatures[0]
        assert {received.body for received in held.app.received} == {held.app.received[0].body}
        assert 0 < first["ack_ms"] < 3000
