"""Muting: it ends by itself, the channel sees who did it, and it can be ended before."""

import pytest

from bot.services.changes import KIND
from bot.slack.commands import mute
from bot.stores.due import DueQueue
from tests.slack.upsets import lose_answer
from tests.stage import LOBBY, Stage

BOX = f"PATCH /api/v1/boxes/{LOBBY}"


async def ignored(stage: Stage) -> bool:
    """Whether the practice CT has the box muted."""
    return bool((await stage.control.get(f"/_practice/boxes/{LOBBY}")).json()["ignored"])


async def test_a_mute_is_told_to_the_channel_and_can_be_ended(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    mine = await ana.type("/ct mute lobby ap-3 for 3h because it is being replaced", until="You muted")

    assert mine.ephemeral
    assert mine.text.startswith("You muted Lobby AP-3 for 3 h. CT sends no alerts of it until then")
    assert "@ana muted Lobby AP-3 for 3 h — it is being replaced" in (await lee.sees("muted Lobby AP-3")).text
    assert await ignored(stage)

    await ana.click("Unmute Now", until="no longer muted")

    assert not await ignored(stage)
    await lee.sees("@ana unmuted Lobby AP-3")
    assert await stage.refusals() == []


async def test_a_mute_ends_by_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await stage.link()
    monkeypatch.setattr(mute, "LEAST", 1)
    monkeypatch.setattr(mute, "USUAL", 1)

    await ana.type("/ct mute lobby ap-3", until="You muted")
    over = await ana.sees("The time is over: Lobby AP-3 is as it was before.", timeout=10, channel="app")

    assert not over.ephemeral
    assert not await ignored(stage)
    assert (await stage.counts())["routes"][BOX] == 2


async def test_a_longer_mute_is_not_ended_by_a_shorter_one_before_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await stage.link()
    monkeypatch.setattr(mute, "LEAST", 1)
    monkeypatch.setattr(mute, "USUAL", 1)

    await ana.type("/ct mute lobby ap-3", until="You muted")
    await ana.type("/ct mute lobby ap-3 for 2h", until="for 2 h")
    await ana.never_sees("The time is over", during=2.5)

    assert await ignored(stage)


async def test_after_unmuting_nothing_more_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await stage.link()
    monkeypatch.setattr(mute, "USUAL", 2)

    await ana.type("/ct mute lobby ap-3", until="You muted")
    await ana.click("Unmute Now", until="no longer muted")
    await ana.never_sees("The time is over", during=3)

    assert (await stage.counts())["routes"][BOX] == 2


async def test_a_mute_whose_replica_died_before_it_had_told_is_told_by_another_and_ends_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await stage.link()
    monkeypatch.setattr(mute, "USUAL", 2)
    await ana.type("/ct mute lobby ap-3", until="You muted")
    (key,) = await stage.keys("ct:op:*")
    op_id = key[len("ct:op:{") : -1]
    await DueQueue(stage.redis).add(KIND, op_id, op_id.encode(), delay=0)  # as it stands until somebody was told

    told = await ana.sees("You muted Lobby AP-3", timeout=10, channel="app")
    over = await ana.sees("The time is over", timeout=10, channel="app")

    assert not told.ephemeral
    assert "as it was before" in over.text
    assert (await stage.counts())["routes"][BOX] == 2


async def test_a_mute_whose_answer_was_lost_is_found_told_and_still_ends_by_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    monkeypatch.setattr(mute, "USUAL", 2)
    await lose_answer(stage, "PATCH", f"/api/v1/boxes/{LOBBY}")

    first = await ana.type("/ct mute lobby ap-3", until="The connection broke after I sent it")
    told = await ana.sees("You muted Lobby AP-3", channel="app")
    await lee.sees("@ana muted Lobby AP-3")
    await ana.sees("The time is over", channel="app")

    assert first.ephemeral
    assert not told.ephemeral
    assert not await ignored(stage)
    assert (await stage.counts())["routes"][BOX] == 2


async def test_an_unmute_whose_answer_was_lost_calls_the_end_off(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await stage.link()
    monkeypatch.setattr(mute, "USUAL", 3)
    await ana.type("/ct mute lobby ap-3", until="You muted")
    await lose_answer(stage, "PATCH", f"/api/v1/boxes/{LOBBY}")
    await ana.click("Unmute Now", until="The connection broke")
    await ana.sees("is no longer muted", channel="app")
    await ana.never_sees("The time is over", during=3)

    assert (await stage.counts())["routes"][BOX] == 2


async def test_a_refusal_without_a_word_is_said_to_be_one(stage: Stage) -> None:
    ana = await stage.link()
    fault = {"kind": "status", "status": 422, "method": "PATCH", "prefix": f"/api/v1/boxes/{LOBBY}", "body": ""}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()

    assert (await ana.type("/ct mute lobby ap-3")).text.startswith("CT refused: it did not say why.")


async def test_without_a_time_a_mute_lasts_two_hours(stage: Stage) -> None:
    ana = await stage.link()

    assert "for 2 h" in (await ana.type("/ct mute lobby ap-3", until="You muted")).text


async def test_a_time_that_cannot_be_read_changes_nothing(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct mute lobby ap-3 for a while")

    assert "I can't read “a while” as a length of time." in seen.text
    assert BOX not in (await stage.counts())["routes"]


async def test_a_missing_box_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct mute for 1h")

    assert "for 1 h" in (await ana.choose("lobby ap-3", "Lobby AP-3", until="You muted")).text


async def test_a_lost_answer_is_one_call_and_is_said_to_be_lost(stage: Stage) -> None:
    ana = await stage.link()
    fault = {"kind": "drop", "prefix": f"/api/v1/boxes/{LOBBY}", "method": "PATCH", "after": True}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()

    seen = await ana.type("/ct mute lobby ap-3", until="may or may not")

    assert seen.ephemeral
    assert (await stage.counts())["routes"][BOX] == 1


async def test_a_role_that_may_not_change_is_told_so(stage: Stage) -> None:
    ana = await stage.link()
    (await stage.control.patch("/_practice/people/ana@venues.example", json={"role_id": 140})).raise_for_status()

    seen = await ana.type("/ct mute lobby ap-3", until="CT refused")

    assert "Nothing was changed." in seen.text
    assert not await ignored(stage)


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct mute lobby ap-3")).text
