"""Favourites: each person's own, listed with their trouble."""

from tests.stage import Stage


async def test_favourites_are_listed_and_belong_to_the_person(stage: Stage) -> None:
    ana, kim = await stage.link(), await stage.link("kim")
    await ana.type("/ct favourite café nord", until="is one of your favourites")

    mine = await ana.type("/ct locations favourites")
    theirs = await kim.type("/ct locations favourites")

    assert mine.text.startswith("1 favourite")
    assert "Café Nord — favourite · 2 of 6 boxes offline" in mine.text
    assert "You have no favourites yet." in theirs.text
    assert await stage.refusals() == []


async def test_a_favourite_is_marked_in_the_whole_list_and_can_be_taken_out(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct favourite café nord", until="is one of your favourites")

    assert "Café Nord — favourite" in (await ana.type("/ct locations nord")).text

    await ana.type("/ct unfavourite café nord", until="none of your favourites")

    assert "You have no favourites yet." in (await ana.type("/ct locations favourites")).text


async def test_without_any_the_way_to_one_is_a_button(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct locations favourites")
    await ana.click("Choose One")

    assert "Café Nord is one of your favourites." in (await ana.choose("nord", "Café Nord", until="favourites")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type("/ct locations favourites")).text


async def test_the_menu_of_a_location_leads_to_what_changes_it(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct location café nord")

    await ana.menu("Café Nord", "Make It a Favourite", until="is one of your favourites")
    await ana.type("/ct location café nord")
    await ana.menu("Café Nord", "Not a Favourite", until="none of your favourites")
    await ana.type("/ct location café nord")
    asked = await ana.menu("Café Nord", "Archive…")

    assert asked.text.startswith("Archive Café Nord?")
    assert await stage.refusals() == []
