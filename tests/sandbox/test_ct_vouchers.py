"""Vouchers and their codes at the practice CT (ct-api.md 3.6)."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.ct import PracticeCT
from tests.sandbox.ct_caller import ANA, IVY, OLEG, Caller, Clock, practising

HOTEL = "Harbour Hotel"


def _form(caller: Caller, at: str = HOTEL, **fields: Any) -> dict[str, Any]:
    place = caller.ct.world.locations[caller.place(at)]
    form = {
        "splash_page_id": place.id * 10,
        "batch_name": "Wedding",
        "batch_description": "Saturday",
        "quantity": 20,
        "validity_minutes": 1440,
        **fields,
    }
    return {"voucher": {name: value for name, value in form.items() if value is not ...}}


async def _create(caller: Caller, at: str = HOTEL, **fields: Any) -> httpx.Response:
    return await caller.send("POST", f"/locations/{caller.place(at)}/vouchers", _form(caller, at, **fields))


async def _voucher(caller: Caller, name: str, at: str = HOTEL) -> dict[str, Any]:
    [row] = (await caller.get(f"/locations/{caller.place(at)}/vouchers", q=name))["vouchers"]
    found: dict[str, Any] = row
    return found


async def test_a_hotel_has_batches_used_and_unused_one_of_a_thousand_codes() -> None:
    async with practising() as caller:
        vouchers = (await caller.get(f"/locations/{caller.place(HOTEL)}/vouchers"))["vouchers"]
        big = await _voucher(caller, "conference")
        path = f"/locations/{caller.place(HOTEL)}/vouchers/{big['unique_id']}/codes"
        pages = [await caller.get(path, per=100, page=number) for number in range(1, 11)]
        used = (await caller.get(path, activated="true"))["_links"]["total_entries"]
        unused = (await caller.get(path, activated="false"))["_links"]["total_entries"]
        names = {code["username"] for page in pages for code in page["codes"]}

        assert [row["completed"] for row in vouchers] == [True] * 4
        assert [row["created_at"] for row in vouchers] == sorted((row["created_at"] for row in vouchers), reverse=True)
        assert {row["is_active"] for row in vouchers} == {True, False}
        assert len(names) == 1000
        assert used + unused == 1000
        assert 300 < used < 500
        assert all(re.fullmatch("[0-9]{8}", name) for name in names)
        assert all(code["password"].startswith("canary-code-") for page in pages for code in page["codes"])


async def test_a_new_batch_is_completed_after_a_while_and_its_codes_come_one_by_one() -> None:
    async with practising(voucher_seconds=10) as caller:
        answer = await _create(caller)
        made = answer.json()
        path = f"/locations/{caller.place(HOTEL)}/vouchers/{made['unique_id']}"
        at_once = await caller.get(path + "/codes")
        caller.clock.now += 5
        halfway = (await caller.get(path), await caller.get(path + "/codes"))
        caller.clock.now += 5
        done = (await caller.get(path), await caller.get(path + "/codes"))

        assert answer.status_code == 201
        assert (made["completed"], made["pdf_link"], made["state"]) == (False, None, "processing")
        assert at_once["_links"]["total_entries"] == 0
        assert (halfway[0]["completed"], halfway[1]["_links"]["total_entries"]) == (False, 10)
        assert (done[0]["completed"], done[1]["_links"]["total_entries"]) == (True, 20)
        assert (made["idle_timeout"], made["voucher_format"], made["simultaneous_use"]) == (60, "alphanumeric", 2)
        assert done[0]["username"] == "ana"


WRONG: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"quantity": 9}, {"quantity": ["must be greater than or equal to 10"]}),
    ({"quantity": 1001}, {"quantity": ["must be less than or equal to 1000"]}),
    ({"quantity": "many"}, {"quantity": ["is not a number"]}),
    ({"splash_page_id": ...}, {"splash_page_id": ["can't be blank"]}),
    ({"splash_page_id": 7}, {"splash_page_id": ["is invalid"]}),
    ({"batch_name": "  "}, {"batch_name": ["can't be blank"]}),
    ({"batch_name": "x" * 101}, {"batch_name": ["is too long (maximum is 100 characters)"]}),
    ({"batch_description": ...}, {"batch_description": ["can't be blank"]}),
    ({"batch_description": "x" * 256}, {"batch_description": ["is too long (maximum is 255 characters)"]}),
    ({"access_type": 3}, {"access_type": ["is not included in the list"]}),
    ({"access_type": 2}, {"access_restrict_data": ["can't be blank"]}),
    ({"access_restrict_data": 49}, {"access_restrict_data": ["must be greater than or equal to 50"]}),
    ({"access_restrict_period": "yearly"}, {"access_restrict_period": ["is not included in the list"]}),
    ({"validity_minutes": 4, "session_timeout": 4}, {"validity_minutes": ["must be greater than or equal to 5"]}),
    ({"validity_minutes": 518_413}, {"validity_minutes": ["must be less than or equal to 518412"]}),
    ({"session_timeout": 1441}, {"session_timeout": ["must be less than or equal to 1440"]}),
    ({"access_period": 1439}, {"access_period": ["must be greater than or equal to 1440"]}),
    ({"access_period": 43_202}, {"access_period": ["must be less than or equal to 43201"]}),
    ({"idle_timeout": 9}, {"idle_timeout": ["must be greater than or equal to 10"]}),
    ({"simultaneous_use": 101}, {"simultaneous_use": ["must be less than or equal to 100"]}),
    ({"length": 5}, {"length": ["must be greater than or equal to 6"]}),
    ({"voucher_format": "emoji"}, {"voucher_format": ["is not included in the list"]}),
    ({"download_speed": 55}, {"download_speed": ["must be greater than or equal to 56"]}),
    ({"upload_speed": 102_401}, {"upload_speed": ["must be less than or equal to 102400"]}),
]


async def test_a_batch_outside_the_limits_is_refused_at_its_field() -> None:
    async with practising() as caller:
        answers = [await _create(caller, **fields) for fields, _ in WRONG]
        log = (await caller.http.get("/_practice/log")).json()["counts"]

        for answer, (_, wrong) in zip(answers, WRONG, strict=True):
            assert (answer.status_code, answer.json()) == (422, {"errors": wrong})
        assert log["created"] == {}


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("array", {"errors": ["Quantity must be greater than or equal to 10", "Length is not a number"]}),
        ("message", {"message": "Quantity must be greater than or equal to 10"}),
        ("message_array", {"message": ["Quantity must be greater than or equal to 10", "Length is not a number"]}),
        (
            "message_objects",
            {"message": [{"quantity": "must be greater than or equal to 10"}, {"length": "is not a number"}]},
        ),
        ("raw", "Quantity must be greater than or equal to 10\nLength is not a number"),
        ("empty", ""),
    ],
)
async def test_refusals_about_fields_come_in_every_shape(shape: str, body: Any) -> None:
    async with practising(field_refusal=shape) as caller:
        answer = await _create(caller, quantity=1, length="six")

        assert answer.status_code == 422
        assert (answer.text if isinstance(body, str) else answer.json()) == body


@pytest.mark.parametrize(
    ("fields", "form"),
    [
        ({"length": 12}, "[a-z0-9]{12}"),
        ({"voucher_format": "numeric", "quantity": "10"}, "[0-9]{6}"),
        ({"voucher_format": "alpha"}, "[a-z]{6}"),
        ({"voucher_format": "words", "splash_page_id": "external"}, "[a-z]+-[a-z]+-[0-9]{2}"),
    ],
)
async def test_codes_look_as_asked(fields: dict[str, Any], form: str) -> None:
    async with practising(voucher_seconds=0) as caller:
        made = (await _create(caller, **fields)).json()
        codes = (await caller.get(f"/locations/{caller.place(HOTEL)}/vouchers/{made['unique_id']}/codes"))["codes"]

        assert made["completed"] is True
        assert all(re.fullmatch(form, code["username"]) for code in codes)
        assert not any(code["date_activated"] for code in codes)


async def test_what_is_fixed_after_create_stays() -> None:
    async with practising() as caller:
        voucher = await _voucher(caller, "Reception")
        path = f"/locations/{caller.place(HOTEL)}/vouchers/{voucher['unique_id']}"
        body = {"voucher": {"quantity": 500, "batch_name": "Day passes"}}
        ignored = await caller.send("PATCH", path, body)
        caller.ct.switches.set({"fixed_fields": "refused"})
        refused = await caller.send("PATCH", path, body)
        wrong = await caller.send("PATCH", path, {"voucher": {"session_timeout": 5000}})

        assert (ignored.json()["quantity"], ignored.json()["batch_name"]) == (50, "Day passes")
        assert refused.json() == {"errors": {"quantity": ["can't be changed after create"]}}
        assert wrong.status_code == 422


async def test_a_batch_that_is_off_switches_every_code_off() -> None:
    async with practising() as caller:
        voucher = await _voucher(caller, "Reception")
        path = f"/locations/{caller.place(HOTEL)}/vouchers/{voucher['unique_id']}"
        await caller.send("PATCH", path, {"voucher": {"is_active": False}})
        codes = (await caller.get(path + "/codes", per=100))["codes"]
        one = await caller.get(f"/locations/{caller.place(HOTEL)}/codes/{codes[0]['username']}")
        await caller.send("PATCH", path, {"voucher": {"is_active": True}})
        again = (await caller.get(path + "/codes", per=100))["codes"]

        assert not any(code["active"] for code in codes)
        assert (one["code"]["active"], one["voucher"]["is_active"]) == (False, False)
        assert any(code["active"] for code in again)


async def test_a_batch_can_be_deleted_once_it_is_completed() -> None:
    async with practising(voucher_seconds=10) as caller:
        path = f"/locations/{caller.place(HOTEL)}/vouchers/{(await _create(caller)).json()['unique_id']}"
        early = await caller.send("DELETE", path)
        caller.clock.now += 10
        late = await caller.send("DELETE", path)
        gone = await caller.send("GET", path)

        assert early.status_code == 422
        assert "until its codes" in early.json()["errors"]["base"][0]
        assert (late.status_code, late.content, gone.status_code) == (204, b"", 404)


async def test_the_links_answer_with_files_for_30_days() -> None:
    async with practising(voucher_seconds=1) as caller:
        made = (await _create(caller, batch_name="Wedding (Ada)")).json()
        caller.clock.now += 1
        path = f"/locations/{caller.place(HOTEL)}/vouchers/{made['unique_id']}"
        voucher, codes = await caller.get(path), (await caller.get(path + "/codes", per=100))["codes"]
        table = await caller.http.get(voucher["csv_link"])
        sheet = await caller.http.get(voucher["pdf_link"])
        odd = await caller.http.get(voucher["pdf_link"].replace(".pdf", ".exe"))
        caller.clock.now += 30 * 86_400 + 1
        gone = await caller.http.get(voucher["csv_link"])
        rows = list(csv.DictReader(io.StringIO(table.text)))

        assert [row["username"] for row in rows] == [code["username"] for code in codes]
        assert sheet.headers["content-type"] == "application/pdf"
        assert sheet.content.startswith(b"%PDF-1.4")
        assert sheet.content.rstrip().endswith(b"%%EOF")
        assert rows[0]["username"].encode() in sheet.content
        assert (odd.status_code, gone.status_code) == (404, 403)
        assert "Request has expired" in gone.text


async def test_a_code_is_looked_up_by_what_the_guest_typed_and_switched() -> None:
    async with practising() as caller:
        place = caller.place(HOTEL)
        voucher = await _voucher(caller, "Reception")
        row = (await caller.get(f"/locations/{place}/vouchers/{voucher['unique_id']}/codes", activated="true"))[
            "codes"
        ][0]
        username = row["username"]
        found = await caller.get(f"/locations/{place}/codes/{username}")
        path = f"/locations/{place}/clients/{username}/codes/{username}"
        off = await caller.send("PATCH", path, {"code": {"active": False}})
        on = await caller.send("PATCH", path, {"code": {"active": True}})
        wrong = await caller.send("PATCH", path, {"code": {"active": "no"}})
        elsewhere = await caller.send(
            "PATCH", f"/locations/{place}/clients/other/codes/{username}", {"code": {"active": True}}
        )
        unknown = await caller.send("GET", f"/locations/{place}/codes/nothing-there")
        batches = (await caller.get(f"/locations/{place}/vouchers", username=username))["vouchers"]
        hits = (await caller.get(f"/locations/{place}/vouchers", v2="true", q=username))["results"]

        assert set(found) == {"code", "voucher", "rules"}
        assert (found["code"]["voucher_slug"], found["code"]["date_activated"]) == (
            voucher["unique_id"],
            row["date_activated"],
        )
        assert found["voucher"]["validity_minutes"] == 1440
        assert (off.json()["code"]["active"], on.json()["code"]["active"]) == (False, True)
        assert (wrong.status_code, elsewhere.status_code, unknown.status_code) == (422, 404, 404)
        assert [one["unique_id"] for one in batches] == [voucher["unique_id"]]
        assert [(one["_index"], one["_key"]) for one in hits] == [("codes", username)]


async def test_a_guest_may_use_a_code_on_request() -> None:
    async with practising(voucher_seconds=0) as caller:
        place = caller.place(HOTEL)
        path = f"/locations/{place}/vouchers/{(await _create(caller)).json()['unique_id']}/codes"
        username = (await caller.get(path))["codes"][0]["username"]
        control = f"/_practice/locations/{place}/codes/{username}"
        await caller.http.patch(control, json={"client_mac": "AA-BB-CC-00-00-01"})
        used = (await caller.get(path, activated="true"))["codes"]
        wrong = await caller.http.patch(control, json={"serial": 1})
        none = await caller.http.patch(control + "x", json={})

        assert [(code["username"], code["client_mac"]) for code in used] == [(username, "AA-BB-CC-00-00-01")]
        assert used[0]["date_activated"] == int(caller.clock.now)
        assert (wrong.status_code, none.status_code) == (400, 404)


async def test_a_password_is_suggested_and_saved_nowhere() -> None:
    async with practising() as caller:
        answer = await caller.send("POST", "/codes/generate_password")

        assert re.fullmatch("[a-z]+[0-9]{2}", answer.json()["password"])


@pytest.mark.parametrize(
    ("outcome", "status", "made"),
    [
        ("refused", 422, 0),
        ("forbidden", 403, 0),
        ("lost_answer", 500, 1),
        ("dropped", None, 1),
        ("dropped_unacted", None, 0),
    ],
)
async def test_a_creation_may_end_badly(outcome: str, status: int | None, made: int) -> None:
    async with practising(creation=outcome) as caller:
        try:
            seen: int | None = (await _create(caller)).status_code
        except httpx.TransportError:
            seen = None
        rows = (await caller.get(f"/locations/{caller.place(HOTEL)}/vouchers", batch_name="Wedding"))["vouchers"]
        log = (await caller.http.get("/_practice/log")).json()["counts"]

        assert seen == status
        assert len(rows) == made
        assert log["created"] == ({"voucher": 1} if made else {})


async def test_a_creation_may_be_late_and_answer_200() -> None:
    async with practising(creation="late", late_seconds=0.05) as caller:
        assert (await _create(caller)).status_code == 200


async def test_the_plans_quota_of_batches_ends_it() -> None:
    async with practising() as caller:
        used = (await caller.get("/users/ana-5f0c/quotas"))["usage"]["vouchers"]
        caller.ct.switches.set({"voucher_quota": used + 1})
        last = await _create(caller)
        refused = await _create(caller)

        assert last.status_code == 201
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["base"])


async def test_an_observer_and_another_account_cannot_touch_vouchers() -> None:
    async with practising() as caller:
        place, voucher = caller.place(HOTEL), await _voucher(caller, "Reception")
        path = f"/locations/{place}/vouchers/{voucher['unique_id']}"
        code = (await caller.get(path + "/codes", who=IVY))["codes"][0]["username"]
        code_path = f"/locations/{place}/clients/{code}/codes/{code}"
        tries: list[tuple[str, str, Any]] = [
            ("POST", f"/locations/{place}/vouchers", _form(caller)),
            ("PATCH", path, {"voucher": {"is_active": False}}),
            ("DELETE", path, None),
            ("PATCH", code_path, {"code": {"active": False}}),
        ]
        ivys = [(await caller.send(method, to, body, who=IVY)).status_code for method, to, body in tries]
        olegs = [(await caller.send(method, to, body, who=OLEG)).status_code for method, to, body in tries]
        looks = [
            (await caller.send("GET", to, who=OLEG)).status_code
            for to in (path, path + "/codes", f"/locations/{place}/vouchers", f"/locations/{place}/codes/{code}")
        ]

        assert ivys == [403] * 4
        assert olegs == [404] * 4
        assert looks == [404] * 4


async def test_no_batch_is_made_for_an_archived_location() -> None:
    async with practising() as caller:
        answer = await _create(caller, "Winter Pavilion")

        assert "archived" in answer.json()["errors"]["base"][0]


def _run(state: Path, clock: Clock) -> PracticeCT:
    return PracticeCT(state=state, clock=clock)


async def test_batches_outlive_a_restart(tmp_path: Path) -> None:
    state, clock = tmp_path / "ct.json", Clock()
    first = Caller(_run(state, clock), clock, httpx.AsyncClient())
    transport = httpx.ASGITransport(first.ct.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://ct") as first.http:
        made = (await _create(first)).json()
        clock.now += 60
        path = f"/locations/{first.place(HOTEL)}/vouchers/{made['unique_id']}/codes"
        before = await first.get(path, who=ANA)
        untouched = await first.get(f"/locations/{first.place('Café Nord')}/vouchers")
    second = Caller(_run(state, clock), clock, first.http)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(second.ct.app), base_url="http://ct") as second.http:
        after = await second.get(path)
        again = await second.get(f"/locations/{first.place('Café Nord')}/vouchers")

    assert before == after
    assert untouched == again
