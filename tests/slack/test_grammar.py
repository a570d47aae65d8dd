"""What follows `/ct`, read and written: the grammar's laws and its corners."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.slack.grammar import MOST_CHARACTERS, NoArgs, after, compose, page, parse, rest, shaped, tidy, usage
from tests.slack.foreign import texts


@dataclass(frozen=True)
class Reboot:
    box: str | None = rest("box", required=True, pick="box")
    reason: str | None = after("because", "reason")


@dataclass(frozen=True)
class Search:
    search: str | None = rest("search")
    page: int = page()


@dataclass(frozen=True)
class Code:
    place: str | None = rest("location", required=True)
    days: str | None = after("for", "days")
    who: str | None = after("to", "person")
    page: int = page()


@dataclass(frozen=True)
class Codes:
    place: str | None = rest("location", required=True)
    number: str | None = shaped(r"[0-9]+ codes?", "20 codes")
    days: str | None = shaped(r"[0-9]+ days?", "1 day")
    reason: str | None = after("because", "reason")


def reboot(text: str) -> Reboot:
    return parse(Reboot, tidy(text), typed="/ct reboot")


def search(text: str) -> Search:
    return parse(Search, tidy(text), typed="/ct locations")


# --- reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "box", "reason"),
    [
        ("", None, None),
        ("lobby", "lobby", None),
        ("lobby ap 3", "lobby ap 3", None),
        ("lobby because guests cannot log in", "lobby", "guests cannot log in"),
        ("LOBBY BECAUSE GUESTS", "LOBBY", "GUESTS"),
        ("  lobby \t ap   because   it  is   slow ", "lobby ap", "it is slow"),
        ("because-1", "because-1", None),
        ("because-1 because it is slow", "because-1", "it is slow"),
        ("just-because because why", "just-because", "why"),
        ("becauseway ap because why", "becauseway ap", "why"),
        ("because it is slow", None, "it is slow"),
        ("lobby because it fell because of rain", "lobby", "it fell because of rain"),
        ('"lobby ap" because "it is slow"', "lobby ap", "it is slow"),
        ("'lobby ap' because 'slow'", "lobby ap", "slow"),
        ("“lobby ap” because ‘slow’", "lobby ap", "slow"),
        ("„lobby ap“ because «slow»", "lobby ap", "slow"),
        ('"just because" because why', "just because", "why"),
        ('"just because"', "just because", None),
        ("'page 2 because' because why", "page 2 because", "why"),
        ('"lobby" ap because why', '"lobby" ap', "why"),
        ('lobby "ap" because why', 'lobby "ap"', "why"),
        ('""', None, None),
        ('"', '"', None),
        ("it's", "it's", None),
        ("lobby–ap—3", "lobby-ap-3", None),
        ("lobby‑ap−3", "lobby-ap-3", None),
        ("lobby\u00a0ap\u202f3", "lobby ap 3", None),
        ("lob\u200bby \u200eap\u200f", "lobby ap", None),
        ("\u202elobby\u202c because \u2066slow\u2069", "lobby", "slow"),
        ("<https://x.example|x.example> because <mailto:a@x.example|a@x.example>", "x.example", "a@x.example"),
        ("<http://x.example>", "http://x.example", None),
        ("a &lt;b&gt; &amp; c", "a <b> & c", None),
        ("&lt;https://x|y&gt;", "<https://x|y>", None),
        ("🔥 ap because 💧", "🔥 ap", "💧"),
        ("مقهى because بطيء", "مقهى", "بطيء"),
        ("lobby because {}", "lobby", "{}"),
    ],
)
def test_a_box_and_a_reason(text: str, box: str | None, reason: str | None) -> None:
    assert reboot(text) == Reboot(box, reason)


@pytest.mark.parametrize(
    ("text", "wanted", "number"),
    [
        ("", None, 1),
        ("nord", "nord", 1),
        ("nord page 2", "nord", 2),
        ("nord PAGE 02", "nord", 2),
        ("page 3", None, 3),
        ("page", "page", 1),
        ("front page", "front page", 1),
        ("front page page 2", "front page", 2),
        ("page page 2", "page", 2),
        ("page 2 page 3", "page 2", 3),
        ("nord page 0", "nord page 0", 1),
        ("nord page -1", "nord page -1", 1),
        ("nord page two", "nord page two", 1),
        ("nord page ²", "nord page ²", 1),
        ("nord page 100000", "nord page 100000", 1),
        ("nord page 99999", "nord", 99_999),
        ('"nord page 2"', "nord page 2", 1),
        ('"nord page 2" page 3', "nord page 2", 3),
        ("homepage 2", "homepage 2", 1),
    ],
)
def test_a_search_and_a_page(text: str, wanted: str | None, number: int) -> None:
    assert search(text) == Search(wanted, number)


def test_keywords_are_read_in_their_order() -> None:
    code = parse(Code, "café nord for 3 to ana page 2", typed="/ct code")

    assert code == Code("café nord", "3", "ana", 2)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", Codes()),
        ("café nord 20 codes 1 day", Codes("café nord", "20 codes", "1 day")),
        ("1 day 20 CODES café nord because why", Codes("café nord", "20 CODES", "1 day", "why")),
        ("café 5 codes nord", Codes("café nord", "5 codes")),
        ("5 codesign", Codes("5 codesign")),
        ('"2 days inn" 5 codes', Codes("2 days inn", "5 codes")),
        ("café because 3 days of rain", Codes("café", reason="3 days of rain")),
    ],
)
def test_words_that_are_known_by_their_looks_may_stand_anywhere(text: str, codes: Codes) -> None:
    assert parse(Codes, tidy(text), typed="/ct codes") == codes


@pytest.mark.parametrize("text", ["lobby because", "lobby because ''", "because", 'lobby because ""'])
def test_a_keyword_without_its_text_is_told_with_the_usage(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        reboot(text)

    assert str(refused.value) == "After “because” I expected a reason. Type /ct reboot <box> [because <reason>]"


def test_extra_words_are_told_back() -> None:
    with pytest.raises(UsageError, match=r"^/ct whoami takes nothing more, but I read “please”\.$"):
        parse(NoArgs, "please", typed="/ct whoami")


@pytest.mark.parametrize("text", ["x" * 301, f"lobby because {'y' * 301}"])
def test_what_is_too_long_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"too long: keep it under 300 characters"):
        reboot(text)


def test_a_megabyte_is_refused_quickly() -> None:
    with pytest.raises(UsageError):
        reboot("<https://" * 100_000)


@given(texts())
def test_anything_typed_is_read_or_refused_with_a_sentence(text: str) -> None:
    for args in (NoArgs, Reboot, Search, Code):
        try:
            parse(args, tidy(text), typed="/ct x")
        except UsageError as refused:
            assert str(refused).strip()


# --- writing ----------------------------------------------------------------------------------


def test_the_usage_shows_what_may_be_left_out() -> None:
    assert usage(Reboot) == "<box> [because <reason>]"
    assert usage(Search) == "[search]"
    assert usage(Code) == "<location> [for <days>] [to <person>]"
    assert usage(NoArgs) == ""


def test_composing_leaves_out_what_is_not_given() -> None:
    assert compose("reboot", Reboot("lobby", None)) == "reboot lobby"
    assert compose("locations", Search(None, 1)) == "locations"
    assert compose("locations", Search("nord", 4), page=None) == "locations nord"
    assert compose("reboot", Reboot("lob", "why"), box="{}") == "reboot {} because why"
    assert compose("whoami", NoArgs()) == "whoami"


def test_a_name_that_holds_a_keyword_is_written_in_quotes() -> None:
    assert compose("reboot", Reboot("just because", "why")) == 'reboot "just because" because why'
    assert compose("reboot", Reboot('"so" because')) == "reboot '\"so\" because'"


def _readable(value: str) -> bool:
    return not ('"' in value and "'" in value)


VALUES = (
    st.one_of(
        texts(30).map(tidy),
        st.lists(st.sampled_from(["because", "page", "2", "lobby", '"', "'", "{}", "Because", "to"]), max_size=5).map(
            " ".join
        ),
    )
    .map(lambda text: tidy(text)[:MOST_CHARACTERS].strip())
    .filter(bool)
    .filter(_readable)
    .filter(lambda text: text.strip("\"'").strip() == text.strip("\"'") != "")
)


def again(args: Any) -> Any:
    """Written and read again, as a button does it."""
    return parse(type(args), compose("x", args).removeprefix("x").strip(), typed="/ct x")


@given(st.none() | VALUES, st.none() | VALUES)
@example('"lobby', 'loud"')
def test_a_reboot_written_down_is_read_the_same(box: str | None, reason: str | None) -> None:
    assert again(Reboot(box, reason)) == Reboot(box, reason)


@given(st.none() | VALUES, st.integers(1, 99_999))
@example("'90s bar", 2)
def test_a_search_written_down_is_read_the_same(wanted: str | None, number: int) -> None:
    assert again(Search(wanted, number)) == Search(wanted, number)


LOOKS = st.lists(st.sampled_from(["café", "2 days", "5 codes", "inn", "1 day"]), min_size=1, max_size=4).map(" ".join)


@given(st.none() | LOOKS, st.none() | st.just("20 codes"), st.none() | st.just("1 day"), st.none() | LOOKS)
def test_a_name_that_looks_like_another_argument_is_read_the_same(
    place: str | None, number: str | None, days: str | None, reason: str | None
) -> None:
    codes = Codes(place, number, days, reason)

    assert again(codes) == codes


@given(VALUES, st.integers(0, 999))
def test_a_page_button_after_any_search_leads_to_that_page(wanted: str, number: int) -> None:
    button = f"{compose('x', Search(wanted, 7), page=None)} page {number + 1}"

    assert parse(Search, button.removeprefix("x").strip(), typed="/ct x") == Search(wanted, number + 1)


@given(texts())
def test_tidy_text_is_one_line_without_unseen_signs(text: str) -> None:
    tidied = tidy(text)

    assert tidied == " ".join(tidied.split())
    assert not set(tidied) & set("\u200b\u200e\u202e\u2066“”’–\u00a0\n")
