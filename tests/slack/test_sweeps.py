"""Several boxes at once: what has to be typed, who has to approve, the waves, and where they stop (row R8)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pytest_mock import MockerFixture
from redis.asyncio import Redis

from bot.errors import StoreDownError
from bot.guards import Guards
from bot.sandbox.slack.looking import NotSeenError
from bot.sandbox.slack.person import Person
from bot.services.sweep import Sweeps, wave
from bot.settings import Policy
from bot.slack.views.reboot import APPROVE, CONFIRM
from bot.stores.due import DueQueue
from tests.slack.forged import click, deliver_to
from tests.stage import IDS, LOBBY, PACE, Stage, staged

BAR, KITCHEN, STREET = "bar-ap-1-6d5889", "kitchen-ap-2-cffdfe", "street-ap-6-77d2fc"
TWO = "/ct reboot lobby ap-3, bar ap-1 because guests cannot log in"
ALL = "/ct reboot all at café nord because the switch was replaced"
WANTS = "@ana wants to reboot 4 boxes at Café Nord — the switch was replaced"


def policy_of(**guards: object) -> Policy:
    return Policy(pace=PACE, requests_per_minute=100_000, guards=Guards(**guards))  # type: ignore[arg-type]


@pytest.fixture
async def lax(redis: Redis, redis_url: str) -> AsyncIterator[Stage]:
    """Half of a location may be rebooted without a second person; Kim may freeze."""
    policy = policy_of(most_percent=60, admins=(IDS["kim"],))
    async with staged(redis, redis_url, policy=policy, replicas=2) as stage:
        yield stage


async def begun(stage: Stage, ask: str = TWO, count: str = "2") -> Person:
    ana = await stage.link()
    await ana.type(ask)
    await ana.click(f"Reboot {count} Boxes")
    await ana.submit({"typed": count})
    return ana


async def id_of(stage: Stage) -> str:
    return min((key.partition("{")[2].rstrip("}") for key in await stage.keys("ct:op:*")), key=len)


async def test_two_boxes_are_listed_and_their_number_is_typed(lax: Stage) -> None:
    ana = await lax.link()
    card = await ana.type(TWO)
    await ana.click("Reboot 2 Boxes")
    with pytest.raises(NotSeenError, match="These are 2 boxes"):
        await ana.submit({"typed": "3"})
    before = await lax.reboots()
    await ana.submit({"typed": "2"})

    seen = await ana.sees("2 boxes at Café Nord are all back. Rebooted by @ana — guests cannot log in", timeout=20)
    assert not [message for message in await ana.messages() if "Keep Them Running" in str(message)], "still asked"

    assert card.text.startswith("Reboot 2 boxes at Café Nord?")
    assert "Lobby AP-3, Bar AP-1" in card.text
    assert "second person" not in card.text
    assert before == {}
    assert "2 of 2 back" in seen.text
    assert seen.buttons == []
    assert await lax.reboots() == {LOBBY: 1, BAR: 1}
    assert await lax.refusals() == []


async def test_trouble_leaves_the_question_that_is_open_still(lax: Stage, mocker: MockerFixture) -> None:
    ana = await lax.link()
    await ana.type(TWO)
    await ana.click("Reboot 2 Boxes")
    broken = mocker.patch.object(Sweeps, "type_count", side_effect=StoreDownError("down"))
    await ana.submit({"typed": "2"})
    told = await ana.sees("My own store does not answer.")
    asked = [message for message in await ana.messages() if "Keep Them Running" in str(message)]
    mocker.stop(broken)
    await ana.click("Reboot 2 Boxes")
    await ana.submit({"typed": "2"})

    assert "Nothing was changed." in told.text
    assert len(asked) == 1
    await ana.sees("are all back", timeout=20)


async def test_a_sweep_has_one_card_and_each_box_its_own_rows_in_the_audit(lax: Stage) -> None:
    ana = await begun(lax)
    await ana.sees("are all back", timeout=20)

    cards = [m for m in await ana.messages() if not m.ephemeral]
    rows = [row["event"] for row in await lax.audit() if row["event"].startswith(("reboot_", "sweep_"))]
    assert len(cards) == 1
    assert rows.count("reboot_intent") == rows.count("reboot_back") == 2
    assert rows[0] == "sweep_begun"
    assert rows[-1] == "sweep_done"


async def test_the_second_box_waits_until_the_first_is_back(lax: Stage) -> None:
    await lax.turn(reboot_seconds=2.5)
    ana = await begun(lax)

    seen = await ana.sees("0 of 2 back · under way: Lobby AP-3")
    await ana.never_sees("Lobby AP-3, Bar AP-1 ", during=1.0)
    await ana.never_sees("1 of 2 back", during=0)

    assert seen.buttons == ["Stop"]
    assert await lax.reboots() == {LOBBY: 1}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("refused", "Lobby AP-3 was refused by CT:"),
        ("never_restarts", "Lobby AP-3 has not restarted."),
        ("back_without_uptime", "Lobby AP-3 is not proved to have restarted."),
        ("dropped", "Lobby AP-3 is back, but CT's answer to its reboot was lost."),
        ("never_back", "Lobby AP-3 has not come back."),
    ],
)
async def test_r8_it_stops_at_the_first_box_that_is_not_back(lax: Stage, how: str, words: str) -> None:
    await lax.turn(reboot=how)
    ana = await begun(lax)

    await ana.sees("@ana I stopped rebooting 2 boxes at Café Nord.", timeout=20)
    seen = await ana.sees("I stopped rebooting 2 boxes at Café Nord: not every box came back.")

    assert words in seen.text
    assert "1 box not touched" in seen.text
    assert seen.buttons == ["Look at Lobby AP-3"]
    assert await lax.reboots() == {LOBBY: 1}


async def test_whoever_sees_it_can_stop_it(lax: Stage) -> None:
    await lax.turn(reboot_seconds=1.5)
    await begun(lax)
    gus = lax.person("gus")
    await gus.sees("under way: Lobby AP-3")

    await gus.click("Stop", until="Stopped: no other box")

    seen = await gus.sees("1 of 2 back · 1 box not touched", timeout=20)
    assert "@gus stopped the reboot of 2 boxes at Café Nord. Asked for by @ana" in seen.text
    assert await lax.reboots() == {LOBBY: 1}


async def test_a_sweep_that_stopped_can_be_asked_for_again_without_what_it_rebooted(lax: Stage) -> None:
    await lax.box(BAR, reboot="refused")
    ana = await begun(lax, "/ct reboot lobby ap-3, bar ap-1, kitchen ap-2", "3")
    await ana.sees("@ana I stopped rebooting 3 boxes", timeout=20)
    await lax.box(BAR, reboot=None)

    seen = await ana.type("/ct reboot lobby ap-3, bar ap-1, kitchen ap-2", until="Reboot 2 boxes")

    assert "Bar AP-1, Kitchen AP-2" in seen.text
    assert "Left out: Lobby AP-3 (it was rebooted a moment ago)" in seen.text


async def test_what_stands_between_ct_and_the_beginning_is_told_in_words(lax: Stage) -> None:
    ana = await lax.link()
    await ana.type(TWO)
    await ana.click("Reboot 2 Boxes")
    fault = {"kind": "status", "prefix": "/api/v1/boxes", "status": 503, "times": None}
    (await lax.control.post("/_practice/faults", json=fault)).raise_for_status()
    await ana.submit({"typed": "2"})

    told = await ana.sees("I did not reboot 2 boxes", timeout=20)

    assert "CT itself failed (503)." in told.text
    assert "boxes.list" not in told.text
    assert await lax.reboots() == {}


async def test_a_freeze_stops_it_and_is_told(lax: Stage) -> None:
    await lax.turn(reboot_seconds=1.5)
    ana = await begun(lax)
    await ana.sees("under way: Lobby AP-3")
    await lax.person("kim").type("/ct freeze", until="What was sent")

    seen = await ana.sees("Bar AP-1 was not touched. Reboots are frozen by @kim since", timeout=20)

    assert "1 of 2 back" in seen.text
    assert await lax.reboots() == {LOBBY: 1}


# --- the second person -------------------------------------------------------------------------


async def test_r8_all_boxes_of_a_location_need_a_second_person(stage: Stage) -> None:
    lee, ana = await stage.link("lee"), await stage.link()
    card = await ana.type(ALL)
    await ana.click("Reboot 4 Boxes")
    await ana.submit({"typed": "4"})
    wants = await lee.sees(WANTS)
    before = await stage.reboots()

    await lee.click("Approve Rebooting 4 Boxes", until="are all back", timeout=40)

    done = await ana.sees("4 boxes at Café Nord are all back. Rebooted by @ana, approved by @lee")
    assert "Left out: Terrace AP-4, Cellar AP-5 (offline: it cannot hear us" in card.text
    assert "these are 4 of the 6 boxes at Café Nord; no other box at Café Nord is online" in card.text
    assert "Lobby AP-3, Bar AP-1, Kitchen AP-2, Street AP-6" in wants.text
    assert before == {}
    assert "4 of 4 back" in done.text
    assert await stage.reboots() == {LOBBY: 1, BAR: 1, KITCHEN: 1, STREET: 1}


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("ana", "You asked for this yourself, so somebody else has to approve it."),
        ("gus", "For that I need your CT account."),
        ("kim", "Your own CT account does not show you this, so you cannot approve it."),
    ],
)
async def test_r8_not_everybody_is_a_second_person(stage: Stage, who: str, words: str) -> None:
    await begun(stage, ALL, "4")
    person = stage.person(who)
    if who == "kim":
        await stage.link("kim", account="oleg@cafes.example")
    await person.sees(WANTS)

    await person.click("Approve Rebooting 4 Boxes", until=words)

    assert await stage.reboots() == {}


async def test_r8_a_forged_confirmation_or_an_early_approval_sends_nothing(stage: Stage) -> None:
    ana, lee = await stage.link(), await stage.link("lee")
    await ana.type(ALL)
    op_id = await id_of(stage)

    await deliver_to(stage, click("lee", APPROVE, op_id))
    await lee.sees("This question was answered already")
    await deliver_to(stage, click("ana", CONFIRM, op_id))
    await ana.never_sees("under way", during=1.0)

    assert await stage.reboots() == {}


async def test_r8_what_needs_a_second_person_by_the_time_of_the_click_sends_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct reboot reading room, lobby ap-3")  # 1 of 8, 1 of 6
    for slug in (BAR, KITCHEN, STREET):
        await stage.box(slug, state="offline")
    await ana.click("Reboot 2 Boxes")
    await ana.submit({"typed": "2"})

    seen = await ana.sees("It needs a second person by now: no other box at Café Nord is online.")

    assert "No box was touched." in seen.text
    assert await stage.reboots() == {}


async def test_anybody_may_call_it_off(stage: Stage) -> None:
    await begun(stage, ALL, "4")
    gus = stage.person("gus")
    await gus.sees(WANTS)

    await gus.click("Call It Off")

    seen = await gus.sees("Called off by @gus. No box was touched.")
    assert seen.buttons == []
    assert await stage.reboots() == {}


async def test_a_protected_box_is_left_out_of_a_sweep(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, policy=policy_of(protected_tags=("ground floor",))) as stage:
        ana = await stage.link()

        seen = await ana.type("/ct reboot lobby ap-3, bar ap-1, kitchen ap-2")

        assert "Reboot 2 boxes at Café Nord?" in seen.text
        assert "Left out: Lobby AP-3 (it is rebooted alone, with a second person" in seen.text


async def test_more_boxes_than_the_hour_has_room_for_are_not_even_asked_about(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, policy=policy_of(per_user_and_hour=3)) as stage:
        ana = await stage.link()

        seen = await ana.type(ALL)

        assert "With 4 more you would reboot more than 3 boxes in an hour" in seen.text


# --- the words ---------------------------------------------------------------------------------


async def test_a_name_that_nothing_is_called_is_asked_for_and_the_others_stay(lax: Stage) -> None:
    ana = await lax.link()
    await ana.type("/ct reboot lobby ap-3, bra ap-1 because x")

    await ana.click("Bar AP-1", until="Reboot 2 boxes at Café Nord?")

    seen = await ana.sees("Lobby AP-3, Bar AP-1")
    assert "Reason: x" in seen.text


async def test_a_box_with_a_comma_in_its_name_is_one_box(lax: Stage) -> None:
    ana = await lax.link()
    await lax.box(BAR, description="Bar, left")

    seen = await ana.type("/ct reboot bar, left")

    assert seen.text.startswith("Reboot Bar, left at Café Nord?")


async def test_the_same_box_twice_is_one_box(lax: Stage) -> None:
    ana = await lax.link()

    seen = await ana.type("/ct reboot lobby ap-3, lobby ap-3")

    assert seen.text.startswith("Reboot Lobby AP-3 at Café Nord?")


# --- replicas ----------------------------------------------------------------------------------


async def test_a_step_that_two_replicas_take_at_once_sends_each_box_once(lax: Stage) -> None:
    ana = await begun(lax)
    op_id, queue = await id_of(lax), DueQueue(lax.redis)

    for _ in range(40):
        await queue.add("sweep", op_id, op_id.encode(), delay=0.0)
        await asyncio.sleep(0.05)
    await ana.sees("are all back", timeout=20)

    assert await lax.reboots() == {LOBBY: 1, BAR: 1}


async def test_a_sweep_that_was_cut_off_before_it_began_is_told_and_sends_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct reboot reading room, lobby ap-3")
    op_id = await id_of(stage)
    await stage.redis.hset(f"ct:op:{{{op_id}}}", "state", "confirmed")
    await DueQueue(stage.redis).add("sweep", op_id, op_id.encode(), delay=0.0)

    await ana.sees("I did not reboot 2 boxes at 2 locations: I was cut off.", channel="app")

    assert await stage.reboots() == {}


def test_waves_are_one_box_two_boxes_then_five_at_a_time() -> None:
    assert [wave(n) for n in (0, 1, 2, 3, 4, 8, 9, 13, 14)] == [
        (0, 0), (0, 1), (1, 3), (1, 3), (3, 8), (3, 8), (8, 13), (8, 13), (13, 18),
    ]  # fmt: skip
