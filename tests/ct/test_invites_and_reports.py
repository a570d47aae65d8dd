"""What asks CT to write to somebody: one call, with exactly what it takes."""

import json

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import CTForbiddenError, CTInvalidError, CTServerError, CTUser
from bot.sandbox.ct import PracticeCT
from tests.ct.stub import Stub


async def test_an_invitation_is_one_post(ana: CTUser, stub: Stub) -> None:
    stub.says(Response(status_code=201))
    await ana.invites.create("grand-hotel", "kim@x.example", 120)

    assert stub.asked == ["POST /api/v1/invites"]
    assert json.loads(stub.seen[0].body) == {
        "location_id": "grand-hotel",
        "invite": {"email": "kim@x.example", "role_id": 120},
    }


async def test_another_role_is_one_patch(ana: CTUser, stub: Stub) -> None:
    await ana.invites.change("grand-hotel", "kim@x.example", 140)

    assert stub.asked == ["PATCH /api/v1/invites"]
    assert json.loads(stub.seen[0].body) == {"location_id": "grand-hotel", "email": "kim@x.example", "role_id": 140}


async def test_a_report_is_one_post_by_the_number_of_the_location(ana: CTUser, stub: Stub) -> None:
    await ana.reports.email("radius", "1813", start=5, end=9)

    assert stub.asked == ["POST /api/v1/reports"]
    assert json.loads(stub.seen[0].body) == {
        "type": "radius",
        "location_id": 1813,
        "start": 5,
        "end": 9,
        "interval": "day",
    }


async def test_what_may_have_been_sent_is_not_sent_again(ana: CTUser, stub: Stub) -> None:
    stub.says(JSONResponse({}, 502))
    for call in (ana.invites.create("x", "kim@x.example", 120), ana.reports.email("radius", "1", start=1, end=2)):
        with pytest.raises(CTServerError) as raised:
            await call
        assert raised.value.maybe_acted

    assert len(stub.asked) == 2


async def test_the_practice_ct_invites_and_sends(practice_ct: tuple[PracticeCT, str], visitor: CTUser) -> None:
    ct, _ = practice_ct
    loc = (await visitor.locations.list(q="Harbour Hotel")).items[0]
    ct.switches.set({"invite_seconds": 0.0})
    await visitor.invites.create(loc.slug, "new@x.example", 130)
    with pytest.raises(CTInvalidError) as again:
        await visitor.invites.create(loc.slug, "NEW@x.example", 130)
    await visitor.invites.change(loc.slug, "new@x.example", 140)
    await visitor.reports.email("people", loc.id, start=100, end=200)
    ct.switches.set({"creation": "forbidden"})
    with pytest.raises(CTForbiddenError):
        await visitor.reports.email("people", loc.id, start=100, end=200)
    asked = [user for user in await visitor.locations.users(loc.slug) if user.email == "new@x.example"]

    assert list(again.value.fields) == ["email"]
    assert [(user.role, user.state) for user in asked] == [("Observer", "invited")]
    assert [mail["type"] for mail in ct.practice.mails] == ["people"]
