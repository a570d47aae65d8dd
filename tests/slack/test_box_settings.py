"""Tags, monitoring, zones and locations of boxes: what each changes, and what happens when CT will not."""

import pytest

from tests.slack.upsets import BOX, at_ct, calls, demote, lose_answer
from tests.stage import LOBBY, Stage

DONE_AT_ONCE = ("tag lobby ap-3 as guests, bar", "monitor lobby ap-3 off")


async def test_tags_are_replaced_and_can_be_taken_off_in_a_form(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    await ana.type("/ct tag lobby ap-3 as guests, bar,, guests", until="You tagged Lobby AP-3: guests, bar.")
    await lee.sees("@ana tagged Lobby AP-3: guests, bar")
    assert (await at_ct(stage))["tags"] == "guests,bar"

    await ana.type("/ct tag lobby ap-3")
    await ana.submit({"tags": ""})

    await ana.sees("You took all tags off Lobby AP-3.")
    assert (await at_ct(stage))["tags"] == ""
    assert await stage.refusals() == []


async def test_monitoring_is_switched_off_and_on(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    await ana.type("/ct monitor lobby ap-3 off because it is being rebuilt", until="sends no alerts about it")
    await lee.sees("@ana switched monitoring of Lobby AP-3 off — it is being rebuilt")
    assert (await at_ct(stage))["is_monitored"] is False

    assert "Monitoring of Lobby AP-3 is off." in (await ana.type("/ct monitor lobby ap-3")).text

    await ana.click("Switch On", until="CT alerts about it again.")

    assert (await at_ct(stage))["is_monitored"] is True
    assert await stage.refusals() == []


async def test_a_box_moves_to_a_zone_that_is_picked_and_confirmed(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ana.type("/ct move pool house")

    asked = await ana.choose("rooms", "Rooms")

    assert asked.text.startswith("Move Pool House to the zone Rooms?\nIt is in Public areas now.")
    await ana.click("Move", until="You moved Pool House to the zone Rooms.")
    await lee.sees("@ana moved Pool House to the zone Rooms")
    assert "is in the zone Rooms already" in (await ana.type("/ct move pool house to rooms")).text
    assert await calls(stage, "PATCH", "/api/v1/boxes/pool-house") == 1
    assert await stage.refusals() == []


async def test_a_zone_that_is_not_there_is_asked_for_again(stage: Stage) -> None:
    ana = await stage.link()

    assert "No zone of Harbour Hotel is called so." in (await ana.type("/ct move pool house to moon")).text
    assert "Café Nord has no zones." in (await ana.type("/ct move lobby ap-3 to rooms")).text


async def test_a_box_is_transferred_after_one_question(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    asked = await ana.type("/ct transfer lobby ap-3 to harbour hotel")

    assert asked.text.startswith("Transfer Lobby AP-3 to Harbour Hotel?\nFrom Café Nord.")
    assert "14 people are on it now." in asked.text

    await ana.click("Transfer", until="You transferred Lobby AP-3 from Café Nord to Harbour Hotel.")

    await lee.sees("@ana transferred Lobby AP-3 from Café Nord to Harbour Hotel")
    assert "Harbour Hotel" in (await ana.click("Look")).text
    assert "is at Harbour Hotel already" in (await ana.type(f"/ct transfer {LOBBY} to harbour hotel")).text
    assert await calls(stage, "PATCH", BOX) == 1
    assert await stage.refusals() == []


async def test_a_missing_target_of_a_transfer_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct transfer lobby ap-3")

    assert (await ana.choose("harbour", "Harbour Hotel")).text.startswith("Transfer Lobby AP-3 to Harbour Hotel?")


async def test_a_box_that_was_moved_since_the_question_is_not_transferred(stage: Stage) -> None:
    ana, kim = await stage.link(), await stage.link("kim")
    await ana.type("/ct transfer lobby ap-3 to harbour hotel")
    await kim.type("/ct transfer lobby ap-3 to nordhaven library")
    await kim.click("Transfer", until="You transferred")

    late = await ana.click("Transfer", until="I did not do that")

    assert "has been moved since I asked" in late.text
    assert await calls(stage, "PATCH", BOX) == 1


@pytest.mark.parametrize("typed", DONE_AT_ONCE)
async def test_a_lost_answer_is_one_call(stage: Stage, typed: str) -> None:
    ana = await stage.link()
    await lose_answer(stage, "PATCH", BOX)

    await ana.type(f"/ct {typed}", until="may or may not have reached CT")

    assert await calls(stage, "PATCH", BOX) == 1


@pytest.mark.parametrize("typed", DONE_AT_ONCE)
async def test_who_may_only_look_is_told_that_nothing_was_changed(stage: Stage, typed: str) -> None:
    ana = await stage.link()
    await demote(stage)

    assert "Nothing was changed." in (await ana.type(f"/ct {typed}", until="CT refused")).text


@pytest.mark.parametrize("typed", ["tag as guests", "monitor off"])
async def test_a_missing_box_is_asked_for(stage: Stage, typed: str) -> None:
    ana = await stage.link()
    await ana.type(f"/ct {typed}")

    assert "Lobby AP-3" in (await ana.choose("lobby ap-3", "Lobby AP-3", until="You ")).text


@pytest.mark.parametrize("typed", [*DONE_AT_ONCE, "move lobby ap-3 to rooms", "transfer lobby ap-3 to harbour hotel"])
async def test_who_is_not_linked_is_asked_to_link(stage: Stage, typed: str) -> None:
    assert "I need your CT account" in (await stage.person("lee").type(f"/ct {typed}")).text
