"""The firmware of a box: what runs, what comes next, and the way to it."""

import pytest

from tests.stage import LOBBY, Stage


async def test_newer_firmware_leads_to_its_upgrade(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, next_firmware="B_160301_01")

    shown = await ana.type("/ct box firmware lobby ap-3")

    assert "Runs B_160201_01" in shown.text
    assert "Next: B_160301_01" in shown.text
    assert "Upgrade" in (await ana.click("Upgrade…")).text
    assert await stage.refusals() == []


async def test_where_there_is_nothing_newer_no_upgrade_is_offered(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, next_firmware=None)

    shown = await ana.type("/ct box firmware lobby ap-3")

    assert "CT has nothing newer for it" in shown.text
    assert "Upgrade…" not in shown.buttons


@pytest.mark.parametrize("typed", ["box firmware"])
async def test_a_missing_box_is_asked_for_and_a_wrong_one_searched_again(stage: Stage, typed: str) -> None:
    ana = await stage.link()
    await ana.type(f"/ct {typed}")

    assert "Runs " in (await ana.choose("lobby ap-3", "Lobby AP-3")).text
    assert "No box matches" in (await ana.type(f"/ct {typed} zzzz")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct box firmware lobby ap-3")).text
