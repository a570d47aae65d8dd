"""Login pages and shared passwords."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import CTForbiddenError, CTInvalidError, CTResponseError, CTUser, SplashCodeForm, SplashPage
from bot.sandbox.ct import PracticeCT
from tests.ct.stub import Stub

PAGES, CODES = "/api/v1/locations/grand-hotel/splash_pages", "/api/v1/locations/grand-hotel/splash_codes"
FORM = SplashCodeForm(splash_page_id="7", password=" sunshine ")


async def test_login_pages_come_with_their_way_in(ana: CTUser, stub: Stub) -> None:
    rows = [
        {"id": 7, "unique_id": "x7", "splash_name": "Guests", "active": True, "primary_access_id": 1, "password": "p"},
        {"unique_id": "x8", "primary_access_id": 99},
    ]
    stub.tells({"splash_pages": rows, "access_types": [{"id": "1", "name": "Vouchers"}, {"id": 2}], "location": {}})

    assert await ana.splash_pages.list("grand-hotel") == [
        SplashPage(id="7", unique_id="x7", name="Guests", active=True, access="Vouchers"),
        SplashPage(id="x8", unique_id="x8", name="x8"),
    ]
    assert stub.asked == [f"GET {PAGES}"]


@pytest.mark.parametrize("told", [{}, [], {"splash_pages": [{}]}, {"splash_pages": {}}], ids=str)
async def test_login_pages_of_another_shape_are_refused(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)
    with pytest.raises(CTResponseError):
        await ana.splash_pages.list("grand-hotel")


async def test_a_login_page_is_switched_with_one_patch(ana: CTUser, stub: Stub) -> None:
    await ana.splash_pages.switch("grand-hotel", "7", active=False)

    assert stub.asked == [f"PATCH {PAGES}/7"]
    assert json.loads(stub.seen[0].body) == {"splash_page": {"active": False}}


async def test_shared_passwords_are_listed_and_print_nothing(ana: CTUser, stub: Stub) -> None:
    row = {
        "id": 4,
        "username": "qc-4",
        "password": "canary",
        "valid": True,
        "started": True,
        "active": True,
        "created_by": "kim",
        "created_at": 1795400000,
        "start_date": "2026-11-23T08:00:00Z",
        "expires": "2026-11-24T08:00:00.000Z",
        "splash_name": "Guests",
    }
    stub.tells({"splash_codes": [row], "_links": {}})
    page = await ana.splash_codes.list("grand-hotel")
    code = page.items[0]

    assert (code.id, code.username, code.password, code.splash_name) == ("4", "qc-4", "canary", "Guests")
    assert (code.valid, code.started, code.active, code.created_by) == (True, True, True, "kim")
    assert (code.created_at, code.starts_at, code.expires_at) == (1795400000, 1795420800, 1795507200)
    assert "canary" not in f"{page!r} {code}"
    assert stub.seen[0].query == {"page": "1", "per": "25"}


async def test_a_shared_password_is_made_with_one_post(ana: CTUser, stub: Stub) -> None:
    stub.says(JSONResponse({"splash_code": {"id": 4}}, 201))
    made = await ana.splash_codes.create("grand-hotel", FORM)
    sent = json.loads(stub.seen[0].body)["splash_code"]
    start, expires = (datetime.fromisoformat(sent.pop(name)) for name in ("start_date", "expires"))

    assert made.id == "4"
    assert stub.asked == [f"POST {CODES}"]
    assert expires - start == timedelta(days=1)
    assert abs(start - datetime.now(UTC)) < timedelta(seconds=30)
    assert sent == {
        "splash_page_id": 7,
        "password": "sunshine",
        "volume": 60,
        "simultaneous_use": 2,
        "session_timeout": 60,
        "idle_timeout": 60,
        "period": "daily",
        "download_speed": 2056,
        "upload_speed": 1024,
        "offset": 0,
    }


def test_dates_are_sent_in_utc() -> None:
    athens = timezone(timedelta(hours=2))
    form = form_with(start_date=datetime(2026, 5, 1, 8, tzinfo=athens), expires=datetime(2026, 5, 2, 8, tzinfo=athens))
    sent = form.body(datetime.now(UTC))["splash_code"]

    assert (sent["start_date"], sent["expires"]) == ("2026-05-01T06:00:00Z", "2026-05-02T06:00:00Z")


def form_with(**fields: object) -> SplashCodeForm:
    return SplashCodeForm(**{name: getattr(FORM, name) for name in FORM.__struct_fields__} | fields)


@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [
        ("splash_page_id", [""], ["7"]),
        ("password", ["ab", " a ", "x" * 21], ["abc", "x" * 20]),
        ("volume", [9, 43_201], [10, 43_200]),
        ("simultaneous_use", [0, 101], [1]),
        ("session_timeout", [0], [1]),
        ("idle_timeout", [0], [1]),
        ("period", ["weekly"], ["daily", "all"]),
        ("download_speed", [55, 51_201], [56, 51_200]),
        ("upload_speed", [55, 51_201], [56, 51_200]),
    ],
)
def test_what_cts_form_would_refuse_is_told_at_its_field(field: str, wrong: list[object], right: list[object]) -> None:
    assert all(set(form_with(**{field: value}).problems()) == {field} for value in wrong)
    assert not any(form_with(**{field: value}).problems() for value in right)


def test_an_end_before_the_start_is_a_problem() -> None:
    now = datetime.now(UTC)

    assert set(form_with(start_date=now, expires=now).problems()) == {"expires"}
    assert form_with(start_date=now, expires=now + timedelta(hours=1)).problems() == {}
    assert form_with(expires=now).problems() == {}


async def test_a_shared_password_without_an_id_leaves_its_creation_open(ana: CTUser, stub: Stub) -> None:
    with pytest.raises(CTResponseError) as raised:
        await ana.splash_codes.create("grand-hotel", FORM)

    assert raised.value.maybe_acted
    assert stub.asked == [f"POST {CODES}"]


async def test_a_shared_password_is_deleted_with_one_request(ana: CTUser, stub: Stub) -> None:
    stub.says(Response(status_code=204))
    await ana.splash_codes.delete("grand-hotel", "4")

    assert stub.asked == [f"DELETE {CODES}/4"]


async def test_the_practice_ct_makes_shared_passwords_where_the_plan_pays(
    practice_ct: tuple[PracticeCT, str], visitor: CTUser
) -> None:
    ct = practice_ct[0]
    loc = (await visitor.locations.list(q="Harbour Hotel")).items[0].slug
    pages = await visitor.splash_pages.list(loc)
    quick = next(page for page in pages if page.access == "QuickCode")
    other = next(page for page in pages if page.access != "QuickCode")
    made = await visitor.splash_codes.create(loc, form_with(splash_page_id=quick.id))
    with pytest.raises(CTInvalidError) as wrong_page:
        await visitor.splash_codes.create(loc, form_with(splash_page_id=other.id, password="moonlight"))
    seen = await visitor.splash_codes.list(loc)
    await visitor.splash_codes.delete(loc, made.id)
    await visitor.splash_pages.switch(loc, other.id, active=False)
    ct.switches.set({"plan": "free"})
    with pytest.raises((CTInvalidError, CTForbiddenError)) as free_plan:
        await visitor.splash_codes.create(loc, form_with(splash_page_id=quick.id))

    assert made.password == "sunshine"
    assert made.id in [code.id for code in seen.items]
    assert list(wrong_page.value.fields) == ["splash_page_id"]
    assert "plan" in free_plan.value.fields["base"][0]
    assert [page.active for page in await visitor.splash_pages.list(loc) if page.id == other.id] == [False]
