"""Adding a box: typed in one line, or in a form; one POST, whatever becomes of its answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct import normal_mac
from bot.sandbox.slack.looking import NotSeenError
from bot.slack.commands.box_add import BoxAddArgs
from bot.slack.grammar import parse
from tests.slack.upsets import calls, demote
from tests.stage import Stage

MAC = "0E-12-34-56-78-9A"
TYPED = f"/ct box add {MAC} named Terrace east at café nord"


async def test_typed_in_one_line_it_is_asked_once_and_told_to_the_channel(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    asked = await ana.type(TYPED)

    assert asked.text.startswith(f"Add Terrace east to Café Nord?\nMAC address {MAC}.")
    assert await calls(stage, "POST", "/api/v1/boxes") == 0

    await ana.click("Add It", until="You added Terrace east to Café Nord.")

    await lee.sees("@ana added the box Terrace east to Café Nord")
    assert "Terrace east" in (await ana.click("Look")).text
    assert await calls(stage, "POST", "/api/v1/boxes") == 1
    assert await stage.refusals() == []


async def test_a_missing_location_is_asked_for_and_then_a_form_asks_for_the_rest(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct box add")
    form = await ana.choose("nord", "Café Nord")
    assert form.kind == "view"

    with pytest.raises(NotSeenError, match="That is no MAC address"):
        await ana.submit({"calledstationid": "12", "description": "Terrace east"})
    await ana.submit({"calledstationid": "0e:12:34:56:78:9a", "description": "Terrace east"})

    await ana.sees("You added Terrace east to Café Nord.")
    assert await calls(stage, "POST", "/api/v1/boxes") == 1
    assert await stage.refusals() == []


async def test_an_address_that_ct_has_already_is_said_at_its_field(stage: Stage) -> None:
    ana = await stage.link()
    known = next(iter(stage.ct.practice.world.boxes.values())).mac
    await ana.type("/ct box add café nord")

    with pytest.raises(NotSeenError, match="taken"):
        await ana.submit({"calledstationid": known, "description": "Terrace east"})


async def test_a_lost_answer_is_one_post_and_is_looked_into(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(creation="dropped")
    await ana.type(TYPED)

    await ana.click("Add It", until="may or may not have reached CT")
    await ana.sees("You added Terrace east to Café Nord.", channel="app", timeout=10)

    assert await calls(stage, "POST", "/api/v1/boxes") == 1


async def test_a_request_that_never_arrived_is_not_called_done(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(creation="dropped_unacted")
    await ana.type(TYPED)

    await ana.click("Add It", until="may or may not have reached CT")
    await ana.sees("CT does not list that box yet.", channel="app", timeout=10)

    assert await calls(stage, "POST", "/api/v1/boxes") == 1


async def test_who_may_only_look_is_refused(stage: Stage) -> None:
    ana = await stage.link()
    await demote(stage)
    await ana.type(TYPED)

    assert "Nothing was changed." in (await ana.click("Add It", until="CT refused")).text


async def test_a_location_that_is_not_there_is_said_to_be(stage: Stage) -> None:
    ana = await stage.link()

    assert "No location matches" in (await ana.type(f"/ct box add {MAC} named Terrace east at zzzz")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type(TYPED)).text


@given(st.binary(min_size=6, max_size=6), st.sampled_from(["", ":", "-"]), st.booleans())
def test_an_address_is_read_in_any_usual_spelling(octets: bytes, between: str, upper: bool) -> None:
    mac = octets.hex(between) if between else octets.hex()
    typed = f"{mac.upper() if upper else mac} named Terrace east at harbour"

    read = parse(BoxAddArgs, typed, typed="/ct box add")

    assert normal_mac(read.mac or "") == octets.hex("-").upper()
    assert (read.location, read.name, read.at) == (None, "Terrace east", "harbour")
