"""Making a location: typed in one line, or in a form that keeps what was typed."""

import pytest

from bot.sandbox.slack.looking import NotSeenError
from tests.stage import Stage

TYPED = "/ct location new Harbour Café at 1 Quay Street, Nordhaven"
NAME, ADDRESS = "location_name", "location_address"


async def made(stage: Stage) -> int:
    """How many POSTs reached CT."""
    return int((await stage.counts())["routes"].get("POST /api/v1/locations", 0))


async def test_typed_in_one_line_it_is_asked_once_and_told_to_the_channel(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    asked = await ana.type(TYPED)

    assert asked.text.startswith("Make the location Harbour Café?\nAt 1 Quay Street, Nordhaven.")
    assert await made(stage) == 0

    done = await ana.click("Make It", until="is made")

    assert "Look" in done.buttons
    await lee.sees("@ana made the location Harbour Café")
    assert "no boxes yet" in (await ana.click("Look")).text
    assert await made(stage) == 1
    assert await stage.refusals() == []


async def test_what_is_missing_is_asked_for_in_a_form(stage: Stage) -> None:
    ana = await stage.link()

    form = await ana.type("/ct location new Harbour Café")
    assert form.kind == "view"
    await ana.submit({ADDRESS: "1 Quay Street", "town": "Nordhaven", "country": "GB"})

    await ana.sees("Harbour Café is made.")
    assert await made(stage) == 1
    assert await stage.refusals() == []


async def test_what_ct_refuses_is_said_at_the_field_and_the_words_stay(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct location new")

    with pytest.raises(NotSeenError, match="two capital letters"):
        await ana.submit({NAME: "Harbour Café", ADDRESS: "1 Quay Street", "country": "gb"})
    await ana.submit({NAME: "Harbour Café", ADDRESS: "1 Quay Street", "country": "GB"})

    await ana.sees("Harbour Café is made.")


async def test_a_refusal_of_no_field_stands_above_the_form(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(creation="refused")
    await ana.type("/ct location new")

    form = await ana.submit({NAME: "Harbour Café", ADDRESS: "1 Quay Street"})

    assert form is not None
    assert "This location can't be created right now." in form.text
    assert await made(stage) == 1


async def test_a_lost_answer_is_one_post(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(creation="dropped")
    await ana.type(TYPED)

    await ana.click("Make It", until="may or may not")
    await ana.sees("I will not send it again.", channel="app", timeout=10)

    assert await made(stage) == 1


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type(TYPED)).text
