"""Splash pages at the practice CT (ct-api.md 3.8)."""

from tests.sandbox.ct_caller import IVY, OLEG, practising

HOTEL = "Harbour Hotel"


async def test_splash_pages_come_with_their_access_types() -> None:
    async with practising() as caller:
        answer = await caller.get(f"/locations/{caller.place(HOTEL)}/splash_pages")
        pages = answer["splash_pages"]
        one = await caller.get(f"/locations/{caller.place(HOTEL)}/splash_pages/{pages[0]['id']}")
        known = {kind["id"] for kind in answer["access_types"]}

        assert [page["splash_name"] for page in pages][:2] == ["Harbour Hotel Guests", "Harbour Hotel Day password"]
        assert {page["primary_access_id"] for page in pages} <= known
        assert one == {"splash_page": pages[0]}
        assert answer["location"]["slug"] == caller.place(HOTEL)
        assert pages[0]["password"].startswith("canary-splash-")


async def test_a_splash_page_is_switched_off_and_on() -> None:
    async with practising() as caller:
        path = f"/locations/{caller.place(HOTEL)}/splash_pages"
        id_ = (await caller.get(path))["splash_pages"][0]["id"]
        off = await caller.send("PATCH", f"{path}/{id_}", {"splash_page": {"active": False}})
        listed = (await caller.get(path))["splash_pages"][0]
        on = await caller.send("PATCH", f"{path}/{id_}", {"splash_page": {"active": True}})
        wrong = await caller.send("PATCH", f"{path}/{id_}", {"splash_page": {"active": "on", "primary_access_id": 99}})

        assert (off.json()["splash_page"]["active"], listed["active"]) == (False, False)
        assert on.json()["splash_page"]["active"] is True
        assert set(wrong.json()["errors"]) == {"active", "primary_access_id"}


async def test_an_archived_location_has_no_login_pages() -> None:
    async with practising() as caller:
        path = f"/locations/{caller.place('Winter Pavilion')}/splash_pages"
        pages = (await caller.get(path))["splash_pages"]
        answer = await caller.send("PATCH", f"{path}/{pages[0]['id']}", {"splash_page": {"active": True}})

        assert not any(page["active"] for page in pages)
        assert answer.status_code == 422


async def test_others_do_not_reach_a_splash_page() -> None:
    async with practising() as caller:
        path = f"/locations/{caller.place(HOTEL)}/splash_pages"
        id_ = (await caller.get(path, who=IVY))["splash_pages"][0]["id"]
        body = {"splash_page": {"active": False}}

        assert (await caller.send("PATCH", f"{path}/{id_}", body, who=IVY)).status_code == 403
        assert (await caller.send("PATCH", f"{path}/{id_}", body, who=OLEG)).status_code == 404
        assert (await caller.send("GET", f"{path}/1")).status_code == 404
        assert (await caller.send("GET", path, who=OLEG)).status_code == 404
