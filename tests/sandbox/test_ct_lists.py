"""Locations, boxes and the report as the practice CT lists them (ct-api.md 2, 3.1, 3.2, 3.12)."""

from typing import Any

import pytest

from tests.sandbox.ct_caller import ANA, KIM, practising


async def test_the_account_has_37_locations_and_412_boxes() -> None:
    async with practising() as caller:
        locations = await caller.get("/locations")
        boxes = await caller.get("/boxes")

        assert locations["_links"]["total_entries"] == 37
        assert boxes["_links"]["total_entries"] == 412


async def test_pages_are_15_long_unless_asked_and_100_at_most() -> None:
    async with practising() as caller:
        plain = await caller.get("/boxes")
        asked = await caller.get("/boxes", per=25, page=2)
        greedy = await caller.get("/boxes", per=5000)
        last = await caller.get("/boxes", per=100, page=5)
        odd = await caller.get("/boxes", per="many", page="-1")

        assert plain["_links"] == {
            "current_page": 1,
            "total_pages": 28,
            "next_page": 2,
            "total_entries": 412,
            "size": 15,
        }
        assert len(asked["boxes"]) == 25
        assert asked["_links"]["current_page"] == 2
        assert len(greedy["boxes"]) == 100
        assert len(last["boxes"]) == 12
        assert last["_links"]["next_page"] is None
        assert odd["_links"] == plain["_links"]


async def test_all_pages_together_hold_every_box_once() -> None:
    async with practising() as caller:
        pages = [await caller.get("/boxes", per=100, page=number) for number in range(1, 6)]
        slugs = [box["slug"] for page in pages for box in page["boxes"]]

        assert len(slugs) == len(set(slugs)) == 412


async def test_beyond_the_last_page_there_is_nothing() -> None:
    async with practising() as caller:
        beyond = await caller.get("/locations", page=99)
        none = await caller.get("/locations", q="no such place")

        assert beyond["locations"] == []
        assert none["_links"] == {
            "current_page": 1,
            "total_pages": 1,
            "next_page": None,
            "total_entries": 0,
            "size": 15,
        }


async def test_the_last_next_page_and_the_size_follow_the_switches() -> None:
    async with practising(last_next_page=0, links_size=False) as caller:
        links = (await caller.get("/locations", per=100))["_links"]

        assert links == {"current_page": 1, "total_pages": 1, "next_page": 0, "total_entries": 37}


@pytest.mark.parametrize(
    ("lie", "expected"),
    [
        ("endless", {"current_page": 3, "total_pages": 4, "next_page": 4}),
        ("stuck", {"current_page": 1, "total_pages": 3, "next_page": 2}),
    ],
)
async def test_paging_may_lie(lie: str, expected: dict[str, Any]) -> None:
    async with practising(paging=lie) as caller:
        links = (await caller.get("/locations", page=3))["_links"]

        assert {name: links[name] for name in expected} == expected


async def test_the_last_page_may_vanish() -> None:
    async with practising(paging="vanishing") as caller:
        first = await caller.http.get("/api/v1/locations", headers=caller.bearer())
        last = await caller.http.get("/api/v1/locations?page=3", headers=caller.bearer())

        assert (first.status_code, last.status_code) == (200, 404)


async def test_a_location_has_the_guides_fields_and_secrets_to_catch() -> None:
    async with practising() as caller:
        [place] = (await caller.get("/locations", q="café nord"))["locations"]

        assert isinstance(place["id"], str)
        assert isinstance(place["user_id"], int)
        assert place["location_address"] == "One Long Road"
        assert (place["boxes_count"], place["state"], place["archived"]) == (6, "active", False)
        assert place["clients_online"] == 14 + 9 + 2 + 5
        assert place["meraki_secret"] == f"canary-meraki-{place['slug']}"
        assert place["api_token"] == f"canary-api-{place['slug']}"
        assert await caller.get(f"/locations/{place['slug']}") == place
        assert await caller.get(f"/locations/{place['id']}") == place


async def test_a_locations_id_may_be_a_number() -> None:
    async with practising(location_id="number") as caller:
        place = (await caller.get("/locations"))["locations"][0]

        assert place["id"] == 1813


async def test_short_locations_come_as_a_bare_array() -> None:
    async with practising() as caller:
        rows = await caller.get("/locations", short="yep", q="nord")

        assert {row["location_name"] for row in rows} >= {"Café Nord", "Nordhaven Library"}
        assert set(rows[0]) == {"id", "location_name", "slug", "unique_id"}


@pytest.mark.parametrize("sort", ["state", "owner", "location_name", "location_address", "boxes_count", "updated_at"])
async def test_locations_sort_both_ways(sort: str) -> None:
    field = {"owner": "user_id"}.get(sort, sort)
    async with practising() as caller:
        up = (await caller.get("/locations", sort=sort, direction="asc", per=100))["locations"]
        down = (await caller.get("/locations", sort=sort, direction="desc", per=100))["locations"]
        values = [str(row[field]).casefold() if isinstance(row[field], str) else row[field] for row in up]

        assert values == sorted(values, key=lambda value: (value == "archived", value))
        assert down[0][field] == up[-1][field]


async def test_an_exact_name_finds_one_location() -> None:
    async with practising() as caller:
        rows = (await caller.get("/locations", location_name="Harbour Hotel"))["locations"]

        assert [row["location_name"] for row in rows] == ["Harbour Hotel"]


