"""Row S6: payloads of new, unknown and broken shapes are ignored and counted; nothing crashes, nothing is a 5xx."""

import asyncio
import copy
import json
import logging
import random
import re
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import structlog

from tests.slack.forged import click, command, deliver_to, signed
from tests.stage import Stage

SEED = 20_261_123
JUNK: list[Any] = [
    None,
    0,
    -1,
    1.5,
    True,
    "",
    "x",
    "\x00",
    "<!channel>",
    [],
    {},
    [[]],
    [None],
    {"id": 7},
    {"id": None},
    "9" * 5000,
]


def suggestion() -> dict[str, Any]:
    asked = click("ana", "unused", "unused")
    del asked["actions"]
    return {**asked, "type": "block_suggestion", "action_id": "ct.box.pick", "block_id": "ct.ask:x", "value": "lob"}


def view(kind: str) -> dict[str, Any]:
    sent = click("ana", "unused", "unused")
    for name in ("actions", "container", "channel"):
        del sent[name]
    state = {"values": {"name": {"name": {"type": "plain_text_input", "value": "x"}}}}
    shown = {
        "id": "V1",
        "type": "modal",
        "callback_id": "ct.form:typed-name",
        "private_metadata": "{}",
        "state": state,
        "hash": "1.a",
    }
    return {**sent, "type": kind, "view": shown, "response_urls": []}


def shortcut(kind: str) -> dict[str, Any]:
    sent = click("ana", "unused", "unused")
    for name in ("actions", "container"):
        del sent[name]
    return {**sent, "type": kind, "callback_id": "x", "action_ts": "1.1", "message": {"ts": "1.1", "text": "x"}}


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": "T01ACME",
        "api_app_id": "A01",
        "event_id": secrets.token_hex(8),
        "event_time": 1,
        "authorizations": [{"team_id": "T01ACME", "user_id": "U0CTBOT", "is_bot": True, "enterprise_id": None}],
        "event": {"type": kind, "user": "U01ANA", "channel": "D01", "tab": "home", "event_ts": "1.1", **more},
    }


def payloads() -> list[dict[str, Any]]:
    """One of each kind that Slack sends, ours and others."""
    return [
        command("ana", "status"),
        command("ana", "payload"),
        click("ana", "ct.command.run:0", "status"),
        click("ana", "ct.reboot.confirm", "op"),
        click(
            "ana",
            "ct.box.pick",
            "",
            actions=[
                {
                    "type": "external_select",
                    "action_id": "ct.box.pick",
                    "block_id": "ct.ask:x",
                    "selected_option": {"value": "x"},
                }
            ],
        ),
        click("ana", "brand.new.action", "x"),
        suggestion(),
        view("view_submission"),
        view("view_closed"),
        shortcut("shortcut"),
        shortcut("message_action"),
        {**view("view_submission"), "type": "brand_new_interaction"},
        event("app_home_opened"),
        event("app_uninstalled"),
        event("tokens_revoked", tokens={"oauth": ["U01ANA"], "bot": ["U0CTBOT"]}),
        event("message", text="hello", subtype="brand_new"),
        event("brand_new_event"),
        {"type": "url_verification", "challenge": "abc", "token": "x"},
        {"type": "app_rate_limited", "team_id": "T01ACME", "minute_rate_limited": 1, "api_app_id": "A01"},
    ]


