"""Making, changing and removing locations at the practice CT (ct-api.md 3.1, 3.14)."""

from pathlib import Path
from typing import Any

import httpx

from bot.sandbox.ct import PracticeCT
from tests.sandbox.ct_caller import ANA, IVY, KIM, OLEG, Caller, Clock, practising

HOTEL = "Harbour Hotel"
NEW = {"location_name": "Boathouse", "location_address": "1 Quay Street", "town": "Kirkby", "country": "GB"}


async def _create(caller: Caller, who: str = ANA, **fields: Any) -> httpx.Response:
    return await caller.send("POST", "/locations", {"location": {**NEW, **fields}}, who=who)


async def _patch(caller: Caller, name: str, who: str = ANA, **fields: Any) -> httpx.Response:
    return await caller.send("PATCH", f"/locations/{caller.place(name)}", {"location": fields}, who=who)


async def test_a_new_location_is_found_empty_and_belongs_to_its_account() -> None:
    async with practising() as caller:
        made = (await _create(caller)).json()
        found = (await caller.get("/locations", q="boathouse"))["locations"]
        foreign = await caller.send("GET", f"/locations/{made['slug']}", who=OLEG)
        versions = (await caller.get(f"/locations/{made['slug']}/versions"))["versions"]

        assert found == [made]
        assert made["slug"].startswith("boathouse-")
        assert (made["boxes_count"], made["clients_total"], made["state"]) == (0, 0, "active")
        assert (made["town"], made["country"], made["user_id"]) == ("Kirkby", "GB", 1012)
        assert foreign.status_code == 404
        assert versions[0]["whodunnit"] == ANA


async def test_a_location_outside_the_limits_is_refused_at_its_field() -> None:
    wrong: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
        ({"location_name": "Café"}, {"location_name": ["is too short (minimum is 5 characters)"]}),
        ({"location_name": "x" * 101}, {"location_name": ["is too long (maximum is 100 characters)"]}),
        ({"location_name": None}, {"location_name": ["can't be blank"]}),
        ({"location_address": "1 A"}, {"location_address": ["is too short (minimum is 5 characters)"]}),
        ({"location_address": "x" * 201}, {"location_address": ["is too long (maximum is 200 characters)"]}),
        ({"country": "United Kingdom"}, {"country": ["is invalid"]}),
        ({"timezone": "Mars/North"}, {"timezone": ["is not included in the list"]}),
        ({"alert_interval": 10_081}, {"alert_interval": ["must be less than or equal to 10080"]}),
        ({"town": 7}, {"town": ["is invalid"]}),
    ]
    async with practising() as caller:
        for fields, errors in wrong:
            new = await _create(caller, **fields)
            change = await _patch(caller, HOTEL, **fields)

            assert (new.status_code, new.json()) == (422, {"errors": errors})
            assert (change.status_code, change.json()) == (422, {"errors": errors})


async def test_settings_change_and_the_change_is_recorded() -> None:
    async with practising() as caller:
        changed = await _patch(
            caller, HOTEL, town="Port Albion", timezone="Europe/Paris", alert_interval=30, reports_active=False
        )
        versions = (await caller.get(f"/locations/{caller.place(HOTEL)}/versions"))["versions"]
        row = changed.json()

        assert (row["town"], row["timezone"], row["alert_interval"]) == ("Port Albion", "Europe/Paris", 30)
        assert versions[0]["changeset"]["alert_interval"] == [10, 30]
        assert set(versions[0]["changeset"]) == {"town", "timezone", "alert_interval", "reports_active"}


async def test_a_rotated_token_is_a_new_secret() -> None:
    async with practising() as caller:
        before = (await caller.get(f"/locations/{caller.place(HOTEL)}"))["api_token"]
        after = (await _patch(caller, HOTEL, update_token=True)).json()["api_token"]

        assert before != after
        assert after.startswith("canary-api-")


