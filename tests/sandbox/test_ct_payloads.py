"""Diagnostic commands at the practice CT (ct-api.md 3.2)."""

from typing import Any

import httpx
import pytest

from bot.sandbox.ct.box_commands import COMMANDS
from tests.sandbox.ct_caller import IVY, Caller, practising

LOBBY = "Lobby AP-3"


def _path(caller: Caller, name: str = LOBBY) -> str:
    box = caller.ct.world.named(name)
    return f"/locations/{box.location_slug}/boxes/{box.slug}/payloads"


async def _send(caller: Caller, command: str = "cmd-ps", name: str = LOBBY, **more: Any) -> httpx.Response:
    body = {"payload": {"command_id": command, "save": True, **more}}
    return await caller.send("POST", _path(caller, name), body)


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_is_answered(command: str) -> None:
    async with practising(payload_seconds=10) as caller:
        sent = (await _send(caller, command)).json()
        caller.clock.now += 9
        early = await caller.get(f"{_path(caller)}/{sent['id']}")
        caller.clock.now += 1
        answered = await caller.get(f"{_path(caller)}/{sent['id']}")

        assert early["body"] is None
        assert answered["body"]
        assert "{" not in answered["body"]
        assert answered["command"] == COMMANDS[command].description


async def test_a_silent_box_never_answers() -> None:
    async with practising(payload="silent", payload_seconds=1) as caller:
        sent = (await _send(caller)).json()
        caller.clock.now += 10_000

        assert (await caller.get(f"{_path(caller)}/{sent['id']}"))["body"] is None


@pytest.mark.parametrize(("word", "held"), [("null", {"body": None}), ("empty", {"body": ""}), ("absent", {})])
async def test_what_stands_for_no_answer_is_a_switch(word: str, held: dict[str, Any]) -> None:
    async with practising(payload_body=word, payload_command="unique_id") as caller:
        sent = (await _send(caller)).json()

        assert sent == {"id": sent["id"], "created_at": sent["created_at"], "command": "cmd-ps", **held}


async def test_what_is_not_saved_is_not_found_again() -> None:
    async with practising() as caller:
        sent = await _send(caller, save=False)

        assert sent.status_code == 201
        assert await caller.get(_path(caller)) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"state": "processing"}, 422), ({"allowed_job": False}, 422), ({"state": "splash_only"}, 422), ({}, 201)],
)
async def test_a_box_that_takes_no_job_takes_no_command(fields: dict[str, Any], status: int) -> None:
    async with practising() as caller:
        box = caller.ct.world.named(LOBBY)
        for name, value in fields.items():
            setattr(box, name, value)

        assert (await _send(caller)).status_code == status


async def test_who_may_only_look_sends_no_command() -> None:
    async with practising() as caller:
        body = {"payload": {"command_id": "cmd-ps", "save": True}}

        assert (await caller.send("POST", _path(caller), body, who=IVY)).status_code == 403
        assert len(await caller.get("/commands", who=IVY)) == len(COMMANDS)


@pytest.mark.parametrize(
    ("word", "status", "there"), [("refused", 422, 0), ("forbidden", 403, 0), ("lost_answer", 500, 1)]
)
async def test_a_command_is_bungled_as_the_switch_says(word: str, status: int, there: int) -> None:
    async with practising(creation=word) as caller:
        assert (await _send(caller)).status_code == status
        assert len(await caller.get(_path(caller))) == there