def paths(node: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a payload."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, held in members:
        yield (*here, name)
        yield from paths(held, (*here, name))


def without(payload: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    holder: Any = changed
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    return changed


def with_junk(payload: dict[str, Any], path: tuple[Any, ...], junk: Any) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    holder: Any = changed
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = junk
    return changed


def mutated(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Each place left out once and filled with some junk; then several places at once."""
    for payload in payloads():
        for path in list(paths(payload)):
            yield without(payload, path)
            for junk in dice.sample(JUNK, 1):
                yield with_junk(payload, path, junk)
        for _ in range(10):
            changed = payload
            for _ in range(dice.randrange(2, 5)):
                changed = with_junk(changed, dice.choice(list(paths(changed)) or [("type",)]), dice.choice(JUNK))
            yield changed


def body_of(payload: dict[str, Any]) -> tuple[str, str]:
    """As Slack sends it: commands and interactions as forms, events as JSON."""
    if "command" in payload:
        return urlencode(
            {name: "" if value is None else value for name, value in payload.items()}
        ), "application/x-www-form-urlencoded"
    if "event" in payload or payload.get("type") in ("url_verification", "app_rate_limited"):
        return json.dumps(payload), "application/json"
    return urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"


def new(payload: dict[str, Any]) -> dict[str, Any]:
    """The same as a delivery of its own: else only the first one would get past the de-duplication."""
    return {
        name: secrets.token_hex(8)
        if name in {"trigger_id", "event_id"} and isinstance(held, str) and re.fullmatch(r"[0-9a-f]{16}", held)
        else held
        for name, held in payload.items()
    }


async def send(stage: Stage, body: str, kind: str) -> httpx.Response:
    headers = {**signed(body), "Content-Type": kind}
    return await stage.control.post(f"{stage.bots[0]}/slack/events", content=body.encode(), headers=headers)


@pytest.mark.parametrize("part", range(2))
async def test_hundreds_of_broken_payloads_break_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture, part: int
) -> None:
    changed = list(mutated(random.Random(SEED)))
    with structlog.testing.capture_logs() as logs:
        statuses = [(await send(stage, *body_of(new(payload)))).status_code for payload in changed[part::2]]
        await asyncio.sleep(0.5)  # for what is done behind the acks

    assert len(changed) > 800
    assert [status for status in statuses if status >= 500] == []
    assert [row for row in logs if row["log_level"] in {"error", "critical"}] == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    metrics = (await stage.control.get(f"{stage.bots[0]}/metrics")).text
    assert 'outcome="odd"' in metrics


BODIES = [
    ("", "application/x-www-form-urlencoded"),
    ("", "application/json"),
    ("{", "application/json"),
    ("[]", "application/json"),
    ("null", "application/json"),
    ('"text"', "application/json"),
    ("7", "application/json"),
    ("[" * 50_000, "application/json"),
    ('{"type":"event_callback"}', "application/json"),
    ('{"type":"event_callback","event":[]}', "application/json"),
    ('{"type":"event_callback","event":{"type":"x"},"authorizations":7}', "application/json"),
    ("payload=", "application/x-www-form-urlencoded"),
    ("payload=%7B", "application/x-www-form-urlencoded"),
    ("payload=[]", "application/x-www-form-urlencoded"),
    ("payload=null", "application/x-www-form-urlencoded"),
    ("payload=7", "application/x-www-form-urlencoded"),
    ("payload=%00%ff", "application/x-www-form-urlencoded"),
    ("ssl_check=1", "application/x-www-form-urlencoded"),
    ("command=/ct", "application/x-www-form-urlencoded"),
    ("&&&===", "application/x-www-form-urlencoded"),
    ("plain", "text/plain"),
    ("<xml/>", "application/xml"),
]


async def test_bodies_that_are_no_payload_are_answered_without_a_server_error(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    statuses = {body[:60]: (await send(stage, body, kind)).status_code for body, kind in BODIES}

    assert {body: status for body, status in statuses.items() if status >= 500} == {}
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_command_that_holds_the_word_payload_is_a_command(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct locations payload")

    assert "No location matches “payload”." in seen.text


async def test_half_a_character_is_no_fault_of_ours(stage: Stage) -> None:
    ana = await stage.link()

    await deliver_to(stage, click("ana", "ct.command.run:0", "location x\ud800y"))

    await ana.sees("No location matches x?y.")
    answer = await deliver_to(stage, click("ana", "ct.change.confirm", "\ud800", more={"\udfff": ["\ud800"]}))
    assert answer.status_code == 200
    await ana.sees("expired")


async def test_after_all_that_the_bot_still_works(stage: Stage) -> None:
    for payload in payloads():
        if payload.get("event", {}).get("type") not in {"app_uninstalled", "tokens_revoked"}:
            await send(stage, *body_of(with_junk(payload, ("type",), "brand_new")))
    ana = await stage.link()

    assert "412 boxes" in (await ana.type("/ct status")).text


async def test_an_unknown_button_of_ours_is_ignored(stage: Stage) -> None:
    answer = await deliver_to(stage, click("ana", "ct.of.yesterday", "x"))

    assert answer.status_code == 200
