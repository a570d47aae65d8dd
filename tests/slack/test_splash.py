"""Login pages: listed, switched off after one question, switched on at once."""

import re

import pytest

from bot.sandbox.ct.splash_pages import SPLASH_PAGES, SplashPage
from tests.slack.hotel import PATH, SLUG
from tests.slack.test_usage import charts
from tests.slack.upsets import calls, demote, lose_answer
from tests.stage import Stage

PAGES = f"{PATH}/splash_pages"


def guests(stage: Stage) -> SplashPage:
    """The page by which most guests log in."""
    practice = stage.ct.practice
    pages = practice.at(SPLASH_PAGES, practice.world.locations[SLUG])
    return next(page for page in pages if page.splash_name == "Harbour Hotel Guests")


async def test_login_pages_are_listed_with_how_guests_get_in(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct splash harbour hotel")

    assert "login pages at Harbour Hotel" in seen.text
    assert "● Harbour Hotel Guests — on · guests log in by Vouchers" in seen.text
    assert "canary" not in str(seen.raw)
    assert await stage.refusals() == []


async def test_how_often_guests_see_them_is_told_of_all_together_with_a_chart(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct splash harbour hotel")

    told = seen.text.splitlines()[1]
    assert re.match(r"Seen [\d,]+ times in the last 7 days, (\d+% (more|less) than|as) in the 7 days before\. ", told)
    assert told.endswith("CT counts them all together.")
    assert [chart["title"] for chart in charts(seen)] == ["Login page views"]
    assert "Harbour Hotel, last 7 days" in (await ana.click("All Numbers")).text
    assert await stage.refusals() == []


async def test_views_that_ct_keeps_for_its_dashboard_are_said_to_be_so_and_the_pages_are_there(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(metrics_auth="api_token_401")

    seen = await ana.type("/ct splash harbour hotel")

    assert "How often guests see them: CT gives these figures to its own dashboard only" in seen.text
    assert "● Harbour Hotel Guests — on" in seen.text
    assert charts(seen) == []


async def test_a_page_is_switched_off_after_one_question_and_on_at_once(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    await ana.type("/ct splash harbour hotel")
    asked = await ana.menu("Harbour Hotel Guests", "Switch Off…")
    assert asked.text.startswith("Switch off the login page Harbour Hotel Guests at Harbour Hotel?")
    assert "1 other login page is on at this location." in asked.text
    assert guests(stage).active
    await ana.click("Switch Off", until="is off: guests do not see it any more.")

    assert not guests(stage).active
    await lee.sees("@ana switched off the login page Harbour Hotel Guests")
    await ana.click("Switch On Again", until="is on: guests can log in by it.")
    assert guests(stage).active
    assert await calls(stage, "PATCH", PATH) == 2
    assert await stage.refusals() == []


async def test_what_is_missing_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()

    await ana.type("/ct splash off")
    await ana.choose("harbour hotel", "Harbour Hotel", until="Which login page at Harbour Hotel?")
    asked = await ana.choose("guests", "Harbour Hotel Guests", until="Switch off the login page")

    assert "Switch Off" in asked.buttons
    assert await stage.refusals() == []


@pytest.mark.parametrize(("typed", "said"), [("zebra", "No login page at"), ("harbour", "login pages at")])
async def test_a_name_that_matches_none_or_several_asks_which(stage: Stage, typed: str, said: str) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct splash on {typed} in harbour hotel")

    assert said in seen.text
    assert "Which one?" in seen.text


async def test_a_page_that_is_on_already_is_left_alone(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct splash on guests in harbour hotel")

    assert "Harbour Hotel Guests is on already." in seen.text
    assert await calls(stage, "PATCH", PATH) == 0


async def test_a_lost_answer_is_looked_into_and_not_repeated(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct splash off guests in harbour hotel")
    await lose_answer(stage, "PATCH", PAGES)

    await ana.click("Switch Off", until="The connection broke after I sent it")
    await ana.sees("is off: guests do not see it any more.", channel="app", timeout=15)

    assert await calls(stage, "PATCH", PATH) == 1


async def test_ct_s_refusals_are_told(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct splash off guests in harbour hotel")
    await demote(stage)

    assert "CT refused" in (await ana.click("Switch Off", until="Nothing was changed.")).text
    assert "I need your CT account" in (await stage.person("lee").type("/ct splash harbour hotel")).text
