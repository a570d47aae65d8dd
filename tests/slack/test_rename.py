"""Calling a box something else: typed or in a form, told to the channel, and easily undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.commands.rename import LONGEST, RenameArgs
from bot.slack.grammar import compose, parse, tidy
from tests.slack.upsets import BOX, at_ct, calls, demote, lose_answer
from tests.stage import Stage


async def test_a_typed_name_is_taken_at_once_and_can_be_taken_back(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    await ana.type("/ct rename lobby ap-3 to Lobby door", until="is called Lobby door now")

    await lee.sees("@ana renamed Lobby AP-3 to Lobby door")
    assert (await at_ct(stage))["description"] == "Lobby door"

    await ana.click("Rename It Back", until="is called Lobby AP-3 now")

    assert (await at_ct(stage))["description"] == "Lobby AP-3"
    assert await stage.refusals() == []


async def test_without_a_name_a_form_shows_the_present_one(stage: Stage) -> None:
    ana = await stage.link()

    form = await ana.type("/ct rename lobby ap-3")
    assert "Lobby AP-3" in str(form.raw)

    await ana.submit({"description": "Lobby door"})
    await ana.sees("is called Lobby door now")


async def test_a_name_that_is_taken_is_said_in_cts_words(stage: Stage) -> None:
    ana = await stage.link()
    here = (await at_ct(stage))["location_slug"]
    boxes = stage.ct.practice.world.boxes.values()
    taken = next(box.description for box in boxes if box.location_slug == here and box.description != "Lobby AP-3")

    seen = await ana.type(f"/ct rename lobby ap-3 to {taken}", until="CT refused")

    assert "taken" in seen.text
    assert "Nothing was changed." in seen.text


async def test_a_name_that_is_too_short_is_not_sent(stage: Stage) -> None:
    ana = await stage.link()

    assert "Give 5 to 100 characters." in (await ana.type("/ct rename lobby ap-3 to bar")).text
    assert await calls(stage, "PATCH", BOX) == 0


async def test_a_lost_answer_is_one_call_and_is_looked_into(stage: Stage) -> None:
    ana = await stage.link()
    await lose_answer(stage, "PATCH", BOX)

    await ana.type("/ct rename lobby ap-3 to Lobby door", until="may or may not have reached CT")
    await ana.sees("is called Lobby door now", channel="app", timeout=10)

    assert await calls(stage, "PATCH", BOX) == 1


async def test_who_may_only_look_is_refused(stage: Stage) -> None:
    ana = await stage.link()
    await demote(stage)

    assert "Nothing was changed." in (await ana.type("/ct rename lobby ap-3 to Lobby door", until="CT refused")).text


async def test_a_missing_box_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct rename to Lobby door")

    await ana.choose("lobby ap-3", "Lobby AP-3", until="is called Lobby door now")


@pytest.mark.parametrize("typed", ["lobby ap-3 to Lobby door", '"room to let" to Lobby door'])
def test_the_typed_form_is_read(typed: str) -> None:
    assert parse(RenameArgs, typed, typed="/ct rename").name == "Lobby door"


@given(st.from_regex(r"[a-z0-9]{1,12}-[0-9a-f]{6}", fullmatch=True), st.text(min_size=5, max_size=LONGEST).map(tidy))
def test_a_button_that_renames_says_what_was_meant(slug: str, name: str) -> None:
    if len(name) < 2 or name[0] in "\"'" or "to" in name.casefold().split():
        return
    again = compose("rename", RenameArgs(slug, name)).removeprefix("rename ")

    assert parse(RenameArgs, again, typed="/ct rename") == RenameArgs(slug, name)
