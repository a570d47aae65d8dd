"""Networks at the practice CT (ct-api.md 3.4)."""

from typing import Any

import httpx

from tests.sandbox.ct_caller import IVY, OLEG, Caller, practising

CAFE, HOTEL = "Café Nord", "Harbour Hotel"


def _path(caller: Caller, at: str = CAFE) -> str:
    return f"/locations/{caller.place(at)}/networks"


async def _named(caller: Caller, ending: str, at: str = CAFE) -> dict[str, Any]:
    [row] = [one for one in await caller.get(_path(caller, at)) if one["ssid"].endswith(ending)]
    found: dict[str, Any] = row
    return found


async def _patch(caller: Caller, id_: int, at: str = CAFE, **fields: Any) -> httpx.Response:
    return await caller.send("PATCH", f"{_path(caller, at)}/{id_}", {"network": fields})


async def test_networks_are_a_bare_array_with_a_key_to_catch() -> None:
    async with practising() as caller:
        rows = await caller.get(_path(caller))
        one = await caller.get(f"{_path(caller)}/{rows[0]['id']}")

        assert [row["ssid"] for row in rows] == ["Café Nord Guests", "Café Nord Staff", "Café Nord Events"]
        assert [row["active"] for row in rows] == [True, True, False]
        assert rows[1]["encryption_key"].startswith("canary-key-")
        assert [row["encryption_type"] for row in rows[:2]] == ["none", "psk2"]
        assert one == rows[0]
        assert all(len(row["ssid"].encode()) <= 32 for row in rows)


async def test_a_new_name_keeps_the_boxes_busy_for_a_short_time() -> None:
    async with practising(sync_seconds=10) as caller:
        staff, lobby = await _named(caller, "Staff"), caller.slug("Lobby AP-3")
        changed = (await _patch(caller, staff["id"], ssid="Nord Team", encryption_key="correct horse")).json()
        during = await caller.box(lobby)
        elsewhere = await caller.box(caller.slug("Ballroom"))
        down = await caller.box(caller.slug("Terrace AP-4"))
        caller.clock.now += 10
        after, settled = await caller.box(lobby), await _named(caller, "Team")
        versions = await caller.get(f"/locations/{caller.place(CAFE)}/versions")

        assert (changed["ssid"], changed["state"]) == ("Nord Team", "processing")
        assert changed["job_id"]
        assert (during["state"], during["allowed_job"]) == ("processing", False)
        assert (elsewhere["state"], down["state"]) == ("online", "offline")
        assert (after["state"], settled["state"], settled["job_id"]) == ("online", None, None)
        assert settled["encryption_key"] == "correct horse"
        assert "correct horse" not in str(versions)
        assert "Nord Team" in str(versions)


async def test_a_sync_is_cancelled_and_nothing_changed_needs_none() -> None:
    async with practising(sync_seconds=10) as caller:
        guests, lobby = await _named(caller, "Guests"), caller.slug("Lobby AP-3")
        await _patch(caller, guests["id"], active=False)
        busy = (await caller.box(lobby))["state"]
        cancelled = (await _patch(caller, guests["id"], cancel_sync=True)).json()
        free = (await caller.box(lobby))["state"]
        same = (await _patch(caller, guests["id"], active=False)).json()

        assert (busy, free) == ("processing", "online")
        assert (cancelled["active"], cancelled["state"], cancelled["job_id"]) == (False, None, None)
        assert same["state"] is None
        assert (await caller.box(lobby))["metadata"]["ssids"] == 1


async def test_a_network_outside_the_limits_is_refused() -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"ssid": "x" * 33}, "ssid", "is too long (maximum is 32 characters)"),
        ({"ssid": "é" * 17}, "ssid", "is too long (maximum is 32 characters)"),
        ({"ssid": " "}, "ssid", "can't be blank"),
        ({"encryption_key": "short12"}, "encryption_key", "is too short (minimum is 8 characters)"),
        ({"encryption_key": "x" * 33}, "encryption_key", "is too long (maximum is 32 characters)"),
        ({"encryption_key": ""}, "encryption_key", "can't be blank"),
        ({"access_type": "wep"}, "access_type", "is not included in the list"),
        ({"active": "yes"}, "active", "is not included in the list"),
        ({"band_selection": "six"}, "band_selection", "is not included in the list"),
        ({"vlan_id": 5000}, "vlan_id", "must be less than or equal to 4094"),
        ({"self_destruct": True}, "ttl", "can't be blank"),
        ({"zone_id": 4}, "zone_id", "is invalid"),
        ({"interface_ipaddr": "10.0.0.300"}, "interface_ipaddr", "is invalid"),
        ({"captive_portal_enabled": True}, "base", "A captive portal on more than one SSID needs a zone."),
    ]
    async with practising() as caller:
        staff = await _named(caller, "Staff")
        for fields, name, message in wrong:
            answer = await _patch(caller, staff["id"], **fields)

            assert (answer.status_code, answer.json()) == (422, {"errors": {name: [message]}})
        assert await _named(caller, "Staff") == staff


