"""Looking: every read command, typed and pressed, as a person sees it."""

import pytest

from bot.slack.views.parts import SHARE
from tests.slack.forged import click, deliver_to
from tests.stage import Stage


async def test_bare_ct_says_who_one_is_and_what_is_down(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct")

    assert seen.text.startswith("Linked as ana@venues.example · 5 boxes down")
    assert seen.buttons == ["What's Down", "Reboot a Box", "Help"]
    assert seen.ephemeral


async def test_status_shows_trouble_first_with_how_long(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct status")

    assert "37 locations · 412 boxes: 400 online, 5 offline" in seen.text
    assert "Harbour Hotel — 3 of 40 boxes offline (longest 18 min)" in seen.text
    assert "Café Nord — 2 of 6 boxes offline (longest 3 h 12 min)" in seen.text


async def test_a_look_button_is_the_same_as_typing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct status")

    seen = await ana.click("Look")

    assert "40 boxes at Harbour Hotel: 3 offline" in seen.text


async def test_what_is_down_on_the_first_message_leads_to_the_status(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct")

    seen = await ana.click("What's Down")

    assert "412 boxes" in seen.text


async def test_locations_are_searched_and_paged(stage: Stage) -> None:
    ana = await stage.link()

    searched = await ana.type("/ct locations nord")
    everything = await ana.type("/ct locations")
    second = await ana.click("Next")
    third = await ana.click("Next")
    back = await ana.click("Previous")

    assert "8 locations matching “nord”" in searched.text
    assert "1–10 of 37" in everything.text
    assert "11–20 of 37" in second.text
    assert "21–30 of 37" in third.text
    assert "11–20 of 37" in back.text


async def test_a_search_that_finds_nothing_says_so(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct locations atlantis")

    assert "No location matches “atlantis”." in seen.text


async def test_boxes_of_a_location_come_trouble_first(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct boxes café nord")

    lines = seen.text.splitlines()
    assert lines[0] == "6 boxes at Café Nord: 2 offline"
    assert "Cellar AP-5 — offline" in lines[1]
    assert "1–6 of 6" in seen.text


async def test_all_boxes_say_how_old_the_list_is(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct boxes")

    assert "412 boxes at all locations: 5 offline" in seen.text
    assert "1–10 of 412 · as of" in seen.text


async def test_the_menu_of_a_row_looks_at_the_box(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct boxes café nord")

    seen = await ana.menu("Lobby AP-3", "Look")

    assert seen.text.startswith("● Lobby AP-3 — online")


async def test_a_box_at_a_glance(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct box lobby ap-3")

    assert "● Lobby AP-3 — online\nCafé Nord" in seen.text
    assert "up 41 days · 14 people" in seen.text
    assert "connection OK" in seen.text
    assert "Last 24 h  ▇" in seen.text
    assert seen.buttons[:4] == ["Reboot Lobby AP-3", "Refresh", "Open in CT", "Share Here"]
    assert seen.buttons[4:] == ["Health", "Radio", "Firmware", "Logs", "History", "Usage"]


async def test_a_location_at_a_glance(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct location harbour hotel")

    assert "40 boxes: 37 online, 3 offline" in seen.text
    assert "Room 214 — offline" in seen.text


async def test_a_missing_box_is_asked_for_and_searched_as_one_types(stage: Stage) -> None:
    ana = await stage.link()

    asked = await ana.type("/ct box")
    offers = await ana.offers("lob")
    seen = await ana.choose("lobby", "Lobby AP-3")

    assert "Which box?" in asked.text
    assert "Lobby AP-3" in offers
    assert "Lobby AP-3 — online" in seen.text


async def test_a_missing_location_is_asked_for_too(stage: Stage) -> None:
    ana = await stage.link()

    asked = await ana.type("/ct location")
    seen = await ana.choose("harb", "Harbour Hotel")

    assert "Which location?" in asked.text
    assert "95 Church Lane" in seen.text


async def test_several_boxes_of_one_name_are_told_apart_by_their_place(stage: Stage) -> None:
    ana = await stage.link()

    asked = await ana.type("/ct box lobby")
    seen = await ana.click("Lobby (Nordhaven Library)")

    assert "4 boxes match “lobby”. Which one?" in asked.text
    assert "Lobby AP-3" in asked.buttons
    assert "Nordhaven Library" in seen.text


async def test_a_typo_is_met_with_what_was_meant(stage: Stage) -> None:
    ana = await stage.link()

    asked = await ana.type("/ct box loby ap 3")
    seen = await ana.click("Lobby AP-3")

    assert "No box matches loby ap 3. Did you mean" in asked.text
    assert asked.buttons[0] == "Lobby AP-3"
    assert "Lobby AP-3 — online" in seen.text


async def test_a_box_is_found_by_its_mac_in_any_spelling(stage: Stage) -> None:
    ana = await stage.link()
    mac = stage.ct.practice.world.boxes["lobby-ap-3-4c0412"].mac

    by_colons = await ana.type(f"/ct box {mac.replace('-', ':').lower()}")
    by_slug = await ana.type("/ct box lobby-ap-3-4c0412")

    assert "Lobby AP-3 — online" in by_colons.text
    assert "Lobby AP-3 — online" in by_slug.text


async def test_an_answer_is_private_until_it_is_shared(stage: Stage) -> None:
    ana = await stage.link()
    lee = stage.person("lee")
    await ana.type("/ct box lobby ap-3")
    await lee.never_sees("Lobby AP-3", during=0.1)

    await ana.click("Share Here")

    seen = await lee.sees("Lobby AP-3 — online")
    assert "Shared by @ana" in seen.text
    assert not seen.ephemeral
    assert seen.buttons == []


async def test_sharing_works_where_the_bot_is_not(stage: Stage) -> None:
    ana = (await stage.link()).go("general")
    await ana.type("/ct status")

    await ana.click("Share Here")

    assert "Shared by @ana" in (await stage.person("lee", "general").sees("412 boxes")).text


async def test_the_home_tab_shows_the_state_of_things(stage: Stage) -> None:
    ana = stage.person("ana")
    unlinked = await ana.home()
    await stage.link()

    linked = await ana.home()

    assert unlinked.buttons == ["Connect CT", "Help"]
    assert "5 boxes down" in linked.text
    assert linked.buttons == ["What's Down", "Reboot a Box", "Help"]


async def test_a_button_on_the_home_tab_answers_in_the_messages(stage: Stage) -> None:
    ana = await stage.link()
    await ana.home()

    await ana.click("What's Down", wait=False)

    await ana.sees("412 boxes", channel="app")


async def test_nothing_that_was_sent_is_refused_by_slack(stage: Stage) -> None:
    ana = await stage.link()
    for text in ("", "help", "status", "locations", "boxes", "box lobby ap-3", "location café nord", "whoami", "box x"):
        await ana.type(f"/ct {text}".strip())

    assert await stage.refusals() == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("report café nord for 3 days", "I can show 24h"),
        ("tag lobby ap-3 as guests,ground floor", "these tags already"),
    ],
)
async def test_u4_nothing_is_shared_but_what_one_looks_at(stage: Stage, value: str, told: str) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    url, _ = stage.slack.world.response_urls.mint(stage.slack.world.base_url, "actions", "U01ANA", "C01NOC")

    await deliver_to(stage, click("ana", SHARE, value, response_url=url))

    answer = await ana.sees(told)
    assert answer.ephemeral
    assert not any(told in seen.text for seen in await lee.messages())
