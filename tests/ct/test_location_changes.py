"""Adding, changing, archiving locations; their people and their history."""

import json

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import (
    Change,
    CTInvalidError,
    CTNotFoundError,
    CTRequestError,
    CTResponseError,
    CTServerError,
    CTUser,
    LocationForm,
    LocationName,
    Version,
    location_problems,
)
from tests.ct.stub import Stub

PLACE = "/api/v1/locations/grand-hotel"
FORM = LocationForm(location_name="Grand Hotel", location_address="1 Main Street")


async def test_a_location_is_added_with_one_post(ana: CTUser, stub: Stub) -> None:
    stub.says(JSONResponse({"slug": "grand-hotel-x7f", "id": 1813, "location_name": "Grand Hotel"}, 201))
    form = LocationForm(location_name="Grand Hotel", location_address="1 Main Street", town="Perth", postcode="")
    made = await ana.locations.create(form)

    assert (made.slug, made.name) == ("grand-hotel-x7f", "Grand Hotel")
    assert stub.asked == ["POST /api/v1/locations"]
    assert json.loads(stub.seen[0].body) == {
        "location": {
            "location_name": "Grand Hotel",
            "location_address": "1 Main Street",
            "town": "Perth",
            "add_to_global_map": False,
        }
    }


@pytest.mark.parametrize("answer", [Response(status_code=502), Response(status_code=204), Response("<html>")])
async def test_a_location_that_may_have_been_added_is_not_asked_for_again(
    ana: CTUser, stub: Stub, answer: Response
) -> None:
    stub.says(answer)
    with pytest.raises((CTServerError, CTResponseError)) as raised:
        await ana.locations.create(FORM)

    assert raised.value.maybe_acted
    assert stub.asked == ["POST /api/v1/locations"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, set()),
        ({"location_name": "Inn"}, {"location_name"}),
        ({"location_name": None}, {"location_name"}),
        ({"location_name": "x" * 101, "location_address": "x" * 201}, {"location_name", "location_address"}),
        ({"location_name": "x" * 100, "location_address": "x" * 200}, set()),
        ({"country": "GB", "alert_interval": 10_080}, set()),
        ({"country": "gb", "alert_interval": 10_081}, {"country", "alert_interval"}),
        ({"country": "GBR"}, {"country"}),
        ({"country": "", "alert_interval": None}, set()),
    ],
)
def test_what_cts_form_would_refuse_is_told_at_its_field(fields: dict[str, object], wrong: set[str]) -> None:
    assert set(location_problems(fields)) == wrong


def test_a_form_looks_at_its_own_fields() -> None:
    assert FORM.problems() == {}
    assert LocationForm(location_name="Inn", location_address="1 Main Street").problems() == {
        "location_name": "Give 5 to 100 characters."
    }


async def test_settings_are_changed_with_one_patch(ana: CTUser, stub: Stub) -> None:
    stub.tells({"slug": "grand-hotel", "town": "Dundee"})
    edited = await ana.locations.edit("grand-hotel", town="Dundee", alert_interval=20)

    assert edited.town == "Dundee"
    assert stub.asked == [f"PATCH {PLACE}"]
    assert json.loads(stub.seen[0].body) == {"location": {"town": "Dundee", "alert_interval": 20}}


@pytest.mark.parametrize(
    "changes", [{}, {"update_token": True}, {"state": "archived"}, {"town": "x", "api_token": "y"}]
)
async def test_other_settings_are_not_sent(ana: CTUser, stub: Stub, changes: dict[str, object]) -> None:
    with pytest.raises(CTRequestError):
        await ana.locations.edit("grand-hotel", **changes)  # type: ignore[arg-type]

    assert stub.asked == []


@pytest.mark.parametrize(("word", "state"), [("archive", "archived"), ("unarchive", "active")])
async def test_the_state_is_changed_by_patch_or_by_the_older_route(
    ana: CTUser, stub: Stub, word: str, state: str
) -> None:
    stub.answer = lambda request: Response(status_code=404 if request.method == "PATCH" else 204)
    await getattr(ana.locations, word)("grand-hotel")
    await getattr(ana.locations, word)("grand-hotel")

    assert stub.asked == [f"PATCH {PLACE}", f"POST {PLACE}/{word}", f"POST {PLACE}/{word}"]
    assert json.loads(stub.seen[0].body) == {"location": {"state": state}}


async def test_one_act_that_has_an_older_route_says_nothing_of_another(ana: CTUser, stub: Stub) -> None:
    stub.answer = lambda request: Response(status_code=404 if request.method == "PATCH" else 204)
    await ana.locations.archive("grand-hotel")
    stub.says(Response(status_code=204))
    await ana.locations.unarchive("grand-hotel")

    assert stub.asked[2:] == [f"PATCH {PLACE}"]


@pytest.mark.parametrize("status", [403, 422, 429, 500, 503])
async def test_after_anything_but_a_404_archiving_is_not_tried_again(ana: CTUser, stub: Stub, status: int) -> None:
    stub.says(Response(status_code=status))
    with pytest.raises(Exception, match=str(status)):
        await ana.locations.archive("grand-hotel")

    assert stub.asked == [f"PATCH {PLACE}"]


