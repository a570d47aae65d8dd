"""Resync and reset: who is on the box is said before, the wrong moment is refused, nothing is sent twice."""

import re

import pytest

from bot.sandbox.slack.looking import NotSeenError
from bot.slack.commands import resync
from tests.slack.upsets import (
    BOX,
    FOLLOWED,
    at_ct,
    calls,
    demote,
    end_job,
    hide_records,
    lines_about,
    lose_answer,
    lose_request,
)
from tests.stage import LOBBY, Stage

DONE = "Lobby AP-3 is through with the resync: CT heard from it"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "LOOK_AGAIN", 0.1)


async def test_a_resync_is_asked_once_followed_to_its_end_and_told_to_the_channel(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    asked = await ana.type("/ct resync lobby ap-3 because its config is stale")

    assert asked.text.startswith("Resync Lobby AP-3 at Café Nord?\n14 people are on it now.")
    assert await calls(stage, "PATCH", BOX) == 0

    await stage.turn(reboot_seconds=60)
    await ana.click("Resync", until=FOLLOWED)

    await lee.sees(
        "@ana started a resync of Lobby AP-3, by which CT sends it its configuration again — its config is stale"
    )
    assert (await at_ct(stage))["state"] == "processing"

    end_job(stage)
    told = await ana.sees(DONE, channel="app")

    assert re.match(rf"{DONE} (\d+ s after it|since), and shows it online\.", told.text)
    assert told.buttons == ["Look"]
    await lee.sees("@ana resynced Lobby AP-3: it is online — its config is stale")
    assert len(await lines_about(lee)) == 1
    assert await calls(stage, "PATCH", BOX) == 1
    assert await stage.refusals() == []


async def test_a_resync_during_which_ct_says_online_is_not_told_as_done_before_its_record_says_so(
    stage: Stage,
) -> None:
    ana = await stage.link()
    await stage.turn(resync="unmarked", reboot_seconds=60)
    await ana.type("/ct resync lobby ap-3")

    await ana.click("Resync", until=FOLLOWED)
    await ana.never_sees(DONE, during=1.8)
    end_job(stage)

    await ana.sees(DONE, channel="app")


async def test_where_ct_shows_no_record_a_resync_is_done_when_the_box_is_free_and_was_heard(stage: Stage) -> None:
    await hide_records(stage)
    ana = await stage.link()
    await ana.type("/ct resync lobby ap-3")

    await ana.click("Resync", until=FOLLOWED)

    await ana.sees(DONE, channel="app")


async def test_a_resync_that_ct_calls_failed_is_told_so(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await stage.turn(resync="fails")
    await ana.type("/ct resync lobby ap-3")

    await ana.click("Resync", until=FOLLOWED)
    told = await ana.sees("CT took it for Lobby AP-3, but it did not work.", channel="app")

    assert "CT's record of the job says so; CT says “online”" in told.text
    assert told.buttons == ["Ask Again"]
    await lee.sees("It did not work. CT's record of the job says so")
    assert len(await lines_about(lee)) == 1


@pytest.mark.parametrize(("way", "word"), [("never_back", "offline"), ("never_ends", "processing")])
async def test_a_resync_without_an_end_is_not_waited_for_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, way: str, word: str
) -> None:
    monkeypatch.setattr(resync, "PATIENCE", 1.2)
    ana, lee = await stage.link(), stage.person("lee")
    await stage.turn(resync=way)
    await ana.type("/ct resync lobby ap-3")

    await ana.click("Resync", until=FOLLOWED)
    told = await ana.sees("CT took it for Lobby AP-3, but I could not see how it ended.", channel="app")

    assert f"CT says “{word}” and last heard from it" in told.text
    assert "Look at the box before you try once more." in told.text
    await lee.sees("I could not see how it ended. After")
    assert await calls(stage, "PATCH", BOX) == 1


async def test_a_resync_whose_answer_was_lost_is_one_call_and_followed_likewise(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await lose_answer(stage, "PATCH", BOX)
    await ana.type("/ct resync lobby ap-3")

    going = await ana.click("Resync", until="may or may not have reached CT")
    await ana.sees(DONE, channel="app")

    assert "I will not send it again; I look how it goes, and tell you." in going.text
    await lee.sees("@ana resynced Lobby AP-3: it is online")
    assert await calls(stage, "PATCH", BOX) == 1


async def test_a_resync_that_never_reached_ct_is_not_claimed_though_the_box_is_heard(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it mistaken for the one before."""
    monkeypatch.setattr(resync, "NO_SIGN", 2.0)
    ana, lee = await stage.link(), stage.person("lee")
    await ana.type("/ct resync lobby ap-3")
    await ana.click("Resync", until=FOLLOWED)
    await ana.sees(DONE, channel="app")
    await lose_request(stage, "PATCH", BOX)
    await ana.type("/ct resync lobby ap-3")

    await ana.click("Resync", until="may or may not have reached CT")
    told = await ana.sees("CT shows no sign of it", channel="app")

    assert "The connection broke after I sent it" in told.text
    assert len(await lines_about(lee)) == 1
    assert await calls(stage, "PATCH", BOX) == 2


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"state": "offline"}, "is offline"),
        ({"state": "new"}, "still being set up"),
        ({"state": "processing"}, "is busy"),
        ({"is_cucumber": False, "state": "splash_only"}, "no resync exists for it"),
    ],
)
async def test_a_resync_at_the_wrong_moment_is_refused_with_the_reason(
    stage: Stage, fields: dict[str, object], why: str
) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, **fields)

    assert why in (await ana.type("/ct resync lobby ap-3")).text
    assert await calls(stage, "PATCH", BOX) == 0


async def test_a_box_that_went_offline_since_the_question_is_not_resynced(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct resync lobby ap-3")
    await stage.box(LOBBY, state="offline")

    assert "is offline" in (await ana.click("Resync", until="I did not do that")).text
    assert await calls(stage, "PATCH", BOX) == 0


async def test_a_reset_wants_the_name_typed(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    asked = await ana.type("/ct reset lobby ap-3 because a resync did not help")

    assert asked.text.startswith("Reset Lobby AP-3 at Café Nord?\n14 people are on it now.")
    assert "A resync comes first" in asked.text

    await ana.click("Reset…")
    with pytest.raises(NotSeenError, match="That is not its name"):
        await ana.submit({"name": "lobby"})

    assert await calls(stage, "PATCH", BOX) == 0

    await ana.submit({"name": "lobby ap-3"})

    await ana.sees("CT took the reset of Lobby AP-3")
    await lee.sees("@ana reset Lobby AP-3: CT sets it up anew — a resync did not help")
    assert await calls(stage, "PATCH", BOX) == 1
    assert await stage.refusals() == []


async def test_a_reset_of_an_offline_box_says_that_it_waits(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, state="offline")

    assert "at its next start" in (await ana.type("/ct reset lobby ap-3")).text

    await ana.click("Reset…")
    await ana.submit({"name": "Lobby AP-3"})

    await ana.sees("It does so at its next start.")


async def test_a_reset_whose_answer_is_lost_is_one_call(stage: Stage) -> None:
    ana = await stage.link()
    await lose_answer(stage, "PATCH", BOX)
    await ana.type("/ct reset lobby ap-3")
    await ana.click("Reset…")

    await ana.submit({"name": "Lobby AP-3"})
    await ana.sees("may or may not have reached CT")

    assert await calls(stage, "PATCH", BOX) == 1


async def test_who_may_only_look_is_told_that_nothing_was_changed(stage: Stage) -> None:
    ana = await stage.link()
    await demote(stage)
    await ana.type("/ct resync lobby ap-3")

    assert "Nothing was changed." in (await ana.click("Resync", until="CT refused")).text


async def test_a_reset_asked_for_at_the_box_is_withdrawn(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await stage.box(LOBBY, reset_confirmation=True)

    await ana.type("/ct reset cancel lobby ap-3", until="is withdrawn")

    await lee.sees("@ana withdrew the reset that was asked for at Lobby AP-3")
    assert (await at_ct(stage))["reset_confirmation"] is False
    assert "Nobody asked for a reset" in (await ana.type("/ct reset cancel lobby ap-3")).text
    assert await calls(stage, "PATCH", BOX) == 1


@pytest.mark.parametrize("typed", ["resync", "reset", "reset cancel"])
async def test_a_missing_box_is_asked_for(stage: Stage, typed: str) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, reset_confirmation=True)
    await ana.type(f"/ct {typed}")

    assert "Lobby AP-3" in (await ana.choose("lobby ap-3", "Lobby AP-3")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct reset lobby ap-3")).text
