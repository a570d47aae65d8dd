"""Channels, people, the page's socket, the control, the state file, and the process."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from bot.sandbox.serving import free_socket
from bot.sandbox.slack.__main__ import parser
from bot.sandbox.slack.manifest import PRACTICE_MANIFEST, Manifest
from bot.sandbox.slack.person import Workspace
from bot.sandbox.slack.signing import KINDS, signed_headers
from bot.sandbox.slack.switches import Switches
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


async def test_another_manifest_can_be_installed_while_it_runs() -> None:
    async with stage() as held:
        command = PRACTICE_MANIFEST["features"]["slash_commands"][0] | {"command": "/wifi"}
        features = PRACTICE_MANIFEST["features"] | {"slash_commands": [command]}
        held.practice.install(manifest=PRACTICE_MANIFEST | {"features": features}, socket_mode=True)
        old = await held.ana.type("/ct")
        new = await held.ana.type("/wifi")

        assert "is not a valid command" in old.text
        assert new.text == '/wifi failed with the error "dispatch_failed"'


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


async def test_the_deliveries_and_faults_can_be_cleared_and_filtered() -> None:
    async with stage() as held:
        held.app.answer = lambda _: "ok"
        await held.ana.type("/ct")
        await held.slack.fault("chat.postMessage", status=500, times=100)
        await held.slack.tell("/_practice/faults", {"clear": True})
        await held.post("fine")

        assert [each["kind"] for each in await held.slack.deliveries()] == ["command"]
        assert await held.slack.deliveries("event") == []
        assert [call["method"] for call in await held.slack.calls()] == ["chat.postMessage"]


async def test_a_socket_for_nobody_is_closed() -> None:
    async with stage() as held, aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(f"{held.url}/_ui/ws?user=U99")


async def test_a_long_poll_ends_empty_when_nothing_happens() -> None:
    async with stage() as held:
        told = await held.slack.ask("/_ui/changes", user="U01ANA", wait=0.05)

        assert told["changes"] == []


async def test_people_and_channels_can_be_changed_while_it_runs() -> None:
    async with stage() as held:
        await held.slack.tell("/_practice/people/U04GUS", {"deleted": True}, method="PATCH")
        await held.slack.tell("/_practice/channels/C02GEN", {"bot_is_member": True}, method="PATCH")
        gone = await held.slack.http.get("/_ui/state", params={"user": "U04GUS"})
        refused = await held.slack.http.patch("/_practice/people/U01ANA", json={"password": "x"})
        await held.client.chat_postMessage(channel="C02GEN", text="now it may")

        assert (gone.status_code, refused.status_code) == (404, 400)


async def test_reset_brings_a_fresh_workspace() -> None:
    async with stage() as held:
        await held.post("one")
        await held.slack.turn(ack_seconds=1.0)
        await held.slack.uninstall()
        await held.slack.tell("/_practice/reset", {})

        assert await held.ana.messages() == []
        assert (await held.slack.ask("/_practice/switches"))["ack_seconds"] == 3.0
        assert await held.slack.calls() == []
        assert (await held.client.auth_test())["ok"] is True


async def test_a_switch_that_is_not_there_is_refused() -> None:
    async with stage() as held:
        answer = await held.slack.http.patch("/_practice/switches", json={"volume": 11})
        fault = await held.slack.http.post("/_practice/faults", json={"method": "*", "colour": "red"})

        assert (answer.status_code, fault.status_code) == (400, 400)


async def test_messages_keys_and_consents_outlive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "slack.json"
    async with stage(state_file=file) as held:
        await held.post("lasting", blocks=[section("lasting"), actions(button("Look"))])
        await held.client.chat_postEphemeral(channel="C01NOC", user="U01ANA", text="fleeting")
        kid = (await held.slack.http.get("/openid/connect/keys")).json()["keys"][0]["kid"]
    async with stage(state_file=file) as held:
        seen = await held.ana.messages()
        held.app.answer = lambda _: None
        await held.ana.click("Look", wait=False)
        again = (await held.slack.http.get("/openid/connect/keys")).json()["keys"][0]["kid"]

        assert [each.text for each in seen] == ["lasting\n[Look]"]
        assert held.app.payloads[0]["message"]["text"] == "lasting"
        assert kid == again


async def test_an_unreadable_state_file_means_a_fresh_workspace(tmp_path: Path) -> None:
    file = tmp_path / "slack.json"
    file.write_text('{"messages": [{"unknown": 1}]}')
    async with stage(state_file=file) as held:
        assert await held.ana.messages() == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_wrong_signature_differs_from_the_good_one(kind: str) -> None:
    headers = signed_headers("secret", b"body", kind=kind, clock=lambda: 1_000_000_000.5)
    good = signed_headers("secret", b"body", clock=lambda: 1_000_000_000.9)

    assert (headers == good) == (kind == "good")


def test_a_manifest_file_says_what_the_app_is(tmp_path: Path) -> None:
    file = tmp_path / "manifest.yml"
    file.write_text(
        "display_information: {name: CT}\n"
        "features: {slash_commands: [{command: /ct, description: x, usage_hint: help, should_escape: true}]}\n"
        "oauth_config: {redirect_urls: [https://bot.example/cb],\n"
        "  scopes: {bot: [commands], bot_optional: [files:write]}}\n"
        "settings: {socket_mode_enabled: true}\n"
    )
    manifest = Manifest.load(file)

    assert manifest.name == "CT"
    assert manifest.commands["/ct"].should_escape is True
    assert manifest.scopes == {"commands", "files:write"}
    assert manifest.socket_mode is True
    assert manifest.redirect_uris == ("https://bot.example/cb",)


async def test_should_escape_turns_names_into_ids() -> None:
    features = PRACTICE_MANIFEST["features"] | {
        "slash_commands": [PRACTICE_MANIFEST["features"]["slash_commands"][0] | {"should_escape": True}]
    }
    async with stage(PRACTICE_MANIFEST | {"features": features}) as held:
        held.app.answer = lambda _: "ok"
        await held.ana.type("/ct tell @lee in #noc <b> @nobody")

        assert held.app.payloads[0]["text"] == "tell <@U02LEE|lee> in <#C01NOC|noc> &lt;b&gt; @nobody"


def test_switches_know_only_their_own_names() -> None:
    switches = Switches()
    with pytest.raises(KeyError, match="volume"):
        switches.turn({"ack_seconds": 1.0, "volume": 11})

    assert switches.ack_seconds == 3.0


async def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    sock = free_socket()
    port = sock.getsockname()[1]
    sock.close()
    arguments = ["--port", str(port), "--request-url", "http://127.0.0.1:1/", "--state", str(tmp_path / "s.json")]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot.sandbox.slack", *arguments)
    try:
        url = f"http://127.0.0.1:{port}"
        await _answers(url)
        async with Workspace(url) as slack:
            seen = await slack.person("ana").type("/ct")
            index = await slack.http.get("/")
    finally:
        process.terminate()
        await process.wait()

    assert seen.text == '/ct failed with the error "dispatch_failed"'
    assert index.status_code == 200
    assert (tmp_path / "s.json").exists()


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(200):
            try:
                await http.get(f"{url}/_practice/switches")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
    raise AssertionError("it did not start")


def test_the_command_line_knows_its_options() -> None:
    given: Any = parser().parse_args(["--socket", "--redirect-uri", "http://a/", "--redirect-uri", "http://b/"])

    assert given.socket is True
    assert given.redirect_uri == ["http://a/", "http://b/"]