async def test_a_favourite_is_one_patch(ana: CTUser, stub: Stub) -> None:
    await ana.locations.favourite("grand-hotel", True)

    assert stub.asked == [f"PATCH {PLACE}"]
    assert json.loads(stub.seen[0].body) == {"location": {"favourite": True}}


async def test_the_short_list_is_for_pickers_and_cut(ana: CTUser, stub: Stub) -> None:
    rows: list[dict[str, object]] = [{"id": "1", "slug": "s1", "location_name": "One", "unique_id": "u1"}, {"id": 2}]
    stub.tells(rows + [{"id": number} for number in range(3, 5000)])
    names = await ana.locations.short("on")

    assert names[0] == LocationName(id="1", slug="s1", name="One", unique_id="u1")
    assert names[1] == LocationName(id="2", slug="2", name="2")
    assert len(names) == 1000
    assert stub.seen[0].query == {"short": "yep", "q": "on"}


async def test_the_short_list_may_come_wrapped_but_not_without_ids(ana: CTUser, stub: Stub) -> None:
    stub.tells({"locations": [{"slug": "s1"}]})
    names = await ana.locations.short()
    stub.tells([{"location_name": "One"}])
    with pytest.raises(CTResponseError):
        await ana.locations.short()

    assert [name.slug for name in names] == ["s1"]


async def test_colleagues_come_with_their_role(ana: CTUser, stub: Stub) -> None:
    rows = [
        {"email": "ana@venues.example", "username": "ana", "slug": "ana-1", "role_id": "100", "primary": True,
         "state": "active", "created_at": 5},
        {"username": "kim", "role_id": 999},
    ]  # fmt: skip
    stub.tells(rows)
    first, second = await ana.locations.users("grand-hotel")

    assert (first.slug, first.email, first.username, first.role) == ("ana-1", "ana@venues.example", "ana", "Owner")
    assert (first.is_owner, first.state, first.created_at) == (True, "active", 5)
    assert (second.slug, second.role, second.is_owner) == ("kim", "", False)
    assert "ana" not in repr(first)
    assert stub.asked == [f"GET {PLACE}/users"]


async def test_who_was_only_asked_has_no_name_yet(ana: CTUser, stub: Stub) -> None:
    stub.tells([{"email": "x@y.example", "username": None, "slug": None, "state": "invited", "timestamp": 9}])
    [asked] = await ana.locations.users("grand-hotel")

    assert (asked.slug, asked.username, asked.state, asked.created_at) == ("x@y.example", None, "invited", 9)
    assert "x@y" not in repr(asked)


async def test_a_colleague_without_an_id_is_refused(ana: CTUser, stub: Stub) -> None:
    stub.tells([{"role_id": 110}])
    with pytest.raises(CTResponseError):
        await ana.locations.users("grand-hotel")


async def test_a_history_shows_harmless_fields_and_hides_the_others(ana: CTUser, stub: Stub) -> None:
    changeset = {
        "description": ["Old", "New"],
        "zone_id": [None, 7],
        "is_monitored": [True, False],
        "ssh_passwd": ["canary", "canary"],
        "made_up_by_ct": ["canary", None],
        "tags": "canary",
        "town": ["x" * 500, ""],
    }
    row = {"id": 9, "whodunnit": "ana", "created_at": 5, "changeset": changeset}
    stub.tells({"versions": [row, {"changeset": None}], "_links": {"total_entries": 40, "total_pages": 2}})
    page = await ana.locations.versions("grand-hotel")

    assert page.items[0] == Version(
        id="9",
        who="ana",
        created_at=5,
        changes=(
            Change(field="description", before="Old", after="New"),
            Change(field="zone_id", before=None, after="7"),
            Change(field="is_monitored", before="true", after="false"),
            Change(field="ssh_passwd", hidden=True),
            Change(field="made_up_by_ct", hidden=True),
            Change(field="tags", hidden=True),
            Change(field="town", before="x" * 199 + "…", after=""),
        ),
    )
    assert page.items[1] == Version(id="")
    assert "canary" not in repr(page)
    assert (page.total_entries, stub.asked) == (40, [f"GET {PLACE}/versions"])


# At the practice CT


async def test_a_location_lives_at_the_practice_ct(visitor: CTUser) -> None:
    made = await visitor.locations.create(FORM)
    with pytest.raises(CTInvalidError) as refused:
        await visitor.locations.create(LocationForm(location_name="Inn", location_address="x"))
    await visitor.locations.edit(made.slug, town="Dundee")
    await visitor.locations.favourite(made.slug, True)
    await visitor.locations.archive(made.slug)
    archived = await visitor.locations.get(made.slug)
    await visitor.locations.unarchive(made.slug)
    reopened = await visitor.locations.get(made.slug)
    history = await visitor.locations.versions(made.slug)

    assert set(refused.value.fields) == {"location_name", "location_address"}
    assert (archived.archived, archived.town, archived.is_favourite, reopened.archived) == (True, "Dundee", True, False)
    assert {change.field for version in history.items for change in version.changes} >= {"town", "state"}
    assert made.slug in [name.slug for name in await visitor.locations.short("Grand Hotel")]
    assert "Owner" in [user.role for user in await visitor.locations.users(made.slug)]


async def test_a_location_that_is_not_there_cannot_be_archived(visitor: CTUser) -> None:
    with pytest.raises(CTNotFoundError):
        await visitor.locations.archive("no-such-place")
