"""Batches of codes as people type them: `20 codes 1 day 500 MB`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.slack import voucher_words as words


@given(
    quantity=st.integers(words.FEWEST, words.MOST),
    minutes=st.none() | st.integers(words.LEAST_MINUTES, words.MOST_MINUTES),
    megabytes=st.none() | st.integers(words.LEAST_MB, words.MOST_MB),
)
def test_a_wish_that_is_typed_and_read_again_is_the_same(
    quantity: int, minutes: int | None, megabytes: int | None
) -> None:
    wish = words.Wish(quantity, minutes, megabytes)

    assert words.parse_wish(words.typed(wish)) == wish


@given(st.integers(0, words.FEWEST - 1) | st.integers(words.MOST + 1, 999_999))
def test_a_number_of_codes_that_ct_refuses_is_refused_before(quantity: int) -> None:
    with pytest.raises(UsageError, match="batches of 10 to 1,000"):
        words.parse_wish(f"{quantity} codes 1 day")


@pytest.mark.parametrize(
    ("typed", "minutes", "megabytes"),
    [
        ("20 codes a day", 1440, None),
        ("20 codes for 1h30", 90, None),
        ("20 codes 1 h 500 MB", 60, 500),
        ("20 codes 2gb and 3 days", 4320, 2000),
        ("20 codes of 500mb for 2h", 120, 500),
        ("20 vouchers 90m", 90, None),
    ],
)
def test_people_type_it_in_many_ways(typed: str, minutes: int | None, megabytes: int | None) -> None:
    assert words.parse_wish(typed) == words.Wish(20, minutes, megabytes)
