"""Channels, people, the page's socket, the control, the state file, and the process."""

import aiohttp
import pytest

from bot.sandbox.slack.manifest import PRACTICE_MANIFEST
from tests.sandbox.slack_app_under_test import actions, button, plain, section, stage


async def test_each_person_sees_the_channels_they_are_in() -> None:
    async with stage() as held:
        state = await held.slack.ask("/_ui/state", user="U05ZOE")
        guest = await held.slack.ask("/_ui/state", user="gus")

        assert state["team"] == {"id": "T02ORBIT", "name": "Orbit"}
        assert [channel["name"] for channel in state["channels"]] == ["venues-orbit", "CT"]
        assert guest["me"]["role"] == "guest"
        assert "ops" not in [channel["name"] for channel in guest["channels"]]
        roles = {user["name"]: user["role"] for user in guest["users"]}
        assert roles == {
            "ana": "member", "lee": "member", "kim": "member", "gus": "guest", "zoe": "outsider", "CT": "bot",
            "Slackbot": "bot",
        }  # fmt: skip
        assert guest["app"]["commands"][0]["command"] == "/ct"


async def test_nobody_reads_or_writes_where_they_are_not() -> None:
    async with stage() as held:
        read = await held.slack.http.get("/_ui/messages", params={"user": "U05ZOE", "channel": "C01NOC"})
        written = await held.slack.http.post("/_ui/send", json={"user": "U05ZOE", "channel": "C01NOC", "text": "hi"})
        nobody = await held.slack.http.get("/_ui/state", params={"user": "U0CTBOT"})

        assert [answer.status_code for answer in (read, written, nobody)] == [404, 404, 404]


async def test_unread_messages_are_counted_until_they_are_read() -> None:
    async with stage() as held:
        await held.post("one")
        await held.post("two")

        async def unread() -> int:
            state = await held.slack.ask("/_ui/state", user="U01ANA")
            return int(next(channel["unread"] for channel in state["channels"] if channel["id"] == "C01NOC"))

        before = await unread()
        await held.slack.ask("/_ui/messages", user="U01ANA", channel="C01NOC")

        assert (before, await unread()) == (2, 0)


async def test_the_page_hears_of_each_change_that_its_person_can_see() -> None:
    async with stage() as held, aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{held.url}/_ui/ws?user=U01ANA") as socket:
            await held.client.chat_postEphemeral(channel="C01NOC", user="U02LEE", text="not for Ana")
            ts = await held.post("one")
            await held.client.chat_update(channel="C01NOC", ts=ts, text="two")
            await held.client.chat_delete(channel="C01NOC", ts=ts)
            await held.client.views_publish(user_id="U01ANA", view={"type": "home", "blocks": [section("home")]})
            heard = [await socket.receive_json() for _ in range(4)]

        kinds = [(each["type"], each.get("message", {}).get("text")) for each in heard]
        assert kinds == [("message", "one"), ("message_changed", "two"), ("message_deleted", "two"), ("home", None)]


async def test_a_page_that_leaves_is_forgotten_and_one_that_stays_goes_on() -> None:
    async with stage() as held, aiohttp.ClientSession() as http:
        gone = await http.ws_connect(f"{held.url}/_ui/ws?user=ana")
        async with http.ws_connect(f"{held.url}/_ui/ws?user=U01ANA") as socket:
            await socket.send_str("anything a page may say")
            await gone.close()
            await held.post("one")
            heard = await socket.receive_json()
            await held.slack.tell("/_practice/reset", {})
            reset = await socket.receive_json()

        assert (heard["message"]["text"], reset["type"]) == ("one", "reset")


async def test_what_is_not_there_cannot_be_typed_into_or_asked() -> None:
    async with stage() as held:
        await held.post("Card", blocks=[actions(button("Look"))])
        surface = (await held.ana.messages())[0].surface
        body = {"user": "U01ANA", "surface": surface, "block_id": "row", "action_id": "go", "query": "x"}
        options = await held.slack.http.post("/_ui/options", json=body)
        channel = await held.slack.http.post("/_ui/send", json={"user": "ana", "channel": "nowhere", "text": "x"})
        view = await held.slack.http.post("/_ui/action", json=body | {"surface": {"kind": "view", "id": "V0"}})
        nothing = await held.slack.http.post("/_ui/action", json=body | {"surface": None})
        views, home = await held.slack.ask("/_ui/views", user="ana"), await held.slack.ask("/_ui/home", user="ana")

        assert [answer.status_code for answer in (options, channel, view, nothing)] == [404] * 4
        assert (views, home) == ({"stack": []}, {"view": None})


async def test_a_person_who_looks_for_the_wrong_thing_is_told_so() -> None:
    async with stage() as held:
        for look in (held.ana.menu("Lobby", "Reboot"), held.ana.choose("lob", "Lobby"), held.ana.click("Reboot")):
            with pytest.raises(AssertionError, match="nothing at all"):
                await look
        options = [{"text": plain("Lobby AP-3"), "value": "a"}]
        await held.post("Which?", blocks=[actions({"type": "static_select", "action_id": "s", "options": options})])
        with pytest.raises(AssertionError, match="there are \\['Lobby AP-3'\\]"):
            await held.ana.choose("", "Bar")


async def test_a_socket_for_nobody_is_closed() -> None:
    async with stage() as held, aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(f"{held.url}/_ui/ws?user=U99")


async def test_a_long_poll_ends_empty_when_nothing_happens() -> None:
    async with stage() as held:
        told = await held.slack.ask("/_ui/changes", user="U01ANA", wait=0.05)

        assert told["changes"] == []


async def test_should_escape_turns_names_into_ids() -> None:
    features = PRACTICE_MANIFEST["features"] | {
        "slash_commands": [PRACTICE_MANIFEST["features"]["slash_commands"][0] | {"should_escape": True}]
    }
    async with stage(PRACTICE_MANIFEST | {"features": features}) as held:
        held.app.answer = lambda _: "ok"
        await held.ana.type("/ct tell @lee in #noc <b> @nobody")

        assert held.app.payloads[0]["text"] == "tell <@U02LEE|lee> in <#C01NOC|noc> &lt;b&gt; @nobody"