async def test_favourites_belong_to_the_person() -> None:
    async with practising() as caller:
        slug = (await caller.get("/locations", q="harbour hotel"))["locations"][0]["slug"]
        body = {"location": {"favourite": True}}
        await caller.http.patch(f"/api/v1/locations/{slug}", json=body, headers=caller.bearer(ANA))
        anas = await caller.get("/locations", favourites="true")
        kims = await caller.get("/locations", favourites="true", who=KIM)
        await caller.http.patch(
            f"/api/v1/locations/{slug}", json={"location": {"favourite": False}}, headers=caller.bearer(ANA)
        )

        assert [row["is_favourite"] for row in anas["locations"]] == [True]
        assert kims["locations"] == []
        assert (await caller.get("/locations", favourites="true"))["locations"] == []


async def test_a_location_can_be_renamed_and_archived() -> None:
    async with practising() as caller:
        slug = (await caller.get("/locations", q="harbour hotel"))["locations"][0]["slug"]
        path, bearer = f"/api/v1/locations/{slug}", caller.bearer()
        renamed = await caller.http.patch(path, json={"location": {"location_name": "Hotel Harbour"}}, headers=bearer)
        archived = await caller.http.patch(path, json={"location": {"state": "archived"}}, headers=bearer)
        short = await caller.http.patch(path, json={"location": {"location_name": "X"}}, headers=bearer)
        empty = await caller.http.patch(path, json={}, headers=bearer)
        versions = (await caller.get(f"/locations/{slug}/versions"))["versions"]

        assert renamed.json()["location_name"] == "Hotel Harbour"
        assert archived.json()["archived"] is True
        assert versions[1]["changeset"] == {"location_name": ["Harbour Hotel", "Hotel Harbour"]}
        assert short.status_code == empty.status_code == 422


async def test_boxes_are_found_by_name_mac_and_slug() -> None:
    async with practising() as caller:
        box = caller.ct.world.named("Lobby AP-3")
        for wanted in ("lobby ap", box.mac.lower(), box.slug):
            rows = (await caller.get("/boxes", q=wanted))["boxes"]

            assert [row["description"] for row in rows] == ["Lobby AP-3"]


async def test_boxes_are_filtered_by_location_state_type_and_firmware() -> None:
    async with practising() as caller:
        cafe = caller.ct.world.named("Lobby AP-3").location_slug
        here = (await caller.get("/boxes", location_id=cafe))["boxes"]
        older = (await caller.get(f"/locations/{cafe}/boxes"))["boxes"]
        down = (await caller.get("/boxes", state="offline"))["boxes"]
        meraki = (await caller.get("/boxes", machine_type="meraki-mr-18"))["boxes"]
        firmware = await caller.get("/boxes", firmware_version="B_151207_02")
        named = (await caller.get("/boxes", description="Lobby"))["boxes"]

        assert {box["location_name"] for box in here} == {"Café Nord"}
        assert [box["slug"] for box in older] == [box["slug"] for box in here]
        assert len(down) == 5
        assert {box["state"] for box in meraki} == {"splash_only"}
        assert 0 < firmware["_links"]["total_entries"] < 412
        assert len(named) == 3


async def test_a_box_carries_all_kinds_of_fields_and_secrets_to_catch() -> None:
    async with practising() as caller:
        slug = caller.slug("Lobby AP-3")
        box = await caller.box(slug)

        assert isinstance(box["id"], int)
        assert box["calledstationid"] == box["mac"]
        assert (box["v"], box["connection_status"], box["tx_power_2"]) == ("4", "9", "17")
        assert box["ssh_passwd"] == f"canary-ssh-{slug}"
        assert box["radius_secret"] == f"canary-radius-{slug}"
        assert box["pubsub_token"] == f"canary-pubsub-{slug}"
        assert box["metadata"] == {"online": 14, "ssids": 2, "zone_name": None}
        assert (await caller.get(f"/boxes/{box['id']}"))["slug"] == slug
        assert "metadata" not in await caller.get(f"/boxes/{slug}")


async def test_clients_may_come_with_the_metadata_only() -> None:
    async with practising(clients_online="metadata") as caller:
        slug = caller.slug("Lobby AP-3")

        assert "clients_online" not in await caller.get(f"/boxes/{slug}")
        assert (await caller.box(slug))["clients_online"] == 14


async def test_short_boxes_are_short_and_aggregations_count() -> None:
    async with practising(aggregations=True) as caller:
        answer = await caller.get("/boxes", short="true")
        states = {row["key"]: row["count"] for row in answer["aggregations"]["states"]}

        assert set(answer["boxes"][0]) == {"id", "slug", "calledstationid", "description", "state"}
        assert states["offline"] == 5
        assert sum(states.values()) == 412


async def test_the_report_counts_in_one_call() -> None:
    async with practising() as caller:
        stats = (await caller.get("/reports", dashboard="true", v=2))["stats"]
        states = {row["state"]: row["total"] for row in stats["boxes"]["states"]}
        other = await caller.http.get("/api/v1/reports", headers=caller.bearer())

        assert stats["locations"] == 37
        assert stats["boxes"]["stats"]["total"] == 412
        assert (states["online"], states["offline"], states["splash_only"]) == (400, 5, 3)
        assert stats["online"] > 1000
        assert other.status_code == 404