async def test_archiving_ends_logins_and_unarchiving_brings_them_back() -> None:
    async with practising() as caller:
        path = f"/locations/{caller.place(HOTEL)}"
        before = await caller.get(path)
        archived = (await _patch(caller, HOTEL, state="archived")).json()
        pages = (await caller.get(f"{path}/splash_pages"))["splash_pages"]
        back = (await _patch(caller, HOTEL, state="active")).json()
        pages_back = (await caller.get(f"{path}/splash_pages"))["splash_pages"]
        wrong = await _patch(caller, HOTEL, state="closed")

        assert (archived["archived"], archived["state"], archived["clients_online"]) == (True, "archived", 0)
        assert not any(page["active"] for page in pages)
        assert (back["archived"], back["clients_online"]) == (False, before["clients_online"])
        assert any(page["active"] for page in pages_back)
        assert wrong.status_code == 422


async def test_a_location_with_sessions_is_not_deleted() -> None:
    async with practising() as caller:
        path = f"/locations/{caller.place(HOTEL)}"
        refused = await caller.send("DELETE", path)
        made = (await _create(caller)).json()["slug"]
        deleted = await caller.send("DELETE", f"/locations/{made}")
        caller.ct.switches.set({"location_sessions": "none"})
        forced = await caller.send("DELETE", path)
        boxes = await caller.get("/boxes")

        assert refused.status_code == 422
        assert "sessions" in refused.json()["errors"]["base"][0]
        assert deleted.status_code == forced.status_code == 204
        assert (await caller.send("GET", f"/locations/{made}")).status_code == 404
        assert boxes["_links"]["total_entries"] == 412 - 40


async def test_an_observer_may_only_mark_favourites() -> None:
    async with practising() as caller:
        statuses = [
            (await _create(caller, who=IVY)).status_code,
            (await _patch(caller, HOTEL, who=IVY, town="Elsewhere")).status_code,
            (await caller.send("DELETE", f"/locations/{caller.place(HOTEL)}", who=IVY)).status_code,
            (await _patch(caller, HOTEL, who=IVY, favourite=True)).status_code,
            (await _patch(caller, HOTEL, who=OLEG, town="Elsewhere")).status_code,
            (await caller.send("DELETE", f"/locations/{caller.place(HOTEL)}", who=OLEG)).status_code,
        ]

        assert statuses == [403, 403, 403, 200, 404, 404]


async def test_a_free_plan_has_room_for_three_locations() -> None:
    async with practising() as caller:
        third = await _create(caller, who=OLEG)
        fourth = await _create(caller, who=OLEG)
        quotas = await caller.get("/users/oleg-71fa/quotas", who=OLEG)

        assert (third.status_code, fourth.status_code) == (201, 422)
        assert (quotas["quota"]["locations"], quotas["usage"]["locations"]) == (3, 3)


async def test_the_people_of_a_location_are_a_bare_array() -> None:
    async with practising() as caller:
        path = f"/locations/{caller.place(HOTEL)}/users"
        people = await caller.get(path)
        second = await caller.get(path, page=2, per=3)

        assert {row["email"] for row in people} >= {ANA, KIM, IVY}
        assert [row["email"] for row in people if row["primary"]] == [ANA]
        assert len(second) == len(people) - 3


async def test_quotas_and_versions_are_ones_own() -> None:
    async with practising() as caller:
        quotas = await caller.get("/users/ana-5f0c/quotas")
        versions = await caller.get("/users/1012/versions")

        assert quotas["usage"]["locations"] == 37
        assert quotas["usage"]["vouchers"] > 4
        assert versions["versions"] == []
        assert (await caller.send("GET", "/users/kim-88d1/quotas")).status_code == 404
        assert (await caller.send("GET", "/users/kim-88d1/versions")).status_code == 404


async def test_new_and_deleted_locations_outlive_a_restart(tmp_path: Path) -> None:
    state, clock = tmp_path / "ct.json", Clock()
    first = Caller(PracticeCT(state=state, clock=clock), clock, httpx.AsyncClient())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(first.ct.app), base_url="http://ct") as first.http:
        first.ct.switches.set({"location_sessions": "none"})
        await _create(first)
        await first.send("DELETE", f"/locations/{first.place(HOTEL)}")
    second = PracticeCT(state=state, clock=clock)
    names = {place.location_name for place in second.world.locations.values()}

    assert "Boathouse" in names
    assert HOTEL not in names
    assert len(second.world.boxes) == len(first.ct.world.boxes)
