"""The control, the switches, the state file, the manifest, and the process."""

import asyncio
import sys
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.serving import free_socket
from bot.sandbox.slack.__main__ import parser
from bot.sandbox.slack.manifest import PRACTICE_MANIFEST, Manifest
from bot.sandbox.slack.person import Workspace
from bot.sandbox.slack.signing import KINDS, signed_headers
from bot.sandbox.slack.switches import Switches
from tests.sandbox.slack_app_under_test import actions, button, section, stage


async def test_another_manifest_can_be_installed_while_it_runs() -> None:
    async with stage() as held:
        command = PRACTICE_MANIFEST["features"]["slash_commands"][0] | {"command": "/wifi"}
        features = PRACTICE_MANIFEST["features"] | {"slash_commands": [command]}
        held.practice.install(manifest=PRACTICE_MANIFEST | {"features": features}, socket_mode=True)
        old = await held.ana.type("/ct")
        new = await held.ana.type("/wifi")

        assert "is not a valid command" in old.text
        assert new.text == '/wifi failed with the error "dispatch_failed"'


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


async def test_slacks_clock_can_be_wrong_in_its_answers_and_its_signatures() -> None:
    async with stage() as held:
        await held.slack.turn(clock_skew=3600.0)
        answer = await held.slack.http.get("/api/api.test")
        await held.slack.tell("/_ui/send", {"user": "ana", "channel": "noc", "text": "/ct status"})
        await held.app.waits_for(1)
        [received] = held.app.received
        times = [
            parsedate_to_datetime(answer.headers["date"]).timestamp(),
            float(received.headers["x-slack-request-timestamp"]),
        ]

        assert [round((moment - time.time()) / 60) for moment in times] == [60, 60]


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
