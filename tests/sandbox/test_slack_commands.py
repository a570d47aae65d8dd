"""Slash commands against the practice Slack, over real HTTP."""

import asyncio
import hashlib
import hmac
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from bot.sandbox.slack.credentials import SIGNING_SECRET
from tests.sandbox.slack_app_under_test import actions, button, section, stage


async def test_a_command_arrives_with_every_field_and_a_good_signature() -> None:
    async with stage() as held:
        held.app.answer = lambda _: "Hello"
        seen = await held.ana.type("/ct status now")

        got = held.app.received[0]
        payload = got.payload
        assert (payload["command"], payload["text"]) == ("/ct", "status now")
        assert (payload["team_id"], payload["team_domain"]) == ("T01ACME", "acme")
        assert (payload["user_id"], payload["user_name"]) == ("U01ANA", "ana")
        assert (payload["channel_id"], payload["channel_name"]) == ("C01NOC", "noc")
        assert payload["is_enterprise_install"] == "false"
        assert "enterprise_id" not in payload
        assert payload.keys() >= {"token", "api_app_id", "response_url", "trigger_id"}
        base = b"v0:" + got.headers["x-slack-request-timestamp"].encode() + b":" + got.body
        digest = hmac.new(SIGNING_SECRET.encode(), base, hashlib.sha256).hexdigest()
        assert got.headers["x-slack-signature"] == f"v0={digest}"
        assert got.headers["content-type"] == "application/x-www-form-urlencoded"
        assert (seen.text, seen.ephemeral, seen.author) == ("Hello", True, "CT")


async def test_an_answer_without_response_type_is_only_for_the_person_who_asked() -> None:
    async with stage() as held:
        held.app.answer = lambda _: {"text": "secret"}
        await held.ana.type("/ct status")

        assert [seen.text for seen in await held.ana.messages()] == ["secret"]
        assert await held.slack.person("lee").messages() == []


async def test_an_answer_in_channel_also_shows_what_was_typed() -> None:
    async with stage() as held:
        held.app.answer = lambda _: {"response_type": "in_channel", "text": "for all"}
        await held.ana.type("/ct status")

        seen = await held.slack.person("lee").messages()
        assert [(each.author, each.text) for each in seen] == [("ana", "/ct status"), ("CT", "for all")]


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, "dispatch_unknown_error"), (404, "dispatch_unknown_error"), (302, "dispatch_unknown_error")],
)
async def test_a_bad_status_shows_slacks_error_and_is_not_tried_again(status: int, error: str) -> None:
    async with stage() as held:
        held.app.answer = lambda _: PlainTextResponse("no", status)
        seen = await held.ana.type("/ct status")
        await asyncio.sleep(0.1)

        assert seen.text == f'/ct failed with the error "{error}"'
        assert (seen.author, seen.ephemeral) == ("Slackbot", True)
        assert len(held.app.received) == 1


async def test_an_app_that_takes_too_long_times_out_for_the_person() -> None:
    async with stage() as held:
        await held.slack.turn(ack_seconds=0.1)

        async def late(_: dict[str, Any]) -> str:
            await asyncio.sleep(0.3)
            return "too late"

        held.app.answer = late
        seen = await held.ana.type("/ct status")

        assert seen.text == '/ct failed with the error "operation_timeout"'
        delivery = (await held.slack.deliveries("command"))[0]
        assert delivery["error"] == "operation_timeout"
        assert 90 <= delivery["ack_ms"] < 300


async def test_an_app_that_is_not_there_is_dispatch_failed() -> None:
    async with stage() as held:
        held.practice.install(request_url="http://127.0.0.1:1/slack/events")
        seen = await held.ana.type("/ct status")

        assert seen.text == '/ct failed with the error "dispatch_failed"'


async def test_a_command_that_the_manifest_lacks_never_leaves_slack() -> None:
    async with stage() as held:
        seen = await held.ana.type("/deploy now")

        assert seen.text.startswith("/deploy is not a valid command.")
        assert held.app.received == []


async def test_a_response_url_works_five_times_and_then_is_404() -> None:
    async with stage() as held:
        held.app.answer = lambda _: "first"
        await held.ana.type("/ct status")
        async with httpx.AsyncClient(trust_env=False) as http:
            url = held.app.payloads[0]["response_url"]
            answers = [await http.post(url, json={"text": f"number {count}"}) for count in range(6)]

        assert [answer.status_code for answer in answers] == [200] * 5 + [404]
        assert answers[-1].json()["error"] == "used_url"
        assert len(await held.ana.messages()) == 6


async def test_a_response_url_expires() -> None:
    async with stage() as held:
        await held.slack.turn(response_url_seconds=0.0)
        held.app.answer = lambda _: "first"
        await held.ana.type("/ct status")
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(held.app.payloads[0]["response_url"], json={"text": "late"})

        assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")


async def test_buttons_of_an_answer_can_be_clicked_and_their_message_replaced() -> None:
    async with stage() as held:
        blocks = [
            section("Which?"),
            actions(button("Reboot Lobby AP-3", value="id-1"), button("Keep It Running", "no")),
        ]
        held.app.answer = lambda payload: {"text": "Which?", "blocks": blocks} if "command" in payload else None
        await held.ana.type("/ct reboot")

        async def replace() -> None:
            await held.app.waits_for(2)
            async with httpx.AsyncClient(trust_env=False) as http:
                url = held.app.payloads[1]["response_url"]
                await http.post(url, json={"replace_original": True, "text": "Sent."})

        seen, _ = await asyncio.gather(held.ana.click("Reboot Lobby"), replace())

        assert (seen.text, seen.edited, seen.ephemeral, seen.buttons) == ("Sent.", True, True, [])
        assert len(await held.ana.messages()) == 1
        assert held.app.payloads[1]["actions"][0]["value"] == "id-1"
        assert "message" not in held.app.payloads[1]
        assert held.app.payloads[1]["container"]["is_ephemeral"] is True


