"""Extremes: the biggest accounts still fit into one message, and every page of them can be reached."""

import pytest

from bot.ct import Box, Location, Overview
from bot.services.venues import Health, Trouble, Venue, Venues
from bot.slack.grammar import MOST_CHARACTERS, parse
from bot.slack.registry import load
from bot.slack.views import asking, boxes, locations
from tests.slack.drawing import DASHBOARD, NOW, check, markdown, pressable, shown

REGISTRY = load()
LONG = "&" * 5_000


def many_boxes(number: int, **changes: object) -> list[Box]:
    return [
        Box(
            **{  # type: ignore[arg-type]
                "id": f"{n}",
                "slug": f"box-{n}",
                "name": f"AP {n}",
                "state": "offline" if n % 3 == 0 else "online",
                "location_name": f"Place {n % 500}",
                "location_slug": f"place-{n % 500}",
                "last_heartbeat": int(NOW) - n,
                "clients_online": n,
                **changes,
            }
        )
        for n in range(number)
    ]


def many_places(number: int, **changes: object) -> list[Location]:
    return [
        Location(**{"id": f"{n}", "slug": f"place-{n}", "name": f"Place {n}", "boxes_count": n, **changes})  # type: ignore[arg-type]
        for n in range(number)
    ]


def box_list(found: list[Box], page: int) -> str:
    reply = boxes.box_list(found, place=None, page=page, now=NOW, at=NOW, again="boxes", complete=False)
    return shown(check(reply))


@pytest.mark.parametrize(
    ("page", "first"), [(1, "1–10"), (2, "11–20"), (1000, "9991–10000"), (0, "1–10"), (10**6, "9991–10000")]
)
def test_ten_thousand_boxes_are_paged(page: int, first: str) -> None:
    assert f"{first} of 10,000" in box_list(many_boxes(10_000), page)


def test_ten_thousand_boxes_with_endless_names_fit() -> None:
    found = many_boxes(10_000, name=LONG, location_name=LONG, state=LONG, slug=LONG)

    assert "10,000 boxes" in box_list(found, 500)


@pytest.mark.parametrize(("page", "first"), [(1, "1–10"), (500, "4991–5000"), (501, "4991–5000")])
def test_five_thousand_locations_are_paged(page: int, first: str) -> None:
    venues = Venues(many_places(5_000), {f"place-{n}": n for n in range(100)}, complete=True)

    reply = check(locations.location_list(venues, search="x" * MOST_CHARACTERS, page=page, now=NOW, again="locations"))

    assert f"{first} of 5,000" in shown(reply)


def test_five_thousand_locations_with_endless_names_fit() -> None:
    places = many_places(5_000, name=LONG, address=LONG, town=LONG, clients_online=10**12, archived=True)

    check(locations.location_list(Venues(places, {}, complete=False), search=LONG, page=3, now=NOW, again=LONG))


def test_a_cut_list_of_locations_says_that_it_is_cut() -> None:
    reply = locations.location_list(Venues(many_places(3), {}, complete=False), search=None, page=1, now=NOW, again="x")

    assert "only a part" in shown(reply)


def test_the_status_of_four_hundred_troubled_locations_shows_ten_and_counts_the_rest() -> None:
    troubles = [Trouble(f"place-{n}", f"Place {n}", 400 - n, 500, int(NOW) - n) for n in range(400)]
    overview = Overview(locations=5_000, people_online=10**6, boxes={"online": 9_000, "offline": 1_000}, total=10_000)

    reply = check(locations.status(Health(overview, troubles, complete=False), NOW))

    text = shown(reply)
    assert text.startswith("5,000 locations · 10,000 boxes: 9,000 online, 1,000 offline · 1,000,000 people online")
    assert text.count("boxes offline (longest") == 10
    assert "and 390 more locations with boxes offline" in text
    assert "the offline list is cut" in text


def test_states_beyond_the_first_few_are_counted_together() -> None:
    overview = Overview(boxes={f"state-{n}": 100 - n for n in range(50)} | {"online": 3, "offline": 0})

    text = locations.counts(overview)

    assert text.startswith("3,778 boxes: 3 online, 100 state-0")
    assert text.endswith(" in other states")


def test_a_location_with_ten_thousand_boxes_in_trouble_shows_ten() -> None:
    venue = Venue(many_places(1)[0], many_boxes(10_000, state="offline"), complete=True)

    reply = check(locations.location_card(venue, now=NOW, dashboard=DASHBOARD))

    assert shown(reply).count("— offline") == 10
    assert "10,000 boxes: 10,000 offline" in shown(reply)


def test_every_button_of_a_list_is_a_command_that_can_be_read() -> None:
    replies = [
        boxes.box_list(
            many_boxes(35), place=many_places(1)[0], page=2, now=NOW, at=NOW, again="boxes place-0", complete=True
        ),
        boxes.box_card(many_boxes(1, is_cucumber=True, state="online")[0], [], now=NOW, dashboard=DASHBOARD),
        locations.location_list(Venues(many_places(35), {}, True), search="a", page=2, now=NOW, again="locations a"),
        locations.location_card(Venue(many_places(1)[0], many_boxes(5), True), now=NOW, dashboard=DASHBOARD),
        asking.did_you_mean("box", "x", "ask", many_boxes(9), "reboot {} because why"),
    ]

    commands = [value for reply in replies for value in pressable(check(reply)).values() if "://" not in value]
    assert len(commands) > 20
    for text in commands:
        command, rest = REGISTRY.match(text)
        assert command is not None, text
        parse(command.args, rest, typed=text)


def test_help_fits_with_all_commands() -> None:
    reply = check(asking.help_page(REGISTRY))

    assert all(command.usage in reply.text for command in REGISTRY.visible())
    for command in REGISTRY:
        check(asking.help_on(command))
    assert markdown([]) == []
