"""Closing a location and opening it again: asked once, with what it does to guests."""

from tests.stage import Stage


async def patches(stage: Stage) -> int:
    """How many changes of locations reached CT."""
    routes = (await stage.counts())["routes"]
    return sum(number for route, number in routes.items() if route.startswith("PATCH /api/v1/locations/"))


async def test_archiving_says_what_it_does_to_guests_and_asks_once(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    asked = await ana.type("/ct location archive café nord because it is being rebuilt")

    assert asked.text.startswith("Archive Café Nord?")
    assert "online there now. It has" in asked.text
    assert "guests cannot log in until it is unarchived" in asked.text
    assert asked.buttons == ["Archive", "Leave It As It Is"]
    assert await patches(stage) == 0

    await ana.click("Archive", until="is archived")

    await lee.sees("@ana archived Café Nord: guests cannot log in there any more — it is being rebuilt")
    assert "is archived already. Nothing was changed." in (await ana.type("/ct location archive café nord")).text
    assert await patches(stage) == 1
    assert await stage.refusals() == []


async def test_unarchiving_brings_it_back(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct location archive café nord")
    await ana.click("Archive", until="is archived")

    asked = await ana.click("Unarchive…")
    assert asked.text.startswith("Unarchive Café Nord?")

    assert "is open again" in (await ana.click("Unarchive", until="is open again")).text
    assert "is not archived" in (await ana.type("/ct location unarchive café nord")).text


async def test_two_who_archive_at_once_are_one_call(stage: Stage) -> None:
    ana, kim = await stage.link(), await stage.link("kim")
    await ana.type("/ct location archive café nord")
    await kim.type("/ct location archive café nord")
    await ana.click("Archive", until="is archived")

    late = await kim.click("Archive", until="I did not do that")

    assert "Café Nord is archived already." in late.text
    assert await patches(stage) == 1


async def test_a_missing_location_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct location archive")

    assert (await ana.choose("nord", "Café Nord")).text.startswith("Archive Café Nord?")


async def test_a_location_that_is_not_there_is_said_to_be(stage: Stage) -> None:
    ana = await stage.link()

    assert "No location matches" in (await ana.type("/ct location archive zzzz")).text


async def test_a_lost_answer_is_one_call_and_is_looked_into(stage: Stage) -> None:
    ana = await stage.link()
    fault = {"kind": "drop", "prefix": "/api/v1/locations/", "method": "PATCH", "after": True}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()
    await ana.type("/ct location archive café nord")

    await ana.click("Archive", until="may or may not have reached CT")
    await ana.sees("Café Nord is archived", channel="app", timeout=10)

    assert await patches(stage) == 1


async def test_a_role_that_may_only_look_is_refused_in_words(stage: Stage) -> None:
    ana = await stage.link()
    (await stage.control.patch("/_practice/people/ana@venues.example", json={"role_id": 140})).raise_for_status()
    await ana.type("/ct location archive café nord")

    assert "Nothing was changed." in (await ana.click("Archive", until="CT refused")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct location archive café nord")).text
