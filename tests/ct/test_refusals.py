"""CT's error bodies: four shapes, and what proxies put in their place."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct.refusals import clean, messages, retry_after

JSON = "application/json"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"errors": ["Name is taken.", "MAC is invalid."]}, ["Name is taken.", "MAC is invalid."]),
        ({"errors": {"description": ["is too short"]}}, ["Description is too short"]),
        ({"errors": {"ap_mac": ["is invalid", "is taken"]}}, ["Ap mac is invalid", "Ap mac is taken"]),
        ({"errors": {"base": ["Box is busy."]}}, ["Box is busy."]),
        ({"errors": {"port_forwards.source": "is missing"}}, ["Port forwards source is missing"]),
        ({"errors": {"name": ["Name is taken."]}}, ["Name is taken."]),
        ({"message": "Not now."}, ["Not now."]),
        ({"message": ["Not now.", "Not ever."]}, ["Not now.", "Not ever."]),
        ({"message": [{"location_name": "is taken"}]}, ["Location name is taken"]),
        ({"message": {"zone": "is missing"}}, ["Zone is missing"]),
        ({"errors": [], "message": "Then this."}, ["Then this."]),
        ({"errors": None, "message": None, "error": "Not Found"}, ["Not Found"]),
        ("It cannot be.", ["It cannot be."]),
        (["It cannot be."], ["It cannot be."]),
        ({}, []),
        ({"errors": {"a": {"b": {"c": {"d": {"e": "too deep"}}}}}}, []),
        ({"errors": [None, 5, True, "Yes."]}, ["Yes."]),
        ({"errors": ["same", "same"]}, ["same"]),
        (None, []),
        (5, []),
    ],
    ids=str,
)
def test_every_shape_becomes_sentences(told: object, found: list[str]) -> None:
    assert messages(msgspec.json.encode(told), JSON) == found


def test_plain_text_is_a_sentence() -> None:
    assert messages(b"Retry later\n", "text/plain; charset=utf-8") == ["Retry later"]


@pytest.mark.parametrize(
    "body", [b"", b"<html><h1>Bad Gateway</h1></html>", b"\xff\xfe", b"{", b"[" * 60_000, b'"' + b"x" * 70_000 + b'"']
)
@pytest.mark.parametrize("kind", ["text/html", JSON, ""])
def test_what_is_no_message_gives_none(body: bytes, kind: str) -> None:
    assert messages(body, kind) == []


def test_there_are_five_at_most_and_none_is_long() -> None:
    found = messages(msgspec.json.encode({"errors": [f"{n} " + "x" * 900 for n in range(40)]}), JSON)

    assert len(found) == 5
    assert all(len(one) == 200 and one.endswith("…") for one in found)


@given(st.text())
def test_a_clean_text_is_one_printable_line(text: str) -> None:
    line = clean(text)

    assert line.isprintable()
    assert line == " ".join(line.split())
    assert len(line) <= 200


def test_control_and_direction_characters_are_gone() -> None:
    assert clean("a\x00b\r\nc\u202ed\u200be\x1b[31m") == "a b c d e [31m"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("30", 30.0),
        (" 0 ", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
    ],
)
def test_a_pause_is_read_in_seconds_or_not_at_all(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_a_pause_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    assert 80 < (retry_after(soon) or 0) <= 90
    assert retry_after("Sat, 31 Oct 2015 08:00:00 GMT") == 0.0
