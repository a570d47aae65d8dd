"""Diagnostic commands, and what boxes answered to them."""

import json

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import (
    BoxCommand,
    CTConnectionError,
    CTForbiddenError,
    CTInvalidError,
    CTResponseError,
    CTServerError,
    CTStatusError,
    CTUser,
    Payload,
)
from bot.sandbox.ct import PracticeCT
from tests.ct.stub import Stub

PATH = "/api/v1/locations/cafe/boxes/b1/payloads"


async def test_commands_are_a_bare_array_of_ids_and_descriptions(ana: CTUser, stub: Stub) -> None:
    stub.tells([{"unique_id": "c1", "payload_description": "ifconfig"}, {"unique_id": 2}, {"id": 3}])

    assert await ana.payloads.commands() == [
        BoxCommand(id="c1", name="ifconfig"),
        BoxCommand(id="2", name="2"),
        BoxCommand(id="3", name="3"),
    ]
    assert stub.asked == ["GET /api/v1/commands"]


async def test_a_command_is_sent_once_with_one_post(ana: CTUser, stub: Stub) -> None:
    stub.tells({"id": 7, "command": "ifconfig", "created_at": 1_795_400_000, "body": None}, 201)

    made = await ana.payloads.run("cafe", "b1", "c1")

    assert made == Payload(id="7", command="ifconfig", created_at=1_795_400_000)
    assert stub.asked == [f"POST {PATH}"]
    assert json.loads(stub.seen[0].body) == {"payload": {"box_ids": ["b1"], "command_id": "c1", "save": True}}


@pytest.mark.parametrize("body", [None, "", ...])
async def test_a_box_that_has_not_answered_has_no_body(ana: CTUser, stub: Stub, body: object) -> None:
    stub.tells({"id": 7, "command": "x"} if body is ... else {"id": 7, "command": "x", "body": body})

    assert (await ana.payloads.get("cafe", "b1", "7")).body is None


async def test_an_answer_is_read_with_its_lines(ana: CTUser, stub: Stub) -> None:
    stub.tells([{"id": 7, "command": "c1", "created_at": None, "body": "eth0\n  up\n"}])

    assert await ana.payloads.list("cafe", "b1") == [Payload(id="7", command="c1", body="eth0\n  up\n")]
    assert stub.asked == [f"GET {PATH}"]


def test_a_payload_prints_nothing_of_what_the_box_said() -> None:
    assert "canary" not in f"{Payload(id='1', body='canary')!r}"


@pytest.mark.parametrize("told", [{}, {"body": "x"}, [], "x", {"id": 1, "body": {"a": 1}}], ids=str)
async def test_payloads_of_another_shape_are_refused(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)
    with pytest.raises(CTResponseError) as raised:
        await ana.payloads.run("cafe", "b1", "c1")

    assert raised.value.maybe_acted


@pytest.mark.parametrize(
    ("answer", "error"),
    [(JSONResponse({"errors": ["busy"]}, 422), CTInvalidError), (Response(status_code=403), CTForbiddenError)],
)
async def test_a_refusal_means_that_nothing_was_sent(
    ana: CTUser, stub: Stub, answer: Response, error: type[CTStatusError]
) -> None:
    stub.says(answer)
    with pytest.raises(error) as raised:
        await ana.payloads.run("cafe", "b1", "c1")

    assert not raised.value.maybe_acted


@pytest.mark.parametrize("creation", ["dropped", "lost_answer"])
async def test_a_lost_answer_may_have_acted_and_is_not_repeated(
    practice_ct: tuple[PracticeCT, str], visitor: CTUser, creation: str
) -> None:
    ct, _ = practice_ct
    box = ct.world.named("Lobby AP-3")
    ct.switches.set({"creation": creation})
    with pytest.raises(CTConnectionError if creation == "dropped" else CTServerError) as raised:
        await visitor.payloads.run(box.location_slug, box.slug, "cmd-route")

    assert raised.value.maybe_acted
    assert len(await visitor.payloads.list(box.location_slug, box.slug)) == 1
