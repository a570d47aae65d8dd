"""Zones at the practice CT (ct-api.md 3.3)."""

from typing import Any

from tests.sandbox.ct_caller import IVY, OLEG, practising

HOTEL, CAFE = "Harbour Hotel", "Café Nord"


async def test_a_hotels_zones_hold_all_its_boxes() -> None:
    async with practising() as caller:
        answer = await caller.get(f"/locations/{caller.place(HOTEL)}/zones")
        rooms = answer["zones"][0]
        one = await caller.get(f"/locations/{caller.place(HOTEL)}/zones/{rooms['id']}")
        box = await caller.box(caller.slug("Room 214"))
        of_box = await caller.get(f"/locations/{caller.place(HOTEL)}/zones", box_id=box["slug"])
        none = await caller.get(f"/locations/{caller.place(CAFE)}/zones")

        assert [zone["zone_name"] for zone in answer["zones"]] == ["Rooms", "Public areas"]
        assert answer["_info"] == {"total": 2}
        assert sum(zone["boxes"] for zone in answer["zones"]) == 40
        assert one["zone"] == rooms
        assert len(one["boxes"]) == rooms["boxes"]
        assert (box["zone_id"], box["zone_name"]) == (rooms["id"], "Rooms")
        assert of_box["zones"] == [rooms]
        assert none["zones"] == []


async def test_a_zone_is_made_changed_and_removed_and_its_boxes_know() -> None:
    async with practising() as caller:
        path, slug = f"/locations/{caller.place(CAFE)}/zones", caller.slug("Bar AP-1")
        ids = [network["id"] for network in await caller.get(path.replace("zones", "networks"))][:2]
        wanted = {"zone_name": "Inside", "boxes": slug, "networks": f"{ids[0]}, {ids[1]}"}
        made = await caller.send("POST", path, {"zone": wanted})
        zone = made.json()["zone"]
        inside = (await caller.box(slug))["zone_name"]
        await caller.send("PATCH", f"{path}/{zone['id']}", {"zone": {"zone_name": "Indoors"}})
        renamed = (await caller.box(slug))["zone_name"]
        shown = await caller.get(f"{path}/{zone['id']}")
        kitchen = await caller.patch_box(caller.slug("Kitchen AP-2"), zone_id=zone["id"])
        out = await caller.patch_box(slug, zone_id=None)
        gone = await caller.send("DELETE", f"{path}/{zone['id']}")

        assert (made.status_code, zone["boxes"], zone["networks"]) == (201, 1, 2)
        assert [network["id"] for network in shown["networks"]] == ids
        assert (inside, renamed) == ("Inside", "Indoors")
        assert (kitchen.json()["zone_name"], out.json()["zone_name"]) == ("Indoors", None)
        assert gone.status_code == 204
        assert (await caller.box(caller.slug("Kitchen AP-2")))["zone_id"] is None


async def test_a_zone_outside_the_limits_is_refused() -> None:
    async with practising() as caller:
        path = f"/locations/{caller.place(HOTEL)}/zones"
        wrong: list[tuple[dict[str, Any], str]] = [
            ({}, "zone_name"),
            ({"zone_name": "x" * 33}, "zone_name"),
            ({"zone_name": "rooms"}, "zone_name"),
            ({"zone_name": "Spa area", "zone_description": "x" * 101}, "zone_description"),
            ({"zone_name": "Spa area", "boxes": caller.slug("Bar AP-1")}, "boxes"),
            ({"zone_name": "Spa area", "networks": "one"}, "networks"),
        ]
        for fields, name in wrong:
            answer = await caller.send("POST", path, {"zone": fields})

            assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])


async def test_an_observer_and_another_account_change_no_zone() -> None:
    async with practising() as caller:
        path = f"/locations/{caller.place(HOTEL)}/zones"
        id_ = (await caller.get(path, who=IVY))["zones"][0]["id"]
        tries = [("POST", path), ("PATCH", f"{path}/{id_}"), ("DELETE", f"{path}/{id_}")]
        body = {"zone": {"zone_name": "Mine"}}

        assert [(await caller.send(method, to, body, who=IVY)).status_code for method, to in tries] == [403] * 3
        assert [(await caller.send(method, to, body, who=OLEG)).status_code for method, to in tries] == [404] * 3
        assert (await caller.send("GET", f"{path}/1")).status_code == 404
