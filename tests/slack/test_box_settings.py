"""Tags, monitoring, zones and locations of boxes: what each changes, and what happens when CT will not."""

import pytest

from bot.sandbox.slack.looking import NotSeenError
from bot.sandbox.slack.person import Person
from bot.services import lost_answers
from tests.slack.upsets import BOX, at_ct, calls, demote, lose_answer, lose_request
from tests.stage import LOBBY, Stage

POOL = "/api/v1/boxes/pool-house"
TAG = ("tag lobby ap-3 as guests, bar", None, BOX)
MONITOR = ("monitor lobby ap-3 off", None, BOX)
MOVE = ("move pool house to rooms", "Move", POOL)
TRANSFER = ("transfer lobby ap-3 to harbour hotel", "Transfer", BOX)
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


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_answers, "LOOK_AGAIN", 0.1)
    monkeypatch.setattr(lost_answers, "PATIENCE", 0.3)


async def ask_for(person: Person, typed: str, button: str | None, *, until: str) -> None:
    """Type it, and press the button of the question where there is one."""
    if button is None:
        await person.type(f"/ct {typed}", until=until)
    else:
        await person.type(f"/ct {typed}")
        await person.click(button, until=until)


@pytest.mark.parametrize(
    ("typed", "button", "route", "done"),
    [
        (*TAG, "You tagged Lobby AP-3: guests, bar."),
        (*MONITOR, "CT sends no alerts about it"),
        (*MOVE, "You moved Pool House to the zone Rooms."),
        (*TRANSFER, "You transferred Lobby AP-3 from Café Nord"),
    ],
)
async def test_a_lost_answer_is_one_call_and_done_when_ct_shows_the_change(
    stage: Stage, typed: str, button: str | None, route: str, done: str
) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await lose_answer(stage, "PATCH", route)

    await ask_for(ana, typed, button, until="may or may not have reached CT")
    await ana.sees(done, channel="app")

    await lee.sees("@ana ")
    assert await calls(stage, "PATCH", route) == 1
    assert await stage.refusals() == []


@pytest.mark.parametrize(
    ("typed", "button", "route", "shown"),
    [
        (*TAG, "CT does not show the box with just these tags."),
        (*MONITOR, "CT does not show its monitoring switched so."),
        (*MOVE, "CT does not show the box in that zone."),
        (*TRANSFER, "CT does not show the box at that location."),
    ],
)
@pytest.mark.usefixtures("_impatient")
async def test_a_change_that_never_reached_ct_ends_as_unknown_in_words_and_is_not_sent_again(
    stage: Stage, typed: str, button: str | None, route: str, shown: str
) -> None:
    ana = await stage.link()
    await lose_request(stage, "PATCH", route)

    await ask_for(ana, typed, button, until="may or may not have reached CT")
    told = await ana.sees(shown, channel="app")

    assert "I will not send it again." in told.text
    assert await calls(stage, "PATCH", route) == 1


@pytest.mark.parametrize(
    ("fields", "typed", "why"),
    [
        ({"tags": "bar,guests"}, "tag lobby ap-3 as guests, bar", "Lobby AP-3 has just these tags already."),
        ({"is_monitored": False}, "monitor lobby ap-3 off", "Monitoring of Lobby AP-3 is off already."),
        ({"is_monitored": True}, "monitor lobby ap-3 on", "Monitoring of Lobby AP-3 is on already."),
    ],
)
async def test_what_is_so_already_is_said_and_nothing_is_sent(
    stage: Stage, fields: dict[str, object], typed: str, why: str
) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, **fields)

    seen = await ana.type(f"/ct {typed}", until=why)

    assert "Nothing was changed." in seen.text
    assert await calls(stage, "PATCH", BOX) == 0


async def test_the_form_of_tags_that_are_as_they_were_stays_open(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, tags="bar,guests")
    await ana.type("/ct tag lobby ap-3")

    with pytest.raises(NotSeenError, match="Nothing is different yet"):
        await ana.submit({"tags": "guests, bar"})

    assert await calls(stage, "PATCH", BOX) == 0


async def test_a_box_that_came_into_the_zone_since_the_question_is_not_moved(stage: Stage) -> None:
    ana, kim = await stage.link(), await stage.link("kim")
    await ana.type("/ct move pool house to rooms")
    await kim.type("/ct move pool house to rooms")
    await kim.click("Move", until="You moved")

    await ana.click("Move", until="is in the zone Rooms already")

    assert await calls(stage, "PATCH", POOL) == 1


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
