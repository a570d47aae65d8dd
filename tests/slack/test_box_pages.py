"""`/ct box health`, `/ct box radio`: typed and pressed, and the ways between the pages of a box."""

import pytest

from tests.stage import LOBBY, Stage


async def test_a_healthy_box_says_so(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct box health lobby ap-3")

    assert seen.text.startswith("● Lobby AP-3 — online\nHeard ")
    assert "Connection: OK" in seen.text
    assert "Self-test: nothing failed" in seen.text
    assert "MTU: 1500" in seen.text
    assert seen.ephemeral
    assert "canary" not in str(seen.raw)
    assert await stage.refusals() == []


async def test_what_failed_comes_first_with_what_to_look_at(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, connection_status="4")

    seen = await ana.type("/ct box health lobby ap-3")

    assert "Connection: web check failed\nSelf-test: 2 checks failed\n" in seen.text
    assert "• Reaches CT: failed, a firewall may be in the way\n" in seen.text


async def test_the_health_of_a_box_that_is_off_is_said_to_be_old(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct box health cellar ap-5")

    assert "ago: what follows is from before" in seen.text


async def test_the_radio_is_told_by_band(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct box radio lobby ap-3")

    assert "2.4 GHz: channel " in seen.text
    assert "20 MHz wide, 17 dBm (50 mW)" in seen.text
    assert "40 MHz wide, 20 dBm (100 mW)" in seen.text
    assert "Band steering: no" in seen.text
    assert await stage.refusals() == []


@pytest.mark.parametrize("word", ["health", "radio"])
async def test_a_box_is_asked_for_and_one_of_that_name_is_found_in_quotes(stage: Stage, word: str) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, description=word)

    asked = await ana.type(f"/ct box {word}")
    quoted = await ana.type(f'/ct box "{word}"')
    both = await ana.type(f"/ct box {word} {word}")

    assert "Which box?" in asked.text
    assert quoted.text.startswith(f"● {word} — online\nCafé Nord")
    assert both.text.startswith(f"● {word} — online\n")
    assert "Café Nord" not in both.text


@pytest.mark.parametrize("page", ["box health", "box radio"])
async def test_a_box_without_ct_s_firmware_has_neither(stage: Stage, page: str) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, is_cucumber=False, state="splash_only")

    seen = await ana.type(f"/ct {page} lobby ap-3")

    assert "it does not run CT's firmware" in seen.text


async def test_the_card_of_a_box_leads_to_its_other_pages_and_back(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct box lobby ap-3")

    health = await ana.click("Health")
    radio = await ana.click("Radio")
    card = await ana.click("Whole Box")
    history = await ana.click("History")
    again = await ana.click("Look at Lobby AP-3")
    usage = await ana.click("Usage")

    assert "Self-test" in health.text
    assert "GHz" in radio.text
    assert "History of Lobby AP-3" in history.text
    assert card.buttons == again.buttons
    assert "Usage of Lobby AP-3" in usage.text
    assert await stage.refusals() == []


async def test_health_can_be_shared(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct box health lobby ap-3")

    await ana.click("Share Here")

    assert "Self-test" in (await stage.person("lee").sees("Lobby AP-3")).text


async def test_who_is_not_linked_is_asked_to_connect_first(stage: Stage) -> None:
    ana = stage.person("ana")

    health = await ana.type("/ct box health lobby ap-3")
    radio = await ana.type("/ct box radio lobby ap-3")

    assert "Connect CT" in health.buttons
    assert "Connect CT" in radio.buttons
