"""Resync and reset: who is on the box is said before, the wrong moment is refused, nothing is sent twice."""

import pytest

from bot.sandbox.slack.looking import NotSeenError
from tests.slack.upsets import BOX, at_ct, calls, demote, lose_answer
from tests.stage import LOBBY, Stage


async def test_a_resync_is_asked_once_and_told_to_the_channel(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    asked = await ana.type("/ct resync lobby ap-3 because its config is stale")

    assert asked.text.startswith("Resync Lobby AP-3 at Café Nord?\n14 people are on it now.")
    assert await calls(stage, "PATCH", BOX) == 0

    await ana.click("Resync", until="CT took the resync")

    await lee.sees("@ana resynced Lobby AP-3: CT sends it its configuration again — its config is stale")
    assert await calls(stage, "PATCH", BOX) == 1
    assert await stage.refusals() == []


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
