"""A box in full: its self-test in words, its radios, its firmware."""

import pytest

from bot.ct import Box, BoxDetails, Health, Radio, Wan
from bot.slack.views import box_details as views
from tests.stage import LOBBY, Stage

NOW = 1_800_000_000.0


def details(**fields: object) -> BoxDetails:
    """A box whose self-test failed in two checks."""
    box = Box(id="1", slug="bar", name="<Bar> *1*", state="online", connection_status="9.1", next_firmware="B_2")
    health = Health(icmp_ip=True, icmp_host=False, ct=True, splash=False)
    told = {"box": box, "health": health, "wan": Wan(proto="dhcp", dns=("9.9.9.9",)), "radio": Radio(channel=6)}
    return BoxDetails(**{**told, **fields})  # type: ignore[arg-type]


def test_checks_that_failed_come_first_and_unknown_ones_are_said_to_be() -> None:
    text = str([block.to_dict() for block in views.health(details(), NOW).blocks])

    assert "Self-test: 2 checks failed\\n• Reaches the internet by name: *failed*, look" in text
    assert "Login page loads: *failed*, guests may not be able to log in" in text
    assert "Large packets pass: not told" in text
    assert "OK, but the clock could not be set (NTP failed)" in text
    assert "&lt;Bar&gt; ∗1∗" in text


def test_a_box_without_a_self_test_says_so() -> None:
    assert "CT has no self-test of it." in str([b.to_dict() for b in views.health(details(health=None), NOW).blocks])


def test_a_box_of_one_band_shows_one() -> None:
    one = views.radio(details(radio=Radio(channel=6, tx_power_2=17, dual_band=False)), NOW)

    assert "2.4 GHz: channel 6, 17 dBm" in str(one.blocks[0].to_dict())
    assert "5 GHz" not in str(one.blocks[0].to_dict())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"upgrade_at": int(NOW) + 60}, "An upgrade to B_2 is planned for"),
        ({"firmware_track": "Beta"}, "Track: Beta"),
    ],
)
def test_the_firmware_page_says_what_comes_next(fields: dict[str, object], words: str) -> None:
    assert words in str([block.to_dict() for block in views.firmware(details(**fields), NOW).blocks])


async def test_the_parts_lead_to_one_another(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, next_firmware="B_160301_01")

    shown = await ana.type("/ct box health lobby ap-3")
    assert shown.text.startswith("● Lobby AP-3 — online\n")
    assert "Configuration is in step with CT" in shown.text
    assert "2.4 GHz: channel" in (await ana.click("Radio")).text
    upgradable = await ana.click("Firmware")
    assert "Runs B_160201_01" in upgradable.text
    assert "Next: B_160301_01" in upgradable.text
    assert "Café Nord" in (await ana.click("Whole Box")).text
    assert await stage.refusals() == []


@pytest.mark.parametrize("part", ["health", "radio", "firmware"])
async def test_a_missing_box_is_asked_for_and_a_wrong_one_searched_again(stage: Stage, part: str) -> None:
    ana = await stage.link()
    await ana.type(f"/ct box {part}")

    assert "Lobby AP-3" in (await ana.choose("lobby ap-3", "Lobby AP-3")).text
    assert "No box matches" in (await ana.type(f"/ct box {part} zzzz")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct box health lobby ap-3")).text
