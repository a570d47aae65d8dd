"""Changing a location in a form, and favourites."""

import pytest

from bot.sandbox.slack.looking import NotSeenError
from bot.services import lost_answers
from tests.slack.upsets import calls, demote, lose_answer, lose_request
from tests.stage import Stage

PLACES = "/api/v1/locations/"


async def test_the_form_shows_what_is_and_sends_only_what_changed(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    form = await ana.type("/ct location edit café nord")
    assert "One Long Road" in str(form.raw)

    await ana.submit({"location_address": "2 Short Street"})

    await ana.sees("Café Nord is changed: address.")
    await lee.sees("@ana changed Café Nord: address")
    place = next(one for one in stage.ct.practice.world.locations.values() if one.location_name == "Café Nord")
    assert place.location_address == "2 Short Street"
    assert await calls(stage, "PATCH", PLACES) == 1
    assert await stage.refusals() == []


async def test_what_is_too_long_for_the_form_is_shown_in_part_and_left_as_it_is(stage: Stage) -> None:
    ana = await stage.link()
    place = next(one for one in stage.ct.practice.world.locations.values() if one.location_name == "Café Nord")
    place.location_address, place.town = "One Long Road " * 300, "T" * 900
    await ana.type("/ct location edit café nord")

    await ana.submit({"country": "SE"})

    await ana.sees("Café Nord is changed: country.")
    assert place.location_address == "One Long Road " * 300
    assert (place.town, place.country) == ("T" * 900, "SE")
    assert await stage.refusals() == []


async def test_a_form_with_nothing_changed_stays_open(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct location edit café nord")

    form = await ana.submit({})

    assert form is not None
    assert "Nothing is different yet." in form.text
    assert await calls(stage, "PATCH", PLACES) == 0


async def test_what_is_wrong_is_said_at_its_field(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct location edit café nord")

    with pytest.raises(NotSeenError, match="two capital letters"):
        await ana.submit({"country": "gb"})


async def test_who_may_only_look_keeps_the_form(stage: Stage) -> None:
    ana = await stage.link()
    await demote(stage)
    await ana.type("/ct location edit café nord")

    form = await ana.submit({"town": "Elsewhere"})

    assert form is not None
    assert "Elsewhere" in str(form.raw)


@pytest.mark.parametrize(
    ("acts", "end"), [(True, "Café Nord is changed: town."), (False, "CT does not show all of what you changed.")]
)
async def test_a_lost_answer_is_one_call_and_is_looked_into(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, acts: bool, end: str
) -> None:
    monkeypatch.setattr(lost_answers, "LOOK_AGAIN", 0.1)
    monkeypatch.setattr(lost_answers, "PATIENCE", 0.3)
    ana = await stage.link()
    await (lose_answer if acts else lose_request)(stage, "PATCH", PLACES)
    await ana.type("/ct location edit café nord")

    await ana.submit({"town": "Elsewhere"})

    await ana.sees("may or may not have reached CT")
    await ana.sees(end, channel="app", timeout=10)
    assert await calls(stage, "PATCH", PLACES) == 1


async def test_a_favourite_is_for_oneself_alone(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    await ana.type("/ct favourite café nord", until="is one of your favourites")
    place = next(one for one in stage.ct.practice.world.locations.values() if one.location_name == "Café Nord")
    assert len(place.favourite_of) == 1

    await ana.click("Take It Out", until="none of your favourites")

    assert not place.favourite_of
    await lee.never_sees("favourite")
    assert await stage.refusals() == []


@pytest.mark.parametrize("typed", ["favourite", "unfavourite", "location edit"])
async def test_a_missing_location_is_asked_for(stage: Stage, typed: str) -> None:
    ana = await stage.link()
    await ana.type(f"/ct {typed}")

    assert "Café Nord" in str((await ana.choose("nord", "Café Nord")).raw)


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct location edit café nord")).text
