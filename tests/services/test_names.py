"""Finding things by what people call them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import names
from bot.services.names import Named, as_mac, containing, exact, fold, named, search, similar

NAMES = [
    ("Lobby AP-3", "Café Nord"),
    ("Lobby AP-1", "Café Nord"),
    ("Room 214", "Harbour Hotel"),
    ("Reception", "Harbour Hotel"),
    ("Cellar", "Nordhaven Library"),
    ("Cellar", "Café Nord"),
    ("🔥", "Café Nord"),
    ("مقهى", "سوق"),
    ("because-1", ""),
    ("_back_office_", ""),
]
THINGS: list[Named[int]] = [
    named(n, keys=(str(700 + n), f"slug-{n}", f"AA-BB-CC-DD-EE-{n:02X}", None), name=name, more=more)
    for n, (name, more) in enumerate(NAMES)
]


def called(found: list[int]) -> list[str]:
    return [NAMES[n][0] for n in found]


# --- comparing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Café Nord", "cafe nord"),
        ("Cafe\u0301 Nord", "CAFÉ  NORD"),
        ("Lobby AP-3", "lobby_ap 3"),
        ("Straße", "STRASSE"),
        ("ﬁne", "Fine"),
        ("İstanbul", "istanbul"),
    ],
)
def test_spellings_of_one_name_are_the_same(written: str, meant: str) -> None:
    assert fold(written) == fold(meant)


@given(st.text())
def test_only_nothing_folds_to_nothing(text: str) -> None:
    assert bool(fold(text)) == bool(text.strip())


@given(st.text(st.characters(categories=("L", "N")), min_size=1))
def test_normal_forms_make_no_difference(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    "spelling",
    ["aa-bb-cc-dd-ee-0f", "AA:BB:CC:DD:EE:0F", "aabb.ccdd.ee0f", "aabbccddee0f", "aa.bb.cc.dd.ee.0f", "AAbb-CCdd-EE0f"],
)
def test_a_mac_is_read_in_any_spelling(spelling: str) -> None:
    assert as_mac(spelling) == "AA-BB-CC-DD-EE-0F"


@pytest.mark.parametrize(
    "text", ["", "aa-bb-cc-dd-ee", "aa-bb-cc-dd-ee-0g", "aa-bb-cc-dd-ee-0f-11", "a-abbccddee0f", "lobby"]
)
def test_what_is_no_mac_is_none(text: str) -> None:
    assert as_mac(text) is None


# --- finding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["703", "slug-3", "SLUG-3", "aa:bb:cc:dd:ee:03", "AABBCCDDEE03", "reception", " Reception "]
)
def test_one_thing_is_found_by_id_slug_mac_and_name(query: str) -> None:
    assert exact(THINGS, query.strip()) == [3]


def test_a_name_that_two_things_share_finds_both() -> None:
    assert exact(THINGS, "cellar") == [4, 5]


def test_an_id_of_twelve_hex_digits_is_found_though_it_looks_like_a_mac() -> None:
    thing = named("box", keys=("123456789012",), name="Lobby")

    assert exact([thing], "123456789012") == ["box"]


def test_a_key_comes_before_a_name() -> None:
    by_name, by_slug = named("name", keys=("a",), name="lobby"), named("slug", keys=("lobby",), name="Other")

    assert exact([by_name, by_slug], "lobby") == ["slug"]


def test_a_name_without_letters_finds_only_itself() -> None:
    assert exact(THINGS, "🔥") == [6]
    assert exact(THINGS, "💧") == []
    assert containing(THINGS, "!!!") == []


def test_parts_of_a_name_and_its_place_are_found_best_first() -> None:
    assert called(containing(THINGS, "lobby")) == ["Lobby AP-3", "Lobby AP-1"]
    assert called(containing(THINGS, "nord lobby 3")) == ["Lobby AP-3"]
    assert called(containing(THINGS, "cellar haven")) == ["Cellar"]
    assert containing(THINGS, "nothing") == []


def test_names_that_begin_with_the_query_come_first() -> None:
    things = [named(n, keys=(), name=name) for n, name in enumerate(["my ap one", "x", "ap one", "one ap"])]

    assert containing(things, "ap one") == [2, 0, 3]


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("loby ap3", "Lobby AP-3"),
        ("lobbyap3", "Lobby AP-3"),
        ("loby ap 3", "Lobby AP-3"),
        ("room214", "Room 214"),
        ("rom 214", "Room 214"),
        ("receptoin", "Reception"),
        ("recpetion", "Reception"),
        ("celar", "Cellar"),
        ("reception harbuor hotel", "Reception"),
        ("backoffice", "_back_office_"),
    ],
)
def test_a_typo_finds_what_was_meant_first(typo: str, meant: str) -> None:
    assert called(similar(THINGS, typo, limit=5))[0] == meant


def test_what_sounds_like_nothing_finds_nothing() -> None:
    assert similar(THINGS, "qqqqzzzz", limit=5) == []
    assert similar([], "lobby", limit=5) == []


# --- while one types --------------------------------------------------------------------------


def test_nothing_typed_offers_the_first_by_rank() -> None:
    assert called(search(THINGS, " ", limit=3, rank=lambda n: NAMES[n][0].casefold())) == [
        "_back_office_",
        "because-1",
        "Cellar",
    ]
    assert search(THINGS, "", limit=2) == [0, 1]


def test_exact_then_containing_then_similar() -> None:
    things = [named(n, keys=(), name=name) for n, name in enumerate(["lobby two", "lobby", "the lobby"])]

    assert search(things, "lobby", limit=5) == [1, 0, 2]
    assert search(things, "loby", limit=5)[0] == 1
    assert search(things, "lobby", limit=2) == [1, 0]


def test_more_exact_hits_than_asked_for_are_cut() -> None:
    things = [named(n, keys=(), name="lobby") for n in range(9)]

    assert search(things, "lobby", limit=3) == [0, 1, 2]


def test_ten_thousand_boxes_are_searched() -> None:
    things = [
        named(n, keys=(str(n), f"slug-{n}"), name=f"{'Lobby' if n % 2 else 'Room'} AP-{n}", more=f"Place {n % 100}")
        for n in range(10_000)
    ]

    assert len(search(things, "lobby", limit=100)) == 100
    assert search(things, "slug-9999", limit=100) == [9999]
    assert search(things, "ap-9998", limit=100)[0] == 9998
    assert 7501 in similar(things, "loby ap 7501", limit=5)


@given(st.text(max_size=40), st.integers(1, 20))
def test_any_query_gets_at_most_what_was_asked_for_and_nothing_twice(query: str, limit: int) -> None:
    found = search(THINGS, query, limit=limit)

    assert len(found) <= limit
    assert len(found) == len(set(found))
    assert set(names.exact(THINGS, query)[:limit]) <= set(found) or not fold(query)


def test_a_picker_finds_the_beginning_of_a_mac() -> None:
    things = [
        named("lobby", keys=("lobby-1", "24-A4-3C-00-00-01"), name="Lobby"),
        named("bar", keys=("bar-2", "24-A4-99-00-00-02"), name="Bar"),
    ]

    assert search(things, "24:a4:3c", limit=5) == ["lobby"]
    assert search(things, "24-a4", limit=5) == ["lobby", "bar"]