async def test_names_and_channels_are_escaped_only_when_the_manifest_says_so() -> None:
    async with stage() as held:
        held.app.answer = lambda _: "ok"
        await held.ana.type("/ct tell @lee in #noc")

        assert held.app.payloads[0]["text"] == "tell @lee in #noc"


async def test_a_grid_workspace_names_its_enterprise() -> None:
    async with stage() as held:
        await held.slack.turn(enterprise_id="E01GRID")
        held.app.answer = lambda _: "ok"
        await held.ana.type("/ct status")

        assert held.app.payloads[0]["enterprise_id"] == "E01GRID"


async def test_an_outsider_types_with_their_own_team_id() -> None:
    async with stage() as held:
        held.app.answer = lambda _: "no"
        await held.slack.person("zoe", "venues-orbit").type("/ct status")

        assert (held.app.payloads[0]["team_id"], held.app.payloads[0]["user_id"]) == ("T02ORBIT", "U05ZOE")


async def test_whoever_waits_in_vain_is_told_what_there_was() -> None:
    async with stage() as here:
        here.app.answer = lambda _: "Boxes: 412"
        await here.ana.type("/ct status")
        with pytest.raises(AssertionError) as caught:
            await here.ana.sees("is back", timeout=0.1)

        assert "Boxes: 412" in str(caught.value)


async def test_a_response_url_refuses_wrong_blocks_and_can_fail_on_demand() -> None:
    async with stage() as held:
        held.app.answer = lambda _: "first"
        await held.ana.type("/ct")
        url = held.app.payloads[0]["response_url"]
        async with httpx.AsyncClient(trust_env=False) as http:
            wrong = await http.post(url, json={"text": "x", "blocks": [{"type": "nothing"}]})
            await held.slack.fault("response_url", status=503)
            failed = await http.post(url, json={"text": "lost"})
            await held.slack.fault("response_url", status=503, acts=True)
            half = await http.post(url, json={"text": "answered badly"})
            await held.slack.fault("response_url", delay=0.01)
            slow = await http.post(url, content="plain words", headers={"Content-Type": "text/plain"})
            unknown = await http.post(f"{held.url}/commands/A0/0/x", json={"text": "x"})

        assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_blocks")
        assert [answer.status_code for answer in (failed, half, slow, unknown)] == [503, 503, 200, 404]
        assert [seen.text for seen in await held.ana.messages()] == ["first", "answered badly", "plain words"]


async def test_an_ack_with_wrong_blocks_is_an_error_for_the_person() -> None:
    async with stage() as held:
        held.app.answer = lambda _: {"text": "x", "blocks": [{"type": "nothing"}]}
        seen = await held.ana.type("/ct")

        assert seen.text == '/ct failed with the error "invalid_blocks"'
        assert (await held.slack.refusals("refused"))[0]["where"] == "command ack"


async def test_an_outsiders_command_can_be_kept_from_the_app() -> None:
    async with stage() as held:
        await held.slack.turn(outsider_commands=False)
        seen = await held.slack.person("zoe", "venues-orbit").type("/ct")

        assert "is not a valid command" in seen.text
        assert held.app.received == []


async def test_a_forged_command_can_be_sent_with_any_signature() -> None:
    async with stage() as held:
        payload = {"command": "/ct", "text": "x", "user_id": "U666", "team_id": "T01ACME"}
        body = {"kind": "command", "payload": payload, "signature": "wrong_secret", "copies": 2}
        told = await held.slack.tell("/_practice/deliver", body)
        missing = await held.slack.http.post("/_practice/deliver", json={"delivery_id": "DEL999"})

        assert [ack["status"] for ack in told["acks"]] == [200, 200]
        assert held.app.payloads == [payload, payload]
        assert missing.status_code == 404


async def test_the_copies_switch_sends_everything_more_than_once() -> None:
    async with stage() as held:
        await held.slack.turn(copies=3)
        held.app.answer = lambda _: "once for the person"
        await held.ana.type("/ct")

        assert len(held.app.received) == 3
        assert len({received.headers["x-slack-signature"] for received in held.app.received}) == 1
        assert len(await held.ana.messages()) == 1


async def test_a_person_can_wait_for_words_and_can_make_sure_of_silence() -> None:
    async with stage() as held:
        held.app.answer = lambda _: "Looking…"

        async def answer_late() -> None:
            await held.app.waits_for(1)
            async with httpx.AsyncClient(trust_env=False) as http:
                await http.post(held.app.payloads[0]["response_url"], json={"text": "412 boxes"})

        seen, _ = await asyncio.gather(held.ana.type("/ct status", until="boxes"), answer_late())
        await held.ana.never_sees("is back", during=0.0)
        with pytest.raises(AssertionError, match="sees '412 boxes'"):
            await held.ana.never_sees("412 boxes", during=0.0)
        with pytest.raises(AssertionError, match=r"waited 0\.05 s for an answer to '/ct', saying 'boxes'"):
            await held.ana.type("/ct", until="boxes", timeout=0.05)

        assert seen.text == "412 boxes"
