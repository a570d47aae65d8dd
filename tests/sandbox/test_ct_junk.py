"""Whatever stands in a field, the practice CT refuses it or takes it; it never breaks."""

import itertools
from typing import Any

import httpx
import pytest

from bot.sandbox.ct import PracticeCT
from tests.sandbox.ct_caller import ANA

JUNK: list[Any] = [None, -1, 10**20, "", "x" * 300, ["a"], {"a": 1}, "é" * 40]
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "/locations": ("location", {"location_name": "Boathouse", "location_address": "1 Quay", "country": "GB",
                                "timezone": "UTC", "alert_interval": 5, "state": "active", "favourite": True}),
    "/boxes": ("box", {"calledstationid": "04-18-D6-FF-FF-01", "description": "Porch AP-7", "zone_id": None,
                       "is_cucumber": True}),
    "/locations/{0}/vouchers": ("voucher", {
        "splash_page_id": 18140, "batch_name": "Wedding", "batch_description": "Saturday", "quantity": 10,
        "access_type": 1, "validity_minutes": 60, "access_restrict_data": 60, "access_restrict_period": "",
        "access_period": 90, "session_timeout": 60, "voucher_format": "words", "secure_password": True}),
    "/locations/{0}/splash_codes": ("splash_code", {
        "splash_page_id": 18141, "password": "sunshine", "volume": 60, "period": "daily", "expires": "2030-01-01",
        "start_date": "2028-01-01T00:00:00Z", "active": True}),
    "/locations/{0}/networks": ("network", {
        "ssid": "Quay", "access_type": "password", "encryption_key": "12345678", "zone_id": None, "active": True,
        "captive_portal_enabled": False, "interface_ipaddr": "10.0.0.1", "self_destruct": True, "ttl": 5}),
    "/locations/{0}/zones": ("zone", {"zone_name": "Quay", "zone_description": "", "boxes": "", "networks": ""}),
    "/locations/{0}/clients": ("client", {"client_mac": "AA-BB-CC-00-00-01", "name": "x", "whitelist": True,
                                          "policy_ids": [1]}),
    "/locations/{0}/payloads": ("payload", {"box_ids": ["x"], "command_id": "cmd-ps", "upgrade": True,
                                            "version": "B", "scheduled": 1, "save": True}),
}  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
async def test_junk_in_a_field_is_refused_or_taken(path: str) -> None:
    ct = PracticeCT()
    [hotel] = [place for place in ct.world.locations.values() if place.location_name == "Harbour Hotel"]
    name, fields = FORMS[path]
    bearer = {"Authorization": f"Bearer {ct.issue(ANA).access}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ct.app), base_url="http://ct/api/v1") as http:
        statuses = set()
        for field, junk in itertools.product(fields, JUNK):
            body = {"location_id": hotel.slug, name: {**fields, field: junk}}
            answer = await http.post(path.format(hotel.slug), json=body, headers=bearer)
            statuses.add(answer.status_code)

    assert statuses <= {201, 422}
    assert 422 in statuses
