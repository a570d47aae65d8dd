"""Every error becomes three parts: what happened, was anything done, what next (row X1)."""

import dataclasses
from typing import Any, cast

import pytest
import structlog

from bot import ct
from bot.crypto import SealError
from bot.ct.errors import status_error
from bot.errors import (
    BotError,
    ConfigError,
    LinkExpiredError,
    NotAllowedError,
    NotLinkedError,
    StoreDownError,
    UsageError,
    UserError,
)
from bot.services.directory import AmbiguousError, NoMatchError
from bot.services.reboot import CannotRebootError, UnderWayError
from bot.slack import failures
from bot.slack.context import Context, Services
from bot.slack.reply import Reply
from tests.slack.drawing import ANA, NOW, check, pressable, shown
from tests.slack.foreign import NASTY
from tests.slack.strangers import Strangers

RAW = "<html>canary of a raw body</html>"
STATUSES = [400, 401, 402, 403, 404, 405, 409, 418, 422, 429, 500, 502, 503, 504]


class Asks:
    """Keeps nothing; gives an id."""

    async def keep(self, owner: str, template: str, **_: Any) -> str:
        return "ask"


def context(text: str = "box lobby") -> Context:
    services = cast("Services", type("Some", (), {"asks": Asks()})())
    return Context(who=ANA, channel_id="C01NOC", text=text, services=services, now=NOW)


async def explained(error: Exception, text: str = "box lobby") -> tuple[Reply, list[dict[str, Any]]]:
    with structlog.testing.capture_logs() as logs:
        reply = await failures.explain(error, context(text), "box {}")
    return check(reply), [dict(row) for row in logs]


def ct_errors() -> list[ct.CTError]:
    """Every kind there is, with and without CT's own sentences."""
    found: list[ct.CTError] = [
        ct.CTConnectionError("boxes.get: no answer", maybe_acted=False),
        ct.CTConnectionError("boxes.get: no answer", maybe_acted=True),
        ct.CTUnavailableError("boxes.get: not asked"),
        ct.CTResponseError("CT's answer is not what we know: DecodeError"),
        ct.CTRequestError("not an id that CT can have"),
        ct.CTOAuthError("token", error="invalid_client", description=RAW, status=401),
        ct.CTError("something new"),
    ]
    for messages in ([], ["Not enough rights"]):
        found += [status_error("boxes.get", status=status, messages=messages) for status in STATUSES]
    return found


def _kinds(base: type[Exception]) -> set[type[Exception]]:
    return {base}.union(*(_kinds(kind) for kind in base.__subclasses__()))


def test_no_kind_of_ct_error_is_left_out() -> None:
    kinds = {kind for kind in _kinds(ct.CTError) if kind.__module__.startswith("bot.ct")}

    assert kinds == {type(error) for error in ct_errors()}


@pytest.mark.parametrize(
    "error", ct_errors(), ids=lambda error: f"{type(error).__name__}-{getattr(error, 'status', '')}"
)
async def test_every_ct_error_says_what_happened_what_was_done_and_what_next(error: ct.CTError) -> None:
    reply, _ = await explained(error)

    what, done, then = shown(reply).partition(failures.NOTHING)
    assert what.strip().endswith((".", "rights"))
    assert done
    assert then.strip().endswith((".", ")"))
    assert "canary" not in str(reply)
    assert "boxes.get" not in shown(reply)


@pytest.mark.parametrize("status", [402, 403, 409, 418, 422])
async def test_cts_own_sentence_is_shown(status: int) -> None:
    reply, _ = await explained(status_error("x", status=status, messages=["Not enough rights", "Really"]))

    assert shown(reply).startswith("Not enough rights Really")


