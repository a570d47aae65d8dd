"""Vouchers and codes: what is asked, what is understood, what is made only once."""

import asyncio
import json

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import (
    CTClient,
    CTConnectionError,
    CTInvalidError,
    CTNotFoundError,
    CTRequestError,
    CTResponseError,
    CTServerError,
    CTUser,
    Rules,
    VoucherForm,
)
from bot.ct.voucher_form import DATA
from bot.sandbox.ct import PracticeCT
from tests.ct.stub import Seen, Stub

LIST = "/api/v1/locations/grand-hotel/vouchers"
FORM = VoucherForm(splash_page_id="18130", batch_name=" Harbour ", batch_description="Conference of May")
FULL = {
    "unique_id": "9f2c",
    "batch_name": "Day passes",
    "batch_description": "Reception",
    "quantity": "50",
    "completed": True,
    "is_active": False,
    "access_type": 1,
    "validity_minutes": "1440",
    "access_restrict_data": "",
    "access_restrict_period": "",
    "access_period": None,
    "session_timeout": 60,
    "idle_timeout": 60,
    "simultaneous_use": 2,
    "length": 6,
    "voucher_format": "words",
    "download_speed": 2048,
    "upload_speed": 1024,
    "splash_page_id": 18130,
    "state": "completed",
    "created_at": 1795400000,
    "pdf_link": "https://files.example/9f2c.pdf",
    "csv_link": "javascript:alert(1)",
}
CODE = {
    "serial": 10001,
    "username": "abc234",
    "password": "canary-password",
    "active": True,
    "date_activated": None,
    "client_mac": "AA-BB-CC-00-00-01",
    "guest_id": 7,
}


async def test_a_batch_is_read_with_what_its_codes_grant(ana: CTUser, stub: Stub) -> None:
    stub.tells(FULL)
    voucher = await ana.vouchers.get("grand-hotel", "9f2c")

    assert (voucher.id, voucher.name, voucher.description) == ("9f2c", "Day passes", "Reception")
    assert (voucher.quantity, voucher.completed, voucher.is_active) == (50, True, False)
    assert (voucher.length, voucher.format, voucher.splash_page_id) == (6, "words", "18130")
    assert (voucher.state, voucher.created_at) == ("completed", 1795400000)
    assert (voucher.pdf_link, voucher.csv_link) == ("https://files.example/9f2c.pdf", None)
    assert voucher.rules == Rules(
        access_type=1,
        validity_minutes=1440,
        data_mb=None,
        period="",
        access_period=None,
        session_timeout=60,
        idle_timeout=60,
        simultaneous_use=2,
        download_speed=2048,
        upload_speed=1024,
    )
    assert stub.asked == [f"GET {LIST}/9f2c"]


async def test_a_batch_with_nothing_but_an_id_is_active_and_not_complete(ana: CTUser, stub: Stub) -> None:
    stub.tells({"voucher": {"unique_id": 7, "quantity": "many"}})
    voucher = await ana.vouchers.get("grand-hotel", "7")

    assert (voucher.id, voucher.name, voucher.quantity) == ("7", "7", None)
    assert (voucher.is_active, voucher.completed, voucher.rules) == (True, False, Rules())


@pytest.mark.parametrize("told", [{}, {"unique_id": ""}, {"voucher": {}}, [], "x", {"unique_id": []}], ids=str)
async def test_a_batch_of_another_shape_is_refused(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)
    with pytest.raises(CTResponseError):
        await ana.vouchers.get("grand-hotel", "7")


async def test_batches_are_listed_by_page(ana: CTUser, stub: Stub) -> None:
    stub.tells({"vouchers": [FULL], "_links": {"current_page": 2, "total_pages": 3, "total_entries": 51}})
    page = await ana.vouchers.list("grand-hotel", q="day", page=2)

    assert [voucher.id for voucher in page.items] == ["9f2c"]
    assert (page.current_page, page.total_pages, page.total_entries) == (2, 3, 51)
    assert stub.seen[0].query == {"q": "day", "page": "2", "per": "25"}


# Making a batch


async def test_a_batch_is_asked_for_as_cts_own_form_asks(ana: CTUser, stub: Stub) -> None:
    stub.tells({**FULL, "completed": False}, 201)
    voucher = await ana.vouchers.create("grand-hotel", FORM)

    assert not voucher.completed
    assert stub.asked == [f"POST {LIST}"]
    assert json.loads(stub.seen[0].body) == {
        "voucher": {
            "splash_page_id": 18130,
            "batch_name": "Harbour",
            "batch_description": "Conference of May",
            "quantity": 10,
            "access_type": 1,
            "validity_minutes": 60,
            "access_restrict_period": "",
            "session_timeout": 60,
            "idle_timeout": 60,
            "simultaneous_use": 2,
            "length": 6,
            "voucher_format": "alphanumeric",
            "download_speed": 2048,
            "upload_speed": 1024,
            "limit_type": "multi_use",
            "secure_password": True,
        }
    }


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_batch_is_asked_for_once_even_where_it_may_not_have_been_made(
    ana: CTUser, stub: Stub, status: int
) -> None:
    stub.says(Response(status_code=status))
    with pytest.raises(CTServerError) as raised:
        await ana.vouchers.create("grand-hotel", FORM)

    assert raised.value.maybe_acted
    assert stub.asked == [f"POST {LIST}"]


