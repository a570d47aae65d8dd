"""Slack's own validator over what the bot says."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.doctor.validation import validated
from bot.sandbox.rehearsal import Spoken
from bot.sandbox.slack.app import PracticeSlack

Practice = tuple[PracticeSlack, str]
SECTION: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
MODAL: dict[str, Any] = {"type": "modal", "title": {"type": "plain_text", "text": "Hello"}, "blocks": [SECTION]}
GOOD = [
    Spoken("/ct status", "blocks", [SECTION]),
    Spoken("/ct location new", "view", MODAL),
    Spoken("the Home tab", "view", {"type": "home", "blocks": [SECTION]}),
]
LONG = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}


async def test_payloads_without_a_fault_are_counted(practice_slack: Practice) -> None:
    [found] = await validated(GOOD, f"{practice_slack[1]}/api/")

    assert (found.verdict, found.seen) == ("fine", "Slack finds no fault in 3 of 3")


@pytest.mark.parametrize(
    ("spoken", "error", "pointer"),
    [
        (Spoken("/ct box", "blocks", [SECTION, LONG]), "invalid_blocks", "/1/text/text"),
        (Spoken("/ct box add", "view", {**MODAL, "blocks": [LONG]}), "invalid_view", "/blocks/0/text/text"),
        (Spoken("/ct box add", "view", {"type": "modal", "blocks": [SECTION]}), "invalid_view", ""),
    ],
)
async def test_each_fault_is_named_with_what_a_person_did_before(
    practice_slack: Practice, spoken: Spoken, error: str, pointer: str
) -> None:
    wrong, fine = await validated([*GOOD, spoken], f"{practice_slack[1]}/api")

    assert (wrong.name, wrong.verdict) == (spoken.after, "wrong")
    assert wrong.seen.startswith(f"{error}: ")
    assert f" at {pointer}" in wrong.seen
    assert fine.seen == "Slack finds no fault in 3 of 4"


async def test_a_slack_that_asks_to_slow_down_is_waited_for(practice_slack: Practice) -> None:
    practice_slack[0].world.faults.add({"method": "blocks.validate", "status": 429, "retry_after": 0, "times": 2})

    [found] = await validated(GOOD[:1], f"{practice_slack[1]}/api")

    assert found.verdict == "fine"


async def test_one_that_never_answers_ends_it(answering: Callable[..., Awaitable[str]]) -> None:
    [away] = await validated(GOOD, "http://127.0.0.1:1")
    odd = await validated(GOOD[:1], await answering(503, "down"))

    assert (away.verdict, away.seen) == ("wrong", "no answer: the connection was refused")
    assert "public internet" in away.todo
    assert [found.verdict for found in odd] == ["unknown", "fine"]
