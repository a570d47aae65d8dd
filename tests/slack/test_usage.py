"""`/ct usage`: the key numbers in words, charts below, and in words too what CT keeps to itself."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct import Location, Series
from bot.services.figures import stepped, zone_of
from bot.slack.charts import bars
from bot.slack.views.figures import amount
from tests.stage import Stage


def charts(seen: Any) -> list[dict[str, Any]]:
    return [block for block in seen.raw["blocks"] if block["type"] == "data_visualization"]


async def test_the_use_of_a_location_is_told_in_words_above_its_charts(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct usage café nord")

    first, second = seen.text.splitlines()[:2]
    assert first == "Usage of Café Nord, last 24 hours"
    assert "people at most (" in second
    assert "online now" in second
    assert "GB of traffic" in second
    assert [chart["title"] for chart in charts(seen)] == ["People", "Traffic"]
    assert all(11 <= len(chart["chart"]["axis_config"]["categories"]) <= 13 for chart in charts(seen))
    assert seen.buttons == ["7 Days", "30 Days", "Look at Café Nord", "Share Here"]
    assert seen.ephemeral
    assert await stage.refusals() == []


async def test_the_use_of_a_box_has_its_heartbeats(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct usage lobby ap-3")

    assert "Heartbeats: Last 24 h  ▇" in seen.text
    assert await stage.refusals() == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [("7d", "last 7 days"), ("for a week", "last 7 days"), ("for 30 days", "last 30 days"), ("30D", "last 30 days")],
)
async def test_longer_periods_are_typed_or_pressed(stage: Stage, typed: str, told: str) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct usage café nord {typed}")
    day = await ana.click("24 Hours")

    assert told in seen.text
    assert len(charts(seen)) == 2
    assert "last 24 hours" in day.text
    assert await stage.refusals() == []


async def test_another_period_is_answered_with_those_that_there_are(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct usage café nord for 3 days")

    assert "I can show 24h, 7d or 30d, not “3 days”." in seen.text


async def test_a_slack_without_charts_shows_bars_of_text(stage: Stage) -> None:
    ana = await stage.link()
    await stage.workspace.fault("response_url", status=400, error="invalid_blocks")

    seen = await ana.type("/ct usage café nord")

    assert charts(seen) == []
    assert re.search(r"People  [▁▂▃▄▅▆▇]{11,13}  \d\d:00 to now, at most \d+", seen.text)
    assert "people at most" in seen.text


async def test_a_plan_that_ends_earlier_is_told_in_ct_s_own_words(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(plan="free")

    seen = await ana.type("/ct usage café nord for 30d")

    assert "People and traffic: Please upgrade your plan to see more than the last 7 days." in seen.text
    assert charts(seen) == []


@pytest.mark.parametrize("word", ["api_token_401", "api_token_403"])
async def test_figures_for_the_dashboard_s_own_token_only_are_said_to_be_so(stage: Stage, word: str) -> None:
    ana = await stage.link()
    await stage.turn(metrics_auth=word)

    seen = await ana.type("/ct usage lobby ap-3")
    still_linked = await ana.type("/ct whoami")

    told = "own dashboard only" if word.endswith("401") else "People and traffic: "
    assert told in seen.text
    assert "14 people online now" in seen.text
    assert "Heartbeats: " in seen.text
    assert "ana@venues.example" in still_linked.text


async def test_usage_is_shared_as_it_is_shown(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct usage café nord")

    await ana.click("Share Here")

    seen = await stage.person("lee").sees("Usage of Café Nord")
    assert len(charts(seen)) == 2


async def test_what_is_missing_or_unknown_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()

    missing = await ana.type("/ct usage for 7d")
    picked = await ana.choose("café nord", "Café Nord")
    unknown = await ana.type("/ct usage atlantis")

    assert "Which box or location?" in missing.text
    assert "Usage of Café Nord, last 7 days" in picked.text
    assert "No box or location matches atlantis." in unknown.text


points = st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 1e12)), max_size=50)


@given(points)
def test_no_traffic_is_lost_between_the_steps(measured: list[tuple[int, float]]) -> None:
    found = stepped([Series(name="x", points=tuple(measured))], 1_000, 9_000, 700, sum)

    inside = sum(value for at, value in measured if 1_000 <= at < 9_000)
    assert sum(value for _, value in found) == pytest.approx(inside)
    assert all(at % 700 == 0 for at, _ in found)
    assert found == sorted(found)


@given(st.lists(st.floats(0, 1e15), max_size=30))
def test_a_bar_has_a_sign_for_each_value_and_the_highest_for_the_most(values: list[float]) -> None:
    drawn = bars(values)

    assert len(drawn) == len(values)
    assert not any(values) or drawn[values.index(max(values))] == "▇"


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 bytes"), (1500, "1.5 kB"), (12_400_000_000, "12.4 GB"), (345_600_000, "346 MB")]
)
def test_amounts_are_read_at_a_glance(number: float, words: str) -> None:
    assert amount(number) == words


def test_a_day_begins_at_midnight_of_the_place() -> None:
    tokyo = Location(id="1", slug="a", name="A", timezone="Asia/Tokyo")
    nowhere = Location(id="1", slug="a", name="A", timezone="../etc/passwd")
    midnight = 1_800_025_200  # 2027-01-16 00:00 in Tokyo
    found = stepped(
        [Series(name="x", points=((midnight - 1, 1), (midnight, 2)))], 0, 2 * midnight, 86_400, sum, offset=32_400
    )

    assert found == [(midnight - 86_400, 1), (midnight, 2)]
    assert str(zone_of(tokyo)) == "Asia/Tokyo"
    assert str(zone_of(nowhere)) == "UTC"
