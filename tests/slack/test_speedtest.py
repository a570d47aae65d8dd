"""`/ct speedtest`: asked once, sent once, followed to its result."""

import pytest

from bot.slack.commands import speedtest
from tests.stage import LOBBY, Stage

ROUTE = f"/api/v1/boxes/{LOBBY}/speedtests"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speedtest, "LOOK_AGAIN", 0.2)


async def ready(stage: Stage) -> None:
    await stage.box(LOBBY, v="3")
    await stage.turn(speedtest_seconds=0.6)


async def starts(stage: Stage) -> int:
    log = (await stage.control.get("/_practice/log")).json()
    return sum(row["method"] == "POST" and row["path"] == ROUTE for row in log["rows"])


async def test_a_speed_test_is_asked_for_then_run_then_told(stage: Stage) -> None:
    await ready(stage)
    ana = await stage.link()

    asked = await ana.type("/ct speedtest lobby ap-3")
    await ana.click("Run Speed Test", wait=False)
    going = await ana.sees("I send you the result.")
    told = await ana.sees("Mb/s", channel="app")
    again = await ana.type("/ct speedtest lobby ap-3")
    health = await ana.type("/ct box health lobby ap-3")

    assert "14 people online there may notice." in asked.text
    assert "No test before." in asked.text
    assert "Measuring Lobby AP-3" in going.text
    assert told.text.startswith("Lobby AP-3: ")
    assert "Last speed test: " in again.text
    assert "Last speed test: " in health.text
    assert "Speed Test…" in health.buttons
    assert await starts(stage) == 1
    assert await stage.refusals() == []


async def test_a_box_of_another_generation_has_none(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, v="4")

    seen = await ana.type("/ct speedtest lobby ap-3")

    assert "CT measures only boxes of generation 3; Lobby AP-3 is of generation 4." in seen.text


async def test_what_no_longer_holds_at_the_click_sends_nothing(stage: Stage) -> None:
    await ready(stage)
    ana = await stage.link()
    await ana.type("/ct speedtest lobby ap-3")
    await stage.box(LOBBY, v="4")

    seen = await ana.click("Run Speed Test")

    assert "CT measures only boxes of generation 3" in seen.text
    assert await starts(stage) == 0


@pytest.mark.parametrize("creation", ["dropped", "lost_answer"])
async def test_a_lost_answer_is_looked_into_and_never_sent_again(stage: Stage, creation: str) -> None:
    await ready(stage)
    fault = {"kind": "status", "prefix": ROUTE, "method": "POST", "status": 500, "after": True}
    if creation == "dropped":
        fault = {"kind": "drop", "prefix": ROUTE, "method": "POST", "after": True}
    ana = await stage.link()
    await ana.type("/ct speedtest lobby ap-3")
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()

    await ana.click("Run Speed Test", wait=False)
    told = await ana.sees("Mb/s", channel="app")

    assert told.text.startswith("Lobby AP-3: ")
    assert await starts(stage) == 1


async def test_a_test_without_a_result_is_not_waited_for_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speedtest, "PATIENCE", 0.5)
    await ready(stage)
    await stage.turn(speedtest_seconds=60)
    ana = await stage.link()
    await ana.type("/ct speedtest lobby ap-3")

    await ana.click("Run Speed Test", wait=False)
    told = await ana.sees("CT shows no result after", channel="app")

    assert told.text.startswith("CT took it for Lobby AP-3, but I could not see how it ended.")


async def test_ct_s_refusal_is_told_and_can_be_asked_again(stage: Stage) -> None:
    await ready(stage)
    ana = await stage.link()
    await ana.type("/ct speedtest lobby ap-3")
    fault = {"kind": "status", "prefix": ROUTE, "method": "POST", "status": 403}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()

    seen = await ana.click("Run Speed Test")

    assert "CT refused: Practice fault 403." in seen.text
    assert "Ask Again" in seen.buttons


async def test_a_missing_box_is_asked_for_and_the_unlinked_are_asked_to_connect(stage: Stage) -> None:
    unlinked = await stage.person("lee").type("/ct speedtest lobby ap-3")
    ana = await stage.link()

    asked = await ana.type("/ct speedtest")

    assert "Connect CT" in unlinked.buttons
    assert "Which box?" in asked.text
