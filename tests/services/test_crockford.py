"""Codes that people read and type: what is made, and what is understood."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.services.crockford import ALPHABET, LENGTH, grouped, new_code, read_code

codes = st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH)
looks_like = {"0": "0Oo", "1": "1IiLl"}


def test_a_code_has_forty_bits() -> None:
    assert len(set(ALPHABET)) ** LENGTH == 2**40
    assert not set("ILOU") & set(ALPHABET)


def test_all_characters_come_everywhere_about_as_often() -> None:
    made = [new_code() for _ in range(4_000)]
    counts = [Counter(code[place] for code in made) for place in range(LENGTH)]

    assert len(set(made)) == len(made)
    assert all(set(count) == set(ALPHABET) for count in counts)
    assert all(60 < n < 200 for count in counts for n in count.values())


@given(code=codes, data=st.data())
def test_a_code_is_understood_however_it_is_written(code: str, data: st.DataObject) -> None:
    between = st.text(alphabet=" -–—\u00a0\u200b\t\n", max_size=3)
    written = data.draw(between)
    for char in code:
        written += data.draw(st.sampled_from(looks_like.get(char, char + char.lower()))) + data.draw(between)

    assert read_code(written) == code


@given(code=codes)
def test_what_is_shown_is_understood(code: str) -> None:
    assert read_code(grouped(code)) == code
    assert len(grouped(code)) == LENGTH + 1


@given(text=st.text())
def test_whatever_is_typed_is_a_code_or_nothing(text: str) -> None:
    read = read_code(text)

    assert read is None or (len(read) == LENGTH and set(read) <= set(ALPHABET))
