"""New firmware: only where CT has some for the box, now or at two in the night where it is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import lost_answers
from bot.slack.commands import upgrade
from bot.slack.commands.upgrade import NIGHT, next_night
from tests.slack.upsets import (
    FOLLOWED,
    at_ct,
    begun,
    calls,
    demote,
    end_job,
    hide_records,
    lines_about,
    lose_answer,
    lose_request,
)
from tests.stage import LOBBY, Stage

PAYLOADS = "/api/v1/locations/"
NEWER, OLDER = "B_160301_01", "B_160201_01"
DONE = f"Lobby AP-3 has {NEWER} now, and is online again. It had {OLDER} before."


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade, "LOOK_AGAIN", 0.1)
    monkeypatch.setattr(upgrade, "SETTLE", 1.2)
    monkeypatch.setattr(lost_answers, "LOOK_AGAIN", 0.1)


async def ready(stage: Stage, *, seconds: float = 1.6) -> None:
    """CT has newer firmware for the box."""
    await stage.box(LOBBY, v="4", firmware_version=OLDER, next_firmware=NEWER)
    await stage.turn(upgrade_seconds=seconds)


async def test_an_upgrade_is_asked_once_followed_to_its_end_and_told_to_the_channel(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ready(stage, seconds=60)

    asked = await ana.type("/ct upgrade lobby ap-3 because guests cannot log in")

    assert asked.text.startswith(f"Upgrade Lobby AP-3 to {NEWER}?\n14 people are on it now.")
    assert asked.buttons == ["Upgrade Now", "Leave It As It Is", "Tonight…"]
    assert await calls(stage, "POST", PAYLOADS) == 0

    await ana.click("Upgrade Now", until=FOLLOWED)

    started = f"@ana started the upgrade of Lobby AP-3 to {NEWER}, which takes its Wi-Fi away for some minutes"
    await lee.sees(f"{started} — guests cannot log in")
    assert (await at_ct(stage))["upgrade_processing"] is True

    end_job(stage)
    told = await ana.sees(DONE, channel="app")

    assert told.buttons == ["Look"]
    await lee.sees(f"@ana upgraded Lobby AP-3 to {NEWER}: it is online again — guests cannot log in")
    assert len(await lines_about(lee)) == 1
    assert await calls(stage, "POST", PAYLOADS) == 1
    assert await stage.refusals() == []


async def test_an_upgrade_that_left_the_old_firmware_is_told_as_failed_with_what_was_seen(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ready(stage)
    await stage.turn(upgrade="fails")
    await ana.type("/ct upgrade lobby ap-3")

    await ana.click("Upgrade Now", until=FOLLOWED)
    told = await ana.sees("CT took it for Lobby AP-3, but it did not work. CT's record of it says so", channel="app")

    assert f"with the firmware {OLDER}." in told.text
    assert told.buttons == ["Ask Again"]
    await lee.sees("It did not work. CT's record of it says so")
    assert len(await lines_about(lee)) == 1
    assert "Firmware upgrade — it did not work" in (await ana.type("/ct history lobby ap-3")).text
    assert await stage.refusals() == []


async def test_where_ct_shows_no_record_the_old_firmware_is_told_as_failed_once_the_box_reported_since(
    stage: Stage,
) -> None:
    await hide_records(stage)
    ana = await stage.link()
    await ready(stage, seconds=60)
    await stage.turn(upgrade="fails")
    await ana.type("/ct upgrade lobby ap-3")

    await ana.click("Upgrade Now", until=FOLLOWED)
    await begun(stage)
    end_job(stage)
    told = await ana.sees("it did not work. It is over, and CT says “online”", channel="app")

    assert f"with the firmware {OLDER}." in told.text


async def test_a_version_that_the_box_reports_late_is_waited_for(stage: Stage) -> None:
    await hide_records(stage)
    ana = await stage.link()
    await ready(stage)
    await stage.turn(upgrade="late_version")
    await ana.type("/ct upgrade lobby ap-3")

    await ana.click("Upgrade Now", until=FOLLOWED)

    assert (await ana.sees("Lobby AP-3", channel="app")).text.startswith(DONE)


@pytest.mark.parametrize(("way", "word"), [("never_back", "offline"), ("never_ends", "upgrading")])
async def test_a_box_that_does_not_come_back_is_told_of_in_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, way: str, word: str
) -> None:
    monkeypatch.setattr(upgrade, "PATIENCE", 2.0)
    ana, lee = await stage.link(), stage.person("lee")
    await ready(stage)
    await stage.turn(upgrade=way)
    await ana.type("/ct upgrade lobby ap-3")

    await ana.click("Upgrade Now", until=FOLLOWED)
    told = await ana.sees("CT took it for Lobby AP-3, but I could not see how it ended.", channel="app")

    assert f"CT says “{word}” and last heard from it" in told.text
    assert "Look at the box before you try once more." in told.text
    await lee.sees("I could not see how it ended. After")
    assert await calls(stage, "POST", PAYLOADS) == 1


async def test_tonight_is_planned_for_two_in_the_night(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ready(stage)
    await ana.type("/ct upgrade lobby ap-3")
    await ana.click("Tonight…", until="tonight?")

    await ana.click("Upgrade Tonight", until="CT planned the upgrade")

    await lee.sees(f"@ana planned the upgrade of Lobby AP-3 to {NEWER} for")
    planned = (await at_ct(stage))["upgrade_scheduled"]
    assert isinstance(planned, dict)
    assert datetime.fromtimestamp(planned["when"], ZoneInfo(str((await at_ct(stage))["timezone"]))).hour == NIGHT
    assert await stage.refusals() == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"v": "3"}, "of generation 3"),
        ({"next_firmware": None}, "no newer firmware"),
        ({"next_firmware": OLDER}, "no newer firmware"),
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


async def test_a_lost_answer_is_one_call_and_leads_into_the_same_following(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ready(stage)
    await lose_answer(stage, "POST", PAYLOADS)
    await ana.type("/ct upgrade lobby ap-3")

    going = await ana.click("Upgrade Now", until="may or may not have reached CT")
    await lee.never_sees("@ana started")
    await ana.sees(DONE, channel="app")

    assert "I will not send it again; I look how it goes, and tell you." in going.text
    await lee.sees(f"@ana upgraded Lobby AP-3 to {NEWER}: it is online again")
    assert await calls(stage, "POST", PAYLOADS) == 1


async def test_an_upgrade_that_never_reached_ct_ends_as_unknown_in_words_and_is_not_sent_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "NO_SIGN", 0.3)
    ana = await stage.link()
    await ready(stage)
    await lose_request(stage, "POST", PAYLOADS)
    await ana.type("/ct upgrade lobby ap-3")

    await ana.click("Upgrade Now", until="may or may not have reached CT")
    told = await ana.sees("CT shows no sign of it", channel="app")

    assert "The connection broke after I sent it" in told.text
    assert f"with the firmware {OLDER}." in told.text
    assert await calls(stage, "POST", PAYLOADS) == 1


async def test_a_plan_whose_answer_was_lost_is_done_when_ct_shows_it(stage: Stage) -> None:
    ana = await stage.link()
    await ready(stage)
    await lose_answer(stage, "POST", PAYLOADS)
    await ana.type("/ct upgrade lobby ap-3 tonight")

    await ana.click("Upgrade Tonight", until="may or may not have reached CT")
    await ana.sees("CT planned the upgrade of Lobby AP-3", channel="app")

    assert await calls(stage, "POST", PAYLOADS) == 1


async def test_a_plan_that_never_reached_ct_is_not_claimed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_answers, "PATIENCE", 0.3)
    ana = await stage.link()
    await ready(stage)
    await lose_request(stage, "POST", PAYLOADS)
    await ana.type("/ct upgrade lobby ap-3 tonight")

    await ana.click("Upgrade Tonight", until="may or may not have reached CT")
    await ana.sees("CT does not show it as planned for that time.", channel="app")

    assert await calls(stage, "POST", PAYLOADS) == 1


async def test_what_is_planned_for_tonight_already_is_not_planned_again(stage: Stage) -> None:
    ana, kim = await stage.link(), await stage.link("kim")
    await ready(stage)
    await ana.type("/ct upgrade lobby ap-3 tonight")
    await kim.type("/ct upgrade lobby ap-3 tonight")
    await kim.click("Upgrade Tonight", until="CT planned")

    await ana.click("Upgrade Tonight", until="is planned for that time already")

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
