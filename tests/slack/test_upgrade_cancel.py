"""Withdrawing an upgrade that is planned: at once, told to the channel, and only where there is one."""

from tests.slack.upsets import calls, demote, lose_answer
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


async def test_a_lost_answer_is_one_call(stage: Stage) -> None:
    await plan(stage)
    ana = await stage.link()
    await lose_answer(stage, "DELETE", ROUTE)

    await ana.type("/ct upgrade cancel lobby ap-3", until="may or may not have reached CT")

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
