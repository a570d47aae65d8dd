"""Withdrawing an upgrade that is planned: at once, told to the channel, and only where there is one."""

import time

import pytest

from bot.services import lost_answers
from bot.slack.commands import upgrade_cancel
from tests.slack.upsets import at_ct, calls, demote, lose_answer, lose_request
from tests.stage import LOBBY, Stage

ROUTE = f"/api/v1/boxes/{LOBBY}/upgrades"


async def plan(stage: Stage) -> None:
    """Somebody who has linked plans one for tonight."""
    await stage.box(LOBBY, v="4", next_firmware="B_160301_01")
    kim = await stage.link("kim")
    await kim.type("/ct upgrade lobby ap-3 tonight")
    await kim.click("Upgrade Tonight", until="CT planned")


async def test_a_planned_upgrade_is_withdrawn_from_the_firmware_page(stage: Stage) -> None:
    await plan(stage)
    ana, lee = await stage.link(), stage.person("lee")
    shown = await ana.type("/ct box firmware lobby ap-3")
    assert "is planned for" in shown.text

    told = await ana.click("Cancel the Upgrade", until="is withdrawn")

    assert "It keeps its firmware." in told.text
    await lee.sees("@ana withdrew the upgrade planned for Lobby AP-3")
    assert "No upgrade of Lobby AP-3 is planned." in (await ana.type("/ct upgrade cancel lobby ap-3")).text
    assert await calls(stage, "DELETE", ROUTE) == 1
    assert await stage.refusals() == []


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_answers, "LOOK_AGAIN", 0.1)
    monkeypatch.setattr(lost_answers, "PATIENCE", 0.3)


async def test_a_lost_answer_is_one_call_and_done_when_ct_shows_no_plan_any_more(stage: Stage) -> None:
    await plan(stage)
    ana, lee = await stage.link(), stage.person("lee")
    await lose_answer(stage, "DELETE", ROUTE)

    await ana.type("/ct upgrade cancel lobby ap-3", until="may or may not have reached CT")
    await ana.sees("is withdrawn. It keeps its firmware.", channel="app")

    await lee.sees("@ana withdrew the upgrade planned for Lobby AP-3")
    assert await calls(stage, "DELETE", ROUTE) == 1


@pytest.mark.usefixtures("_impatient")
async def test_a_withdrawal_that_never_reached_ct_ends_as_unknown_in_words_and_is_not_sent_again(stage: Stage) -> None:
    await plan(stage)
    ana = await stage.link()
    await lose_request(stage, "DELETE", ROUTE)

    await ana.type("/ct upgrade cancel lobby ap-3", until="may or may not have reached CT")
    told = await ana.sees("CT does not show that it was withdrawn in time.", channel="app")

    assert "I will not send it again." in told.text
    assert (await at_ct(stage))["upgrade_scheduled"]
    assert await calls(stage, "DELETE", ROUTE) == 1


@pytest.mark.usefixtures("_impatient")
async def test_a_plan_whose_time_came_meanwhile_is_not_told_as_withdrawn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box does not hear of it, so that CT drops the plan and its firmware stays: as after a withdrawal."""
    await plan(stage)
    ana = await stage.link()
    planned = stage.ct.practice.world.boxes[LOBBY].planned
    assert planned is not None
    planned.at = int(time.time()) + 60
    await stage.box(LOBBY, ticks=False)
    await lose_request(stage, "DELETE", ROUTE)
    monkeypatch.setattr(lost_answers, "PATIENCE", 2.0)

    await ana.type("/ct upgrade cancel lobby ap-3", until="may or may not have reached CT")
    monkeypatch.setattr(stage.ct.practice, "clock", lambda: time.time() + 120)
    monkeypatch.setattr(upgrade_cancel, "now", lambda: time.time() + 120)
    assert (await at_ct(stage))["upgrade_scheduled"] is None
    await ana.sees("CT does not show that it was withdrawn in time.", channel="app")

    assert await calls(stage, "DELETE", ROUTE) == 1


async def test_who_may_only_look_is_refused(stage: Stage) -> None:
    await plan(stage)
    ana = await stage.link()
    await demote(stage)

    assert "Nothing was changed." in (await ana.type("/ct upgrade cancel lobby ap-3", until="CT refused")).text


async def test_a_missing_box_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct upgrade cancel")

    assert "No upgrade of Lobby AP-3 is planned." in (await ana.choose("lobby ap-3", "Lobby AP-3")).text


async def test_the_card_of_a_box_whose_button_was_held_offers_to_cancel(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, reset_confirmation=True)
    await ana.type("/ct box lobby ap-3")

    await ana.click("Cancel the Reset", until="is withdrawn")

    assert await calls(stage, "PATCH", f"/api/v1/boxes/{LOBBY}") == 1


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct upgrade cancel lobby ap-3")).text