@pytest.mark.parametrize("answer", [Response(status_code=204), JSONResponse({"ok": True}), Response("<html>")])
async def test_an_acceptance_that_cannot_be_read_leaves_the_outcome_open(
    ana: CTUser, stub: Stub, answer: Response
) -> None:
    stub.says(answer)
    with pytest.raises(CTResponseError) as raised:
        await ana.vouchers.create("grand-hotel", FORM)

    assert raised.value.maybe_acted
    assert stub.asked == [f"POST {LIST}"]


async def test_a_creation_without_an_answer_in_time_may_have_been_done(stub: Stub) -> None:
    async def never(_: Seen) -> Response:
        await asyncio.sleep(60)
        raise AssertionError

    stub.answer = never
    hasty = CTClient(auth_url=stub.url, api_url=stub.url, client_id="app", client_secret="secret", deadline=0.3)
    with pytest.raises(CTConnectionError) as raised:
        await hasty.as_user("token").vouchers.create("grand-hotel", FORM)
    await hasty.aclose()

    assert raised.value.maybe_acted
    assert stub.asked == [f"POST {LIST}"]


async def test_a_refusal_stands_at_its_fields(ana: CTUser, stub: Stub) -> None:
    stub.tells({"errors": {"quantity": ["must be greater than 9"], "base": ["Your plan is full."]}}, 422)
    with pytest.raises(CTInvalidError) as raised:
        await ana.vouchers.create("grand-hotel", FORM)

    assert raised.value.fields == {"quantity": ["Quantity must be greater than 9"], "base": ["Your plan is full."]}
    assert not raised.value.maybe_acted


async def test_a_batch_is_switched_with_one_patch(ana: CTUser, stub: Stub) -> None:
    stub.tells(FULL)
    voucher = await ana.vouchers.switch("grand-hotel", "9f2c", active=False)

    assert not voucher.is_active
    assert stub.asked == [f"PATCH {LIST}/9f2c"]
    assert json.loads(stub.seen[0].body) == {"voucher": {"is_active": False}}


# The form's limits


def test_the_defaults_have_no_problem() -> None:
    assert FORM.problems() == {}


@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [
        ("splash_page_id", [""], ["external", "7"]),
        ("batch_name", ["", "  ", "x" * 101], ["x", "x" * 100]),
        ("batch_description", ["", "x" * 256], ["x" * 255]),
        ("quantity", [-1, 9, 1001], [10, 1000]),
        ("access_type", [0, 3], [1]),
        ("validity_minutes", [4, 518_413], [5, 518_412]),
        ("access_restrict_data", [49, 1_000_001], [None, 50, 1_000_000]),
        ("access_restrict_period", ["yearly"], ["", "daily", "weekly", "monthly", "all"]),
        ("access_period", [59, 43_202], [None, 60, 43_201]),
        ("session_timeout", [0, 61], [None, 1, 60]),
        ("idle_timeout", [9, 43_202], [10, 43_201]),
        ("simultaneous_use", [0, 101], [1, 100]),
        ("length", [5, 51], [6, 50]),
        ("voucher_format", ["emoji"], ["words", "numeric", "alpha"]),
        ("download_speed", [55, 102_401], [56, 102_400]),
        ("upload_speed", [55, 102_401], [56, 102_400]),
    ],
)
def test_what_cts_form_would_refuse_is_told_at_its_field(field: str, wrong: list[object], right: list[object]) -> None:
    for value in wrong:
        assert set(form_with(**{field: value}).problems()) == {field}, value
    for value in right:
        assert form_with(**{field: value}).problems() == {}, value


def form_with(**fields: object) -> VoucherForm:
    return VoucherForm(**{name: getattr(FORM, name) for name in FORM.__struct_fields__} | fields)


def test_a_short_validity_shortens_the_session_that_nobody_chose() -> None:
    form = form_with(validity_minutes=30)

    assert form.problems() == {}
    assert form.body()["voucher"]["session_timeout"] == 30


def test_a_batch_by_data_needs_its_amount() -> None:
    assert set(form_with(access_type=DATA).problems()) == {"access_restrict_data"}
    assert form_with(access_type=DATA, access_restrict_data=500).problems() == {}


def test_a_limit_is_told_in_words() -> None:
    assert form_with(quantity=5).problems() == {"quantity": "Give a whole number from 10 to 1,000."}
    assert form_with(batch_name="").problems() == {"batch_name": "Give 1 to 100 characters."}


# Codes


async def test_codes_are_listed_and_print_nothing(ana: CTUser, stub: Stub) -> None:
    stub.tells({"codes": [CODE], "_links": {"current_page": 1, "total_pages": 1, "total_entries": 1}})
    page = await ana.vouchers.codes("grand-hotel", "9f2c", activated=False)
    code = page.items[0]

    assert (code.username, code.password, code.serial, code.active) == ("abc234", "canary-password", "10001", True)
    assert (code.activated_at, code.mac, code.voucher_id, code.created_at) == (None, "AA-BB-CC-00-00-01", None, None)
    assert f"{page} {code!r} {list(code.__rich_repr__())}".count("abc234") == 0
    assert "canary" not in f"{page!r}"
    assert stub.asked == [f"GET {LIST}/9f2c/codes"]
    assert stub.seen[0].query == {"page": "1", "per": "100", "activated": "false"}


