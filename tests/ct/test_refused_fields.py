"""CT's own sentence at the field it belongs to, out of every shape of its error bodies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response

from bot.ct import CTForbiddenError, CTInvalidError, CTServerError, CTUser
from bot.ct.errors import status_error
from bot.ct.refusals import fields
from tests.ct.stub import Stub

JSON = "application/json"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ('{"errors": ["Name is taken."]}', {"base": ["Name is taken."]}),
        (
            '{"errors": {"quantity": ["must be less than 1001"], "batch_name": ["can\'t be blank", "is odd"]}}',
            {
                "quantity": ["Quantity must be less than 1001"],
                "batch_name": ["Batch name can't be blank", "Batch name is odd"],
            },
        ),
        (
            '{"errors": {"base": ["Box is busy."], "mac": "is taken"}}',
            {"base": ["Box is busy."], "mac": ["Mac is taken"]},
        ),
        ('{"errors": {"port_forwards.source": ["x"]}}', {"port_forwards.source": ["Port forwards source x"]}),
        ('{"message": "Not now."}', {"base": ["Not now."]}),
        ('{"message": ["Not now.", "Not now."]}', {"base": ["Not now."]}),
        (
            '{"message": [{"location_name": "is taken"}, {"location_address": ["is short"]}, "Sorry."]}',
            {
                "location_name": ["Location name is taken"],
                "location_address": ["Location address is short"],
                "base": ["Sorry."],
            },
        ),
        ('{"errors": {"name": ["  "]}}', {"name": ["Name"]}),
        ('{"errors": {"base": ["\\u202e"]}}', {}),
        ("{}", {}),
        ("<html>", {}),
        ("", {}),
    ],
)
def test_sentences_stand_at_their_field(told: str, found: dict[str, list[str]]) -> None:
    assert fields(told.encode(), JSON) == found


def test_a_plain_text_is_about_no_field() -> None:
    assert fields(b"Not today.", "text/plain; charset=utf-8") == {"base": ["Not today."]}


def test_a_flood_of_fields_is_cut() -> None:
    told = "{" + ",".join(f'"f{number}": ["is odd"]' for number in range(500)) + "}"

    assert len(fields(b'{"errors": ' + told.encode() + b"}", JSON)) == 30


@given(st.dictionaries(st.text(max_size=9), st.lists(st.text(max_size=9), max_size=3), max_size=5))
def test_names_and_sentences_are_printable_lines(told: dict[str, list[str]]) -> None:
    found = fields(bytes(JSONResponse({"errors": told}).body), JSON)

    assert all(name and name.isprintable() and lines for name, lines in found.items())
    assert all(line and line.isprintable() for lines in found.values() for line in lines)


@pytest.mark.parametrize(
    ("status", "error"), [(422, CTInvalidError), (400, CTInvalidError), (403, CTForbiddenError), (500, CTServerError)]
)
async def test_every_status_error_has_the_fields_beside_its_messages(
    ana: CTUser, stub: Stub, status: int, error: type[CTInvalidError]
) -> None:
    stub.tells({"errors": {"zone_id": ["is not yours"]}}, status)
    with pytest.raises(error) as raised:
        await ana.boxes.get("b1")

    assert raised.value.fields == {"zone_id": ["Zone id is not yours"]}
    assert raised.value.messages == ["Zone id is not yours"]
    assert "zone" not in str(raised.value).lower()


async def test_an_empty_refusal_has_no_fields(ana: CTUser, stub: Stub) -> None:
    stub.says(Response(status_code=422))
    with pytest.raises(CTInvalidError) as raised:
        await ana.boxes.get("b1")

    assert (raised.value.fields, raised.value.messages) == ({}, [])


def test_an_error_made_without_fields_has_none() -> None:
    assert status_error("x", status=422, messages=["Odd."]).fields == {}