async def test_where_there_are_zones_two_networks_may_have_a_login_page() -> None:
    async with practising() as caller:
        staff = await _named(caller, "Staff", HOTEL)

        assert (await _patch(caller, staff["id"], HOTEL, captive_portal_enabled=True)).status_code == 200


async def test_an_open_network_has_no_key_and_a_closed_one_needs_one() -> None:
    async with practising() as caller:
        guests, staff = await _named(caller, "Guests"), await _named(caller, "Staff")
        keyless = await _patch(caller, guests["id"], access_type="password")
        closed = await _patch(caller, guests["id"], access_type="password", encryption_key="12345678")
        opened = await _patch(caller, staff["id"], access_type="open")

        assert keyless.status_code == 422
        assert closed.json()["encryption_key"] == "12345678"
        assert (opened.json()["encryption_key"], opened.json()["encryption_type"]) == (None, "none")


async def test_a_location_has_16_networks_at_most_and_they_can_go() -> None:
    async with practising() as caller:
        made = [await caller.send("POST", _path(caller), {"network": {"ssid": f"Extra {n}"}}) for n in range(14)]
        removed = await caller.send("DELETE", f"{_path(caller)}/{made[0].json()['id']}")
        again = await caller.send("POST", _path(caller), {"network": {"ssid": "One more", "vlan_id": 7}})

        assert [answer.status_code for answer in made] == [201] * 13 + [422]
        assert "more than 16" in made[-1].json()["errors"]["base"][0]
        assert (removed.status_code, again.json()["vlan_id"], again.json()["active"]) == (204, 7, True)


async def test_sharing_sends_to_an_address_or_a_number_only() -> None:
    async with practising() as caller:
        staff = await _named(caller, "Staff")
        sent = [
            await _patch(caller, staff["id"], action="share", share_type=kind, share_to=to)
            for kind, to in (("email", "pat@guests.example"), ("sms", "+44 7700 900123"))
        ]
        refused = [
            await _patch(caller, staff["id"], action="share", share_type=kind, share_to=to)
            for kind, to in (("email", "pat"), ("sms", "soon"), ("pigeon", "pat@guests.example"), ("sms", ""))
        ]
        odd = await _patch(caller, staff["id"], action="explode", share_type="sms", share_to="+447700900123")
        shares = (await caller.http.get("/_practice/shares")).json()["shares"]

        assert [answer.status_code for answer in sent] == [200, 200]
        assert [list(answer.json()["errors"]) for answer in refused] == [
            ["share_to"],
            ["share_to"],
            ["share_type"],
            ["share_to"],
        ]
        assert odd.status_code == 422
        assert [(row["share_type"], row["share_to"]) for row in shares] == [
            ("email", "pat@guests.example"),
            ("sms", "+44 7700 900123"),
        ]


async def test_the_radius_test_is_for_radius_networks() -> None:
    async with practising() as caller:
        places = [place.location_name for place in caller.ct.world.locations_of(caller.ct.world.people[0])[:2]]
        rows = [(name, network) for name in places for network in await caller.get(_path(caller, name))]
        name, radius = next((name, network) for name, network in rows if network["access_type"] == "radius")
        good = await caller.send("POST", f"{_path(caller, name)}/{radius['id']}/radtest")
        staff = await _named(caller, "Staff")
        none = await caller.send("POST", f"{_path(caller)}/{staff['id']}/radtest")
        caller.ct.switches.set({"radtest": "fails"})
        bad = await caller.send("POST", f"{_path(caller, name)}/{radius['id']}/radtest")

        assert good.json()["success"] is True
        assert (none.status_code, bad.status_code) == (422, 422)
        assert "did not respond" in bad.json()["errors"]["base"][0]


async def test_an_archived_location_sends_nothing_out() -> None:
    async with practising() as caller:
        rows = await caller.get(_path(caller, "Winter Pavilion"))
        answer = await _patch(caller, rows[0]["id"], "Winter Pavilion", active=True)

        assert not any(row["active"] for row in rows)
        assert "archived" in answer.json()["errors"]["base"][0]


async def test_an_observer_and_another_account_change_no_network() -> None:
    async with practising() as caller:
        id_ = (await _named(caller, "Staff"))["id"]
        tries = [
            ("POST", _path(caller)),
            ("PATCH", f"{_path(caller)}/{id_}"),
            ("DELETE", f"{_path(caller)}/{id_}"),
            ("POST", f"{_path(caller)}/{id_}/radtest"),
        ]
        body = {"network": {"ssid": "Mine now"}}

        assert [(await caller.send(method, to, body, who=IVY)).status_code for method, to in tries] == [403] * 4
        assert [(await caller.send(method, to, body, who=OLEG)).status_code for method, to in tries] == [404] * 4
        assert (await caller.send("GET", f"{_path(caller)}/1")).status_code == 404
        assert (await caller.send("GET", _path(caller), who=OLEG)).status_code == 404
