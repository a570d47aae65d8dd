"""What one sees of boxes, word by word."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct import Box, Heartbeat
from bot.slack.views import boxes
from tests.slack.drawing import DASHBOARD, NOW, check, pressable, shown

HOUR = 3600


def box(**changes: Any) -> Box:
    return Box(
        **{
            "id": "1",
            "slug": "ap-3",
            "mac": "AA-BB-CC-DD-EE-03",
            "name": "Lobby AP-3",
            "state": "online",
            "location_name": "Café Nord",
            "location_slug": "cafe-nord",
            "last_heartbeat": int(NOW) - 20,
            **changes,
        }
    )


def card(beats: list[Heartbeat] | None = None, **changes: Any) -> str:
    return shown(check(boxes.box_card(box(**changes), beats or [], now=NOW, dashboard=DASHBOARD)))


# --- a row ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({}, "● *Lobby AP-3* — online · heard 20 s ago"),
        ({"clients_online": 14}, "● *Lobby AP-3* — online · heard 20 s ago · 14 people"),
        ({"clients_online": 0}, "● *Lobby AP-3* — online · heard 20 s ago"),
        ({"state": "offline", "clients_online": 3}, "○ *Lobby AP-3* — offline · heard 20 s ago"),
        ({"state": "splash_only"}, "◌ *Lobby AP-3* — login page only"),
        ({"state": "new", "last_heartbeat": None}, "◐ *Lobby AP-3* — never set up · never heard of"),
        ({"state": "initializing"}, "◐ *Lobby AP-3* — being set up · heard 20 s ago"),
        ({"state": "upgrading"}, "◐ *Lobby AP-3* — upgrading · heard 20 s ago"),
        ({"state": ""}, "◐ *Lobby AP-3* — unknown · heard 20 s ago"),
        ({"ignored": True}, "● *Lobby AP-3* — online · heard 20 s ago · muted"),
    ],
)
def test_a_row_says_the_state_in_a_word_and_a_sign(changes: dict[str, Any], row: str) -> None:
    assert boxes.row(box(**changes), NOW) == row


# --- a card -----------------------------------------------------------------------------------


def test_a_card_tells_what_is_known() -> None:
    text = card(
        uptime_seconds=41 * 24 * HOUR,
        clients_online=14,
        wan_ip="81.2.69.142",
        firmware_version="B_160201_01",
        connection_status="9",
        zone_name="Front",
        ignored=True,
        machine_type="hornet",
    )

    assert text.startswith("● *Lobby AP-3* — online\nCafé Nord, Front")
    assert (
        "Heard 20 s ago · up 41 days · 14 people · WAN 81.2.69.142 · firmware B_160201_01 · connection OK · muted"
    ) in text
    assert "AA-BB-CC-DD-EE-03 · hornet" in text


@pytest.mark.parametrize(
    ("status", "words"),
    [("9.1", "clock could not be set"), ("0", "cannot be reached"), ("77", "connection 77"), ("*x*", "connection ∗x∗")],
)
def test_a_connection_status_is_said_in_words_where_they_are_known(status: str, words: str) -> None:
    assert words in card(connection_status=status)


def test_the_public_address_stands_in_for_the_wan_address() -> None:
    assert "WAN 81.2.69.1" in card(public_ip="81.2.69.1")


def test_uptime_is_not_told_of_a_box_that_is_away() -> None:
    assert "up " not in card(state="offline", uptime_seconds=100)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"last_heartbeat": None, "state": "new"}, "It has never checked in"),
        ({"state": "offline"}, "its command channel is cut off"),
        ({"reset_confirmation": True}, "Somebody held its reset button"),
    ],
)
def test_a_hint_says_what_to_look_at(changes: dict[str, Any], hint: str) -> None:
    assert hint in card(**changes)


@pytest.mark.parametrize(
    "changes", [{}, {"state": "offline", "last_heartbeat": int(NOW) - 60}, {"state": "splash_only"}]
)
def test_without_a_reason_there_is_no_hint(changes: dict[str, Any]) -> None:
    text = card(**changes)

    assert "never checked in" not in text
    assert "command channel" not in text


@pytest.mark.parametrize(
    ("changes", "can"),
    [({}, True), ({"is_cucumber": True}, True), ({"is_cucumber": False}, False), ({"state": "offline"}, False)],
)
def test_only_a_box_that_can_hear_us_has_a_reboot_button(changes: dict[str, Any], can: bool) -> None:
    buttons = pressable(boxes.box_card(box(**changes), [], now=NOW, dashboard=DASHBOARD))

    assert ("Reboot Lobby AP-3" in buttons) is can


def test_the_dashboard_is_linked_where_the_box_has_a_place() -> None:
    here = pressable(boxes.box_card(box(), [], now=NOW, dashboard=DASHBOARD))
    nowhere = pressable(boxes.box_card(box(location_slug=None), [], now=NOW, dashboard=DASHBOARD))

    assert here["Open in CT"] == f"{DASHBOARD}/#/locations/cafe-nord/devices/ap-3"
    assert "Open in CT" not in nowhere


def test_an_id_cannot_leave_its_place_in_a_link() -> None:
    odd = pressable(boxes.box_card(box(slug="../?x#y z/\ud800"), [], now=NOW, dashboard=DASHBOARD))

    assert odd["Open in CT"] == f"{DASHBOARD}/#/locations/cafe-nord/devices/..%2F%3Fx%23y%20z%2F%3F"


# --- a list -----------------------------------------------------------------------------------


def test_an_empty_location_says_so() -> None:
    reply = boxes.box_list([], place=None, page=1, now=NOW, at=NOW, again="boxes", complete=True)

    assert shown(check(reply)).startswith("*No boxes at all locations yet*\nnothing to show")


def test_a_list_says_how_many_are_down_and_on_which_page_one_is() -> None:
    found = [box(slug=f"ap-{n}", state="offline" if n < 2 else "online") for n in range(25)]

    reply = check(boxes.box_list(found, place=None, page=2, now=NOW, at=NOW, again="boxes", complete=True))

    assert shown(reply).startswith("*25 boxes at all locations: 2 offline*")
    assert "11–20 of 25" in shown(reply)
    buttons = pressable(reply)
    assert buttons["Previous"] == "boxes page 1"
    assert buttons["Next"] == "boxes page 3"
    assert buttons["Refresh"] == buttons["Share Here"] == "boxes page 2"


# --- the last 24 hours ------------------------------------------------------------------------


def beats(*hours: float, heard_first: bool) -> list[Heartbeat]:
    """Entries so many hours ago, heard and not heard in turn."""
    return [Heartbeat(at=int(NOW - ago * HOUR), heard=heard_first ^ bool(n % 2)) for n, ago in enumerate(hours)]


@pytest.mark.parametrize(
    ("entries", "strip"),
    [
        ([], None),
        (beats(30, heard_first=True), None),
        (beats(30, heard_first=False), None),
        (beats(23.99, heard_first=True), "▇" * 24 + "  no gaps"),
        (beats(30, 12, 10, heard_first=True), "▇" * 12 + "▁" * 2 + "▇" * 10 + "  1 gap, 2 h"),
        (beats(30, 12, heard_first=True), "▇" * 12 + "▁" * 12 + "  1 gap, 12 h"),
        (beats(30, 10, heard_first=False), "▁" * 14 + "▇" * 10 + "  1 gap, 14 h"),
        (beats(30, 12, 11.75, heard_first=True), "▇" * 12 + "▄" + "▇" * 11 + "  1 gap, 15 min"),
        (
            beats(30, 12, 11.25, 6, 5, heard_first=True),
            "▇" * 12 + "▁" + "▇" * 5 + "▁" + "▇" * 5 + "  2 gaps, 1 h 45 min",
        ),
        ([*beats(12, heard_first=True), Heartbeat(at=int(NOW) + HOUR, heard=False)], "▇" * 24 + "  no gaps"),
    ],
)
def test_the_strip_shows_the_gaps_of_a_day(entries: list[Heartbeat], strip: str | None) -> None:
    assert boxes.heartbeat_strip(entries, NOW) == (f"Last 24 h  {strip}" if strip else None)


def test_entries_in_a_row_without_a_heartbeat_are_one_gap() -> None:
    entries = [Heartbeat(at=int(NOW - ago * HOUR), heard=ago in {20, 8}) for ago in (20, 10, 9, 8)]

    assert (boxes.heartbeat_strip(entries, NOW) or "").endswith("1 gap, 2 h")


@given(st.lists(st.tuples(st.integers(-100, 200_000), st.booleans()), max_size=30))
def test_the_strip_is_always_a_day_long_and_never_longer_than_one(entries: list[tuple[int, bool]]) -> None:
    strip = boxes.heartbeat_strip(
        [Heartbeat(at=int(NOW) - ago, heard=heard) for ago, heard in sorted(entries, reverse=True)], NOW
    )

    if strip is not None:
        cells, told = strip.removeprefix("Last 24 h  ").split("  ")
        assert len(cells) == boxes.STRIP_CELLS
        assert (told == "no gaps") == (set(cells) == {"▇"}) or "0 s" in told
        assert " day" not in told or told.endswith("1 day")
