"""Rebooting: rows R1 to R7 of `guarantees.md`, and every ending of `conversation.md`."""

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

import pytest

from bot.sandbox.slack.person import Person
from bot.services.reboot import MOST_IN_TWO_HOURS
from bot.slack.views.reboot import CONFIRM
from bot.stores.box_locks import BoxLocks
from bot.stores.operations import OperationStore
from tests.slack.forged import click, deliver_to
from tests.stage import ACCOUNTS, IDS, LOBBY, Stage

ASK = "/ct reboot lobby ap-3 because guests cannot log in"
YES = "Reboot Lobby AP-3"


async def test_the_card_shows_the_blast_radius_and_whose_account_acts(stage: Stage) -> None:
    ana = await stage.link()

    card = await ana.type(ASK)

    assert card.text.startswith(
        "Reboot Lobby AP-3 at Café Nord?\n14 people on it now will lose Wi-Fi for about a minute."
    )
    assert "Up 41 days; last rebooted 41 days ago by kim." in card.text
    assert "Reason: guests cannot log in" in card.text
    assert "You act as ana@venues.example. Expires at" in card.text
    assert card.buttons == [YES, "Keep It Running"]
    assert card.ephemeral
    assert await stage.reboots() == {}


async def test_a_reboot_is_proved_to_the_channel(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ana.type(ASK)

    await ana.click(YES)

    running = await lee.sees("@ana is rebooting Lobby AP-3 (Café Nord) — guests cannot log in")
    back = await lee.sees("Lobby AP-3 is back. Down", timeout=15)
    assert "✓ Accepted by CT" in running.text
    assert "of 14 people online again. Rebooted by @ana — guests cannot log in" in back.text
    assert "✓ Restart proved" in back.text
    assert back.id == running.id
    assert back.edited
    assert await stage.reboots() == {LOBBY: 1}


async def test_the_private_card_is_replaced_by_what_happened(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)

    await ana.click(YES)

    assert (await ana.sees("Sent. Its card is in this channel")).ephemeral
    await ana.never_sees("Keep It Running", during=0)


async def test_keeping_it_running_sends_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)

    seen = await ana.click("Keep It Running")

    assert seen.text == "Lobby AP-3 keeps running. Nothing was sent."
    assert await stage.reboots() == {}


async def test_a_command_asked_before_linking_runs_after_it(stage: Stage) -> None:
    ana = stage.person("ana")
    asked = await ana.type(ASK)
    await stage.walk(await ana.click("Connect CT"), "ana")

    card = await ana.sees("Here is what you asked for:")

    assert "For that I need your CT account." in asked.text
    assert "Linked as ana@venues.example (A253444), 37 locations." in card.text
    assert YES in card.buttons
    assert "Reason: guests cannot log in" in card.text


async def test_where_the_bot_is_not_the_card_comes_as_a_direct_message(stage: Stage) -> None:
    ana = (await stage.link()).go("ops")
    await ana.type(ASK)

    await ana.click(YES)

    note = await ana.sees("I am not in this channel")
    back = await ana.sees("is back", timeout=15, channel="app")
    assert note.ephemeral
    assert "Rebooted by @ana" in back.text


async def test_in_a_public_channel_that_the_bot_is_not_in_the_card_is_public_all_the_same(stage: Stage) -> None:
    ana = (await stage.link()).go("general")
    await ana.type(ASK)

    await ana.click(YES)

    assert not (await stage.person("lee", "general").sees("is rebooting Lobby AP-3")).ephemeral


# --- the rows ----------------------------------------------------------------------------------


async def test_r1_forty_clicks_over_two_replicas_are_one_call(pair: Stage) -> None:
    ana = await pair.link()
    await ana.type(ASK)
    op_id = await question_id(pair)

    await asyncio.gather(*(forged_click(pair, "ana", op_id, replica=nth) for nth in range(40)))
    await ana.sees("is back", timeout=20)

    assert await pair.reboots() == {LOBBY: 1}