async def test_cts_own_sentence_stays_data() -> None:
    for nasty in NASTY:
        await explained(status_error("x", status=422, messages=[nasty] * 5))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "in a minute"), (0.0, "in a minute"), (0.2, "in 1 s"), (30.0, "in 30 s"), (5400.0, "in 1 h 30 min")],
)
async def test_slowing_down_says_for_how_long(seconds: float | None, words: str) -> None:
    reply, _ = await explained(status_error("x", status=429, messages=[], retry_after=seconds))

    assert f"Try again {words}." in shown(reply)


OURS = [
    RuntimeError("canary in our own words"),
    KeyError("canary"),
    SealError("This record does not belong here, or is damaged."),
    BotError("Something of ours."),
    ConfigError(["One line."]),
    ct.CTResponseError("CT's answer is not what we know: DecodeError"),
    ct.CTOAuthError("token", error="invalid_client", description=RAW, status=401),
]


@pytest.mark.parametrize("error", OURS, ids=lambda error: type(error).__name__)
async def test_a_fault_of_ours_has_a_reference_that_stands_in_the_log(error: Exception) -> None:
    reply, logs = await explained(error)

    (row,) = logs
    assert row["log_level"] == "error"
    assert f"(ref {row['ref']})" in shown(reply)
    assert f"(ref {row['ref']})" in reply.text
    assert row["exc_info"] is error
    assert "canary" not in shown(reply)


async def test_each_fault_has_a_reference_of_its_own() -> None:
    first, second = [(await explained(RuntimeError()))[1][0]["ref"] for _ in range(2)]

    assert first != second


async def test_after_a_click_a_fault_does_not_claim_that_nothing_was_done() -> None:
    reply, _ = await explained(RuntimeError(), "")

    assert failures.NOTHING not in shown(reply)
    assert failures.UNSURE in shown(reply)
    assert pressable(reply) == {}


@pytest.mark.parametrize(
    "error",
    [
        UsageError("After “because” I expected a reason."),
        UserError("That cannot be."),
        LinkExpiredError("This link has expired."),
        NotAllowedError("You may not."),
        CannotRebootError("Lobby AP-3 is offline: it cannot hear us. Check its power and its line."),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_the_person_can_mend_is_said_in_its_own_words_and_needs_no_reference(error: UserError) -> None:
    reply, logs = await explained(error)

    assert shown(reply) == f"{error} {failures.NOTHING}"
    assert logs == []


async def test_a_store_that_is_away_sends_nothing() -> None:
    reply, logs = await explained(StoreDownError("The bot's store (Redis) is not answering (TimeoutError)."))

    assert shown(reply) == failures.STORE_DOWN_IN_WORDS
    assert pressable(reply) == {"Try Again": "box lobby"}
    assert logs == []


@pytest.mark.parametrize(
    ("ended", "words"), [(False, "For that I need your CT account."), (True, "CT no longer accepts")]
)
async def test_without_a_link_the_way_in_is_shown(ended: bool, words: str) -> None:
    reply, _ = await explained(NotLinkedError("x", ended=ended))

    assert words in shown(reply)
    assert pressable(reply) == {"Connect CT": "ask"}


async def test_names_that_do_not_decide_become_questions() -> None:
    some = Strangers(1)
    boxes = [a_box(n, some.state()) for n in range(2)]

    ambiguous, _ = await explained(AmbiguousError("box", "lobby", boxes, 2))
    none, _ = await explained(NoMatchError("box", "loby", boxes))

    assert set(pressable(ambiguous).values()) == {"box ap-0", "box ap-1"}
    assert "Did you mean" in shown(none)


def a_box(n: int, state: str) -> ct.Box:
    return ct.Box(id=f"{n}", slug=f"ap-{n}", name=f"Lobby {n}", state=state)


async def test_a_reboot_under_way_is_told_with_who_does_it() -> None:
    reply, _ = await explained(UnderWayError(Strangers(2).reboot()))

    assert "<@U01ANA> rebooted" in shown(reply)


def test_a_context_keeps_the_way_to_answer_out_of_sight() -> None:
    ctx = dataclasses.replace(context(), response_url="https://hooks.slack.com/canary")

    assert "canary" not in repr(ctx)
