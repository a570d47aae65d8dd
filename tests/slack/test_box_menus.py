"""The menus of a box's row and of its card lead to the commands that fit the box."""

from tests.slack.upsets import at_ct, calls
from tests.stage import LOBBY, Stage


async def test_the_row_of_a_list_mutes_and_unmutes(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct boxes café nord")

    await ana.menu("Lobby AP-3", "Mute for 2 Hours", until="You muted Lobby AP-3 for 2 h")
    assert (await at_ct(stage))["ignored"] is True

    await ana.type("/ct boxes café nord")
    await ana.menu("Lobby AP-3", "Unmute", until="no longer muted")

    assert (await at_ct(stage))["ignored"] is False
    assert await stage.refusals() == []


async def test_the_card_leads_to_a_resync(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct box lobby ap-3")

    asked = await ana.menu("Lobby AP-3", "Resync…")

    assert asked.text.startswith("Resync Lobby AP-3 at Café Nord?")


async def test_the_card_withdraws_a_reset_that_was_asked_for_at_the_box(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, reset_confirmation=True)
    await ana.type("/ct box lobby ap-3")

    await ana.menu("Lobby AP-3", "Cancel the Reset", until="is withdrawn")

    assert await calls(stage, "PATCH", "/api/v1/boxes/") == 1