@pytest.mark.parametrize("per", [100, 15])
async def test_all_thousand_codes_are_found_also_where_ct_gives_fifteen_a_page(
    ana: CTUser, stub: Stub, per: int
) -> None:
    def paged(seen: Seen) -> Response:
        page = int(seen.query["page"])
        rows = [{"username": f"c{number}"} for number in range((page - 1) * per, min(page * per, 1000))]
        links = {"current_page": page, "total_pages": -(-1000 // per), "total_entries": 1000}
        return JSONResponse({"codes": rows, "_links": links})

    stub.answer = paged
    listing = await ana.vouchers.all_codes("grand-hotel", "9f2c")

    assert (len(listing.items), listing.total, listing.complete) == (1000, 1000, True)
    assert listing.items[999].id == "c999"


async def test_a_code_without_a_name_is_refused(ana: CTUser, stub: Stub) -> None:
    stub.tells({"codes": [{"serial": 1}]})
    with pytest.raises(CTResponseError):
        await ana.vouchers.codes("grand-hotel", "9f2c")


async def test_a_code_is_looked_up_with_its_batch_and_rules(ana: CTUser, stub: Stub) -> None:
    stub.tells(
        {
            "code": {**CODE, "date_activated": 1795400000, "created_at": 1795300000, "voucher_slug": "9f2c"},
            "voucher": FULL,
            "rules": {"validity_minutes": 720, "access_restrict_period": None, "other": 1},
        }
    )
    details = await ana.vouchers.code("grand-hotel", "abc234")

    assert (details.code.activated_at, details.code.voucher_id) == (1795400000, "9f2c")
    assert details.voucher is not None
    assert details.voucher.name == "Day passes"
    assert (details.rules.validity_minutes, details.rules.simultaneous_use, details.rules.period) == (720, 2, "")
    assert "abc234" not in f"{details!r}"
    assert stub.asked == ["GET /api/v1/locations/grand-hotel/codes/abc234"]


@pytest.mark.parametrize("extra", [{}, {"voucher": None, "rules": None}, {"voucher": {"quantity": 1}, "rules": []}])
async def test_a_code_is_found_without_its_batch(ana: CTUser, stub: Stub, extra: dict[str, object]) -> None:
    stub.tells({"code": CODE, **extra})
    details = await ana.vouchers.code("grand-hotel", "abc234")

    assert (details.code.username, details.voucher, details.rules) == ("abc234", None, Rules())


async def test_a_code_is_switched_with_its_name_in_both_places(ana: CTUser, stub: Stub) -> None:
    stub.says(Response(status_code=204))
    await ana.vouchers.switch_code("grand-hotel", "abc234", active=False)

    assert stub.asked == ["PATCH /api/v1/locations/grand-hotel/clients/abc234/codes/abc234"]
    assert json.loads(stub.seen[0].body) == {"code": {"active": False}}


async def test_what_no_code_can_be_is_not_sent(ana: CTUser, stub: Stub) -> None:
    with pytest.raises(CTRequestError):
        await ana.vouchers.code("grand-hotel", "../vouchers")

    assert stub.asked == []


# At the practice CT


async def test_a_batch_is_made_followed_and_handed_out(practice_ct: tuple[PracticeCT, str], visitor: CTUser) -> None:
    loc = (await visitor.locations.list(q="Harbour Hotel")).items[0]
    pages = await visitor.vouchers.list(loc.slug)
    form = form_with(splash_page_id=pages.items[0].splash_page_id, quantity=120)
    made = await visitor.vouchers.create(loc.slug, form)
    await asyncio.sleep(practice_ct[0].switches.voucher_seconds)
    voucher = await visitor.vouchers.get(loc.slug, made.id)
    listing = await visitor.vouchers.all_codes(loc.slug, made.id)
    code = listing.items[7]
    await visitor.vouchers.switch_code(loc.slug, code.username, active=False)
    details = await visitor.vouchers.code(loc.slug, code.username)

    assert not made.completed
    assert voucher.pdf_link is not None
    assert (len(listing.items), listing.complete) == (120, True)
    assert details.code.active is False
    assert details.rules.validity_minutes == 60
    assert not (await visitor.vouchers.switch(loc.slug, made.id, active=False)).is_active


async def test_the_practice_ct_refuses_at_the_field(visitor: CTUser) -> None:
    loc = (await visitor.locations.list(q="Harbour Hotel")).items[0]
    with pytest.raises(CTInvalidError) as raised:
        await visitor.vouchers.create(loc.slug, form_with(quantity=5, splash_page_id="external"))
    with pytest.raises(CTNotFoundError):
        await visitor.vouchers.code(loc.slug, "no-such-code")

    assert list(raised.value.fields) == ["quantity"]