async def test_r2_an_expired_question_sends_nothing_and_can_be_asked_again(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    (key,) = await stage.redis.keys("ct:op:*")
    await stage.redis.hset(key, "expires", "1")

    seen = await ana.click(YES)
    again = await ana.click("Ask Again")
    await ana.never_sees("cut off", during=4.5)  # follow-up, too, knows that it was only a late click

    assert seen.text.startswith("That question expired. Nothing was sent.")
    assert "Reason: guests cannot log in" in again.text
    assert await stage.reboots() == {}


async def test_r2_a_question_asked_with_another_ct_account_sends_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    op_id = await question_id(stage)
    await stage.link("ana", account=ACCOUNTS["kim"])

    await forged_click(stage, "ana", op_id)

    assert "linked to another CT account" in (await ana.sees("I did not reboot Lobby AP-3")).text
    assert await stage.reboots() == {}


async def test_r2_an_unlinked_person_sends_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    op_id = await question_id(stage)
    await ana.type("/ct unlink")

    await forged_click(stage, "ana", op_id)

    await ana.sees("I did not reboot Lobby AP-3")
    assert await stage.reboots() == {}


async def test_r2_a_box_that_is_gone_since_sends_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    (await stage.control.delete(f"/_practice/boxes/{LOBBY}")).raise_for_status()

    seen = await ana.click(YES)

    assert "CT no longer shows you this box." in seen.text
    assert "The box was not touched." in seen.text
    assert await stage.reboots() == {}


async def test_r2_a_box_that_went_offline_since_sends_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    await stage.box(LOBBY, state="offline")

    seen = await ana.click(YES)

    assert "it cannot hear us" in seen.text
    assert await stage.reboots() == {}


async def test_r3_somebody_elses_click_sends_nothing_and_leaves_the_question_open(stage: Stage) -> None:
    """Slack shows an ephemeral message to one person only, so the foreign click is forged with good credentials."""
    ana = await stage.link()
    await stage.link("lee")
    await ana.type(ASK)
    op_id = await question_id(stage)

    for _ in range(20):
        await forged_click(stage, "lee", op_id)
    lee = await stage.person("lee").sees("This is @ana's question.")
    still_open = await stage.reboots()
    await ana.click(YES)
    await ana.sees("is rebooting")

    assert f"Ask your own with /ct reboot {LOBBY}" in lee.text
    assert still_open == {}
    assert await stage.reboots() == {LOBBY: 1}


async def question_id(stage: Stage) -> str:
    (key,) = await stage.keys("ct:op:*")
    return key.partition("{")[2].rstrip("}")


async def forged_click(stage: Stage, name: str, value: str, *, replica: int = 0) -> None:
    """A press of the confirming button with a value of the attacker's choice."""
    answer = await deliver_to(stage, click(name, CONFIRM, value), replica=replica)

    assert answer.status_code == 200


@pytest.mark.parametrize("value", ["", "x", "0" * 22, "../../ct:op:1", "{}", "'; DROP", "\u202e", "A" * 2000])
async def test_r4_a_tampered_value_sends_nothing(stage: Stage, value: str) -> None:
    ana = await stage.link()
    await ana.type(ASK)

    await forged_click(stage, "ana", value)

    await ana.sees("That question expired. Nothing was sent.")
    assert await stage.reboots() == {}


@pytest.mark.parametrize("outcome", ["lost_answer", "dropped"])
async def test_r5_a_lost_answer_is_watched_and_never_sent_again(stage: Stage, outcome: str) -> None:
    ana = await stage.link()
    await stage.turn(reboot=outcome)
    await ana.type(ASK)

    await ana.click(YES)

    await ana.sees("It may or may not have reached the box. I will not send it again; I am watching.")
    back = await ana.sees("Lobby AP-3 is back.", timeout=15)
    assert "✗ No answer from CT" in back.text
    assert await stage.reboots() == {LOBBY: 1}


async def test_r5_a_request_that_never_acted_ends_as_not_restarted(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(reboot="dropped_unacted")
    await ana.type(ASK)

    await ana.click(YES)

    seen = await ana.sees("has not restarted", timeout=15)
    assert "I sent the reboot and got no answer" in seen.text
    assert seen.buttons == ["Try Again", "Look", "Open in CT"]
    assert await stage.reboots() == {LOBBY: 1}


async def test_r6_a_reboot_that_was_cut_off_while_sending_is_watched_to_its_end(stage: Stage) -> None:
    """The record as a kill -9 leaves it between the write and the answer."""
    ana = await stage.link()
    await stage.turn(reboot="late", late_seconds=30)
    await ana.type(ASK)
    op_id = await question_id(stage)
    await ana.click(YES, wait=False)
    while (await OperationStore(stage.redis).load(op_id) or (b"", ""))[1] != "sending":
        await asyncio.sleep(0.01)

    seen = await ana.sees("Lobby AP-3 is back.", timeout=20)
    await ana.sees("Sent", timeout=15)

    cards = [m for m in await ana.messages() if "Rebooted by @ana" in m.text and not m.ephemeral]
    assert "✗ No answer from CT" in seen.text
    assert len(cards) == 1
    assert await stage.reboots() == {LOBBY: 1}


async def test_r7_three_people_and_one_box_are_one_call(pair: Stage) -> None:
    people = [await pair.link("ana"), await pair.link("lee"), await pair.link("kim")]
    for person in people:
        await person.type("/ct reboot lobby ap-3")
    by_owner = {}
    for key in await pair.keys("ct:op:*"):
        owner: Any = await cast("Awaitable[Any]", pair.redis.hget(key, "owner"))
        by_owner[owner.decode()[-6:]] = key.partition("{")[2].rstrip("}")

    await asyncio.gather(
        *(forged_click(pair, p.name, by_owner[IDS[p.name]], replica=nth) for nth, p in enumerate(people))
    )
    await people[0].sees("is back", timeout=15)

    told = [p.name for p in people if await knows(p)]
    assert await pair.reboots() == {LOBBY: 1}
    assert len(told) == 2


async def knows(person: Person) -> bool:
    """They were told that somebody else was first."""
    screen = await person.screen()
    return any("rebooted Lobby AP-3" in seen.text and "Nothing more" in seen.text for seen in screen.surfaces("noc"))


async def test_r7_whoever_follows_is_told_the_end(stage: Stage) -> None:
    ana, lee = await stage.link("ana"), await stage.link("lee")
    await stage.turn(reboot_seconds=2.5)
    await ana.type(ASK)
    await ana.click(YES)
    await lee.type("/ct reboot lobby ap-3")

    await lee.click("Follow")

    await lee.sees("is back", timeout=15, channel="app")


async def test_whoever_follows_what_has_ended_is_told_at_once(stage: Stage) -> None:
    ana, lee = await stage.link("ana"), await stage.link("lee")
    await stage.turn(reboot_seconds=2.5)
    await ana.type(ASK)
    await ana.click(YES)
    await lee.type("/ct reboot lobby ap-3")
    await ana.sees("is back", timeout=15)

    seen = await lee.click("Follow")

    assert "is back" in seen.text


async def test_a_box_rests_after_a_reboot(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    await ana.click(YES)
    await ana.sees("is back", timeout=15)

    seen = await ana.type("/ct reboot lobby ap-3")

    assert "@ana rebooted Lobby AP-3" in seen.text
    assert "it is back. Nothing more was sent." in seen.text


# --- endings -----------------------------------------------------------------------------------


async def test_ending_never_restarted_offers_to_try_again(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(reboot="never_restarts")
    await ana.type(ASK)
    await ana.click(YES)

    seen = await ana.sees("has not restarted: it has been up 41 days throughout", timeout=15)
    card = await ana.click("Try Again")

    assert "CT accepted the reboot, but" in seen.text
    assert "Reboot Lobby AP-3 at Café Nord?" in card.text


async def test_ending_not_back_mentions_the_asker_once(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(reboot="never_back")
    await ana.type(ASK)
    await ana.click(YES)

    card = await ana.sees("a reboot usually takes 2 min", timeout=15)
    await ana.sees("@ana Lobby AP-3 has been down for", timeout=5)
    end = await ana.sees("has not come back since", timeout=15)

    calls = await stage.workspace.calls("chat.postMessage")
    warnings = [call for call in calls if "Check its power" in str(call)]
    assert "Look" in card.buttons
    assert "Open in CT" in end.buttons
    assert len(warnings) == 1


async def test_ending_back_but_not_proved(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(reboot="back_without_uptime")
    await ana.type(ASK)
    await ana.click(YES)

    seen = await ana.sees("does not report its uptime: I can't prove it restarted", timeout=15)

    assert "is online again" in seen.text


@pytest.mark.parametrize("shape", ["array", "object", "base", "message", "raw", "empty"])
async def test_ending_refused_says_cts_own_sentence_to_the_asker_only(stage: Stage, shape: str) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await stage.turn(reboot="refused", refusal=shape)
    await ana.type(ASK)

    seen = await ana.click(YES)

    assert "CT refused to reboot Lobby AP-3:" in seen.text
    assert "The box was not touched." in seen.text
    await lee.never_sees("Lobby AP-3", during=0.1)


async def test_what_was_refused_counts_as_no_reboot_and_may_be_asked_for_again_at_once(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(reboot="refused")
    await ana.type("/ct reboot lobby ap-3")
    for _ in range(MOST_IN_TWO_HOURS):
        await ana.click(YES)
        card = await ana.click("Ask Again")

    assert YES in card.buttons


async def test_a_third_reboot_within_two_hours_wants_a_reason(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct reboot lobby ap-3")
    await ana.click(YES)
    await ana.sees("is back", timeout=15)
    (lock,) = await stage.keys("ct:box:*:lock")
    box_id = lock.partition("{")[2].partition("}")[0]
    await BoxLocks(stage.redis, cooldown=600).recent(box_id, add="one more, an hour ago")
    await stage.redis.delete(lock)  # and the box has rested

    seen = await ana.type("/ct reboot lobby ap-3")
    assert "already rebooted 2 times in the last two hours" in seen.text

    card = await ana.type("/ct reboot lobby ap-3 because the line was replaced")
    assert YES in card.buttons


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "offline"}, "is offline: it cannot hear us"),
        ({"is_cucumber": False}, "no reboot exists for it"),
        ({"state": "initializing"}, "is still being set up"),
        ({"state": "upgrading"}, "CT says “upgrading”"),
        ({"state": "quarantined"}, "CT says “quarantined”"),
    ],
)
async def test_a_box_that_cannot_be_rebooted_says_why(stage: Stage, fields: dict[str, Any], words: str) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, **fields)

    seen = await ana.type(ASK)

    assert words in seen.text
    assert YES not in seen.buttons


async def test_every_call_has_an_intent_and_an_outcome_in_the_audit(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    await ana.click(YES)
    await ana.sees("is back", timeout=15)

    rows = [row for row in await stage.audit() if row["event"].startswith("reboot_")]

    assert [row["event"] for row in rows] == ["reboot_intent", "reboot_accepted", "reboot_back"]
    assert rows[0]["reason"] == "guests cannot log in"
    assert rows[0]["acting_as"] == "ana@venues.example"
    assert rows[0]["box"] == LOBBY
