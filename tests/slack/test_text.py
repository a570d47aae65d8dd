"""Words on their way to Slack: foreign text stays data (row U1), times are said in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import text as t
from tests.slack.foreign import many, shows_nothing_hidden, texts

ENTITY = re.compile(r"&(?:amp|lt|gt);")
EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")


def harmless(escaped: str) -> bool:
    """Nothing in it is markup: no angle bracket, no bare ampersand, no formatting sign, one line."""
    bare = ENTITY.sub("", escaped)
    return (
        not re.search(r"[<>&*~`\n\r]", bare)
        and not EDGE_UNDERSCORE.search(escaped)
        and not escaped.startswith("&gt;")
        and shows_nothing_hidden(escaped)
    )


def test_ten_thousand_texts_stay_data() -> None:
    wrong = [text for text in many(10_000) if not harmless(t.esc(text)) or len(t.clean(text)) > 80]

    assert wrong == []


@given(texts(), st.integers(1, 300))
def test_escaped_text_is_harmless_at_every_length(text: str, limit: int) -> None:
    escaped = t.esc(text, limit)

    assert harmless(escaped)
    assert len(t.unescaped(escaped)) <= limit


@given(texts(), st.integers(1, 300))
def test_clean_text_is_one_visible_line_of_bounded_length(text: str, limit: int) -> None:
    line = t.clean(text, limit)

    assert len(line) <= limit
    assert shows_nothing_hidden(line)
    assert line == line.strip()
    assert "\n" not in line


@given(texts())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert t.clean(t.clean(text)) == t.clean(text)


@given(texts())
def test_bold_and_plain_names_are_never_empty(text: str) -> None:
    assert len(t.bold(text)) > 2
    assert t.name(text)


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b\u200e", "\x00", "\u3164", "\u2800 \u115f", "\u0301"])
def test_a_name_that_shows_nothing_becomes_a_dash(nothing: str) -> None:
    assert t.bold(nothing) == "*–*"
    assert t.name(nothing) == "–"


@given(st.text(st.characters(exclude_categories=("C", "Z", "M"), exclude_characters="*~`_>")))
def test_unescaping_gives_back_what_was_written(text: str) -> None:
    assert t.unescaped(t.esc(text, 1000)) == t.clean(text, 1000)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Café Nord", "Café Nord"),
        ("B_160201_01", "B_160201_01"),
        ("_it_", "ˍitˍ"),
        ("__init__", "ˍˍinitˍˍ"),
        ("a _b_ c", "a ˍbˍ c"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"),
        ("> quoted", "› quoted"),
        (">>> quoted", "›&gt;&gt; quoted"),
        ("a > b", "a &gt; b"),
        ("*x* ~y~ `z`", "∗x∗ ∼y∼ ˋzˋ"),
        ("one\ntwo\tthree", "one two three"),
        ("\u202eevil", "evil"),
        ("ana@venues.example", "ana@venues.example"),
    ],
)
def test_markup_in_a_name_is_shown_and_not_done(written: str, shown: str) -> None:
    assert t.esc(written) == shown


def test_a_long_name_ends_in_an_ellipsis() -> None:
    assert t.clean("x" * 81) == "x" * 79 + "…"
    assert t.clean("x" * 80) == "x" * 80


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (20, "20 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (94, "1 min 34 s"),
        (599, "9 min 59 s"),
        (600, "10 min"),
        (659, "10 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3659, "1 h"),
        (11_520, "3 h 12 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 day"),
        (172_799, "1 day"),
        (41 * 86_400, "41 days"),
    ],
)
def test_a_span_has_at_most_two_units(seconds: float, words: str) -> None:
    assert t.span(seconds) == words


@given(st.floats(-1e9, 1e12))
def test_a_span_reads_as_number_and_unit(seconds: float) -> None:
    assert re.fullmatch(r"\d+ (?:s|min|h|days?)(?: \d+ (?:s|min))?", t.span(seconds))


@pytest.mark.parametrize(
    ("seconds", "words"), [(-60, "just now"), (1.9, "just now"), (2, "2 s ago"), (90, "1 min 30 s ago")]
)
def test_how_long_ago(seconds: float, words: str) -> None:
    assert t.ago(seconds) == words


def test_numbers_agree_with_their_nouns() -> None:
    assert [t.boxes(n) for n in (0, 1, 2)] == ["0 boxes", "1 box", "2 boxes"]
    assert t.people(1) == "1 person"
    assert t.people(1930) == "1,930 people"
    assert t.count(37, "location") == "37 locations"


def test_a_moment_is_a_date_token_with_utc_for_whoever_cannot_render_it() -> None:
    assert t.clock(1_700_000_000.9) == "<!date^1700000000^{time}|22:13 UTC>"
    assert t.clock(1_700_000_000, seconds=True) == "<!date^1700000000^{time_secs}|22:13 UTC>"
