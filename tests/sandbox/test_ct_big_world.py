"""The practice CT stays quick with 5,000 locations, 10,000 boxes and batches of 1,000 codes."""

import time

import httpx

from bot.sandbox.ct import PracticeCT
from tests.sandbox.ct_caller import ANA


async def test_every_resource_of_a_big_world_is_quick() -> None:
    ct = PracticeCT(locations=5000, boxes=10_000, switches={"voucher_seconds": 0})
    [hotel] = [place for place in ct.world.locations.values() if place.location_name == "Harbour Hotel"]
    looks = [
        "/locations?per=100&page=20",
        "/locations?short=yep",
        "/boxes?per=100&metadata=true&page=50",
        "/boxes?state=offline&per=100",
        f"/locations/{hotel.slug}/vouchers",
        f"/locations/{hotel.slug}/clients?per=100",
        f"/locations/{hotel.slug}/networks",
        f"/locations/{hotel.slug}/zones",
        "/users/ana-5f0c/quotas",
        "/inventories?per=100",
        f"/metrics?type=device.usage&location_id={hotel.id}",
    ]
    batch = {"splash_page_id": hotel.id * 10, "batch_name": "All", "batch_description": "All", "quantity": 1000}
    box = {"calledstationid": "04-18-D6-FF-FF-01", "description": "Porch AP-7"}
    bearer = {"Authorization": f"Bearer {ct.issue(ANA).access}"}
    transport = httpx.ASGITransport(ct.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://ct/api/v1", headers=bearer) as http:
        start = time.perf_counter()
        answers = [await http.get(path) for path in looks]
        made = await http.post(f"/locations/{hotel.slug}/vouchers", json={"voucher": batch})
        codes = await http.get(f"/locations/{hotel.slug}/vouchers/{made.json()['unique_id']}/codes?per=100&page=10")
        added = await http.post("/boxes", json={"location_id": hotel.slug, "box": box})
        seconds = time.perf_counter() - start

    assert [answer.status_code for answer in answers] == [200] * len(looks)
    assert (made.status_code, added.status_code) == (201, 201)
    assert len(codes.json()["codes"]) == 100
    assert seconds < 5
