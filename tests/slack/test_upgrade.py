"""New firmware: only where CT has some for the box, now or at two in the night where it is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.commands.upgrade import NIGHT, next_night
from tests.slack.upsets import at_ct, calls, demote, lose_answer
from tests.stage import LOBBY, Stage

PAYLOADS = "/api/v1/locations/"
NEWER = "B_160301_01"


async def ready(stage: Stage) -> None:
    """CT has newer firmware for the box."""
    await stage.box(LOBBY, v="4", next_firmware=NEWER)


async def test_an_upgrade_is_asked_once_and_told_to_the_channel(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ready(stage)

    asked = await ana.type("/ct upgrade lobby ap-3 because guests cannot log in")

    assert asked.text.startswith(f"Upgrade Lobby AP-3 to {NEWER}?\n14 people are on it now.")
    assert asked.buttons == ["Upgrade Now", "Leave It As It Is", "Tonight…"]
    assert await calls(stage, "POST", PAYLOADS) == 0

    await ana.click("Upgrade Now", until="CT took the upgrade")

    await lee.sees(f"@ana upgrades Lobby AP-3 to {NEWER} — guests cannot log in")
    assert (await at_ct(stage))["upgrade_processing"] is True
    assert await calls(stage, "POST", PAYLOADS) == 1
    assert await stage.refusals() == []


async def test_tonight_is_planned_for_two_in_the_night(stage: Stage) -> None:
    ana = await stage.link()
    await ready(stage)
    await ana.type("/ct upgrade lobby ap-3")
    await ana.click("Tonight…", until="tonight?")

    await ana.click("Upgrade Tonight", until="CT planned the upgrade")

    planned = (await at_ct(stage))["upgrade_scheduled"]
    assert isinstance(planned, dict)
    assert datetime.fromtimestamp(planned["when"], ZoneInfo(str((await at_ct(stage))["timezone"]))).hour == NIGHT
    assert await stage.refusals() == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"v": "3"}, "of generation 3"),
        ({"next_firmware": None}, "no newer firmware"),
        ({"state": "offline"}, "is offline"),
        ({"is_cucumber": False, "state": "splash_only"}, "no upgrade exists for it"),
        ({"upgrade_processing": True}, "being upgraded already"),
    ],
)
async def test_where_there_is_none_the_reason_is_said(stage: Stage, fields: dict[str, object], why: str) -> None:
    ana = await stage.link()
    await ready(stage)
    await stage.box(LOBBY, **fields)

    assert why in (await ana.type("/ct upgrade lobby ap-3")).text
    assert await calls(stage, "POST", PAYLOADS) == 0


async def test_other_firmware_since_the_question_is_not_installed(stage: Stage) -> None:
    ana = await stage.link()
    await ready(stage)
    await ana.type("/ct upgrade lobby ap-3")
    await stage.box(LOBBY, next_firmware="B_160401_01")

    assert "is B_160401_01 now" in (await ana.click("Upgrade Now", until="I did not do that")).text
    assert await calls(stage, "POST", PAYLOADS) == 0


async def test_a_lost_answer_is_one_call(stage: Stage) -> None:
    ana = await stage.link()
    await ready(stage)
    await lose_answer(stage, "POST", PAYLOADS)
    await ana.type("/ct upgrade lobby ap-3")

    await ana.click("Upgrade Now", until="may or may not have reached CT")

    assert await calls(stage, "POST", PAYLOADS) == 1


async def test_who_may_only_look_is_refused(stage: Stage) -> None:
    ana = await stage.link()
    await ready(stage)
    await demote(stage)
    await ana.type("/ct upgrade lobby ap-3")

    assert "Nothing was changed." in (await ana.click("Upgrade Now", until="CT refused")).text


async def test_a_missing_box_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ready(stage)
    await ana.type("/ct upgrade tonight")

    assert "tonight?" in (await ana.choose("lobby ap-3", "Lobby AP-3")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct upgrade lobby ap-3")).text


@given(
    st.integers(1_700_000_000, 1_900_000_000),
    st.sampled_from(["Europe/London", "Asia/Kathmandu", "Pacific/Auckland", "Nowhere/Else", "", None]),
)
def test_the_next_night_is_ahead_within_a_day(now: int, timezone: str | None) -> None:
    at = next_night(now, timezone)

    assert 0 < at - now <= 25 * 3600
    known = ZoneInfo(timezone) if timezone and not timezone.startswith("Nowhere") else UTC
    assert datetime.fromtimestamp(at, known).hour in {NIGHT, NIGHT + 1}  # where the clocks skip an hour
