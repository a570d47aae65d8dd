"""Guests' devices at the practice CT (ct-api.md 3.5)."""

from typing import Any

import httpx

from tests.sandbox.ct_caller import IVY, OLEG, Caller, practising

CAFE, HOTEL = "Café Nord", "Harbour Hotel"
NEW = "AA-BB-CC-00-00-01"


def _path(caller: Caller, at: str = CAFE) -> str:
    return f"/locations/{caller.place(at)}/clients"


async def _all(caller: Caller, at: str = CAFE, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await caller.get(_path(caller, at), per=100, **params))["clients"]
    return rows


async def _one(caller: Caller, **wanted: Any) -> dict[str, Any]:
    return next(row for row in await _all(caller) if all(row[name] == value for name, value in wanted.items()))


async def _patch(caller: Caller, row: dict[str, Any], **fields: Any) -> httpx.Response:
    return await caller.send("PATCH", f"{_path(caller)}/{row['client_mac']}", {"client": fields})


async def test_as_many_devices_are_online_as_the_boxes_say() -> None:
    async with practising() as caller:
        rows = await _all(caller)
        lobby = caller.ct.world.named("Lobby AP-3")
        there = await _all(caller, ap_mac=lobby.mac)
        hotel = await caller.get(_path(caller, HOTEL))

        assert sum(row["online"] for row in rows) == 14 + 9 + 2 + 5
        assert sum(row["online"] for row in there) == 14
        assert {row["ap_mac"] for row in there} == {lobby.mac}
        assert len({row["client_mac"] for row in rows}) == len(rows)
        assert {row["splash_status"] for row in rows} == {"pass", "dnat"}
        assert {row["conn_type"] for row in rows} >= {"wireless"}
        assert any(row["snr"] and row["snr"] < 16 for row in rows)
        assert hotel["_links"]["total_entries"] > 100
        assert len(hotel["unique_aps"]) <= 40


async def test_devices_are_found_by_mac_id_and_words_and_sorted() -> None:
    async with practising() as caller:
        row = (await _all(caller))[0]
        path = _path(caller)
        by_mac, by_id = await caller.get(f"{path}/{row['client_mac']}"), await caller.get(f"{path}/{row['id']}")
        listed = await _all(caller, client_mac=row["client_mac"])
        found = await _all(caller, q=row["client_mac"].lower())
        up = [one["client_mac"] for one in await _all(caller, sort="client_mac", direction="asc")]
        latest = [one["lastseen"] for one in await _all(caller)]

        assert by_mac == by_id == listed[0] == found[0] == row
        assert up == sorted(up)
        assert latest == sorted(latest, reverse=True)
        assert (await caller.send("GET", f"{path}/{NEW}")).status_code == 404


async def test_a_span_is_an_hour_to_a_day_long() -> None:
    async with practising() as caller:
        now = int(caller.clock.now)
        recent = await _all(caller, start=now - 3600, end=now)
        before = await _all(caller, start=now - 2 * 86_400, end=now - 86_400)
        wrong = [
            await caller.send("GET", f"{_path(caller)}?start={start}&end={end}")
            for start, end in ((now - 3599, now), (now - 86_401, now), (now, now - 3600), ("then", now))
        ]

        assert all(row["online"] for row in recent)
        assert before
        assert not any(row["online"] for row in before)
        assert [answer.status_code for answer in wrong] == [422] * 4


async def test_personal_fields_carry_something_to_catch() -> None:
    async with practising() as caller:
        rows = await _all(caller)
        passed = [row for row in rows if row["splash_status"] == "pass"]
        used = [row for row in passed if "canary-guest" not in row["splash_username"]]
        codes = (await caller.get(f"{_path(caller)}/{used[0]['client_mac']}/codes"))["codes"]

        assert all(row["device_name"].startswith("canary-") for row in rows)
        assert any(row["splash_username"].startswith("canary-guest-") for row in passed)
        assert [code["username"] for code in codes] == [used[0]["splash_username"]]
        assert codes[0]["client_mac"] == used[0]["client_mac"]


async def test_a_blocked_device_goes_offline_until_it_is_unblocked() -> None:
    async with practising() as caller:
        row = await _one(caller, online=True)
        blocked = (await _patch(caller, row, blacklist=True)).json()
        again = await caller.get(f"{_path(caller)}/{row['id']}")
        back = (await _patch(caller, row, blacklist=False)).json()

        assert (blocked["online"], blocked["blacklist"]) == (False, True)
        assert again == blocked
        assert (back["online"], back["blacklist"]) == (True, False)


async def test_a_device_may_pass_without_the_login_page_and_get_a_name() -> None:
    async with practising() as caller:
        row = await _one(caller, splash_status="dnat")
        passed = (await _patch(caller, row, whitelist=True, name="Bar till", policy_ids=[2])).json()
        listed = await _all(caller, q="bar till")
        policed = await _all(caller, policy_id=2)
        wrong = await _patch(caller, row, whitelist="yes", policy_ids=[9])
        policies = await caller.get(_path(caller).replace("clients", "group_policies"))

        assert (passed["splash_status"], passed["name"], passed["policies"]) == ("pass", "Bar till", [2])
        assert [one["client_mac"] for one in listed] == [one["client_mac"] for one in policed] == [row["client_mac"]]
        assert set(wrong.json()["errors"]) == {"whitelist", "policy_ids"}
        assert {one["id"] for one in policies["group_policies"]} == {1, 2}


async def test_only_a_device_that_is_online_and_logged_in_can_be_logged_out() -> None:
    async with practising() as caller:
        boxes = {box.mac: box.slug for box in caller.ct.world.boxes.values()}

        async def log_out(row: dict[str, Any], box: str | None = None) -> httpx.Response:
            path = f"{_path(caller)}/{row['client_mac']}/logout"
            return await caller.send("POST", path, {"box_id": box or boxes[row["ap_mac"]]})

        row = await _one(caller, online=True, splash_status="pass")
        elsewhere = await log_out(row, caller.slug("Ballroom"))
        done = await log_out(row)
        twice = await log_out(row)
        away = await log_out(await _one(caller, online=False, splash_status="pass"))

        assert list(elsewhere.json()["errors"]) == ["box_id"]
        assert (done.status_code, done.json()["splash_status"], done.json()["online"]) == (200, "dnat", True)
        assert (twice.status_code, away.status_code) == (422, 422)
        assert (await caller.get(f"{_path(caller)}/{row['id']}"))["splash_status"] == "dnat"


async def test_a_device_is_registered_before_it_comes() -> None:
    async with practising() as caller:
        body = {"client": {"client_mac": NEW, "name": "Printer", "whitelist": True}}
        made = await caller.send("POST", _path(caller), body)
        twice = await caller.send("POST", _path(caller), body)
        wrong = await caller.send("POST", _path(caller), {"client": {"client_mac": "aa:bb"}})
        blank = await caller.send("POST", _path(caller), {"client": {"name": "x"}})
        seen = await caller.get(f"{_path(caller)}/{NEW}")

        assert (made.status_code, made.json()["online"], made.json()["lastseen"]) == (201, False, None)
        assert (seen["name"], seen["splash_status"]) == ("Printer", "pass")
        assert [answer.status_code for answer in (twice, wrong, blank)] == [422] * 3


async def test_an_observer_and_another_account_change_no_device() -> None:
    async with practising() as caller:
        mac = (await _all(caller))[0]["client_mac"]
        tries: list[tuple[str, str, Any]] = [
            ("PATCH", f"{_path(caller)}/{mac}", {"client": {"blacklist": True}}),
            ("POST", f"{_path(caller)}/{mac}/logout", {"box_id": "x"}),
            ("POST", _path(caller), {"client": {"client_mac": NEW}}),
        ]
        looks = [_path(caller), f"{_path(caller)}/{mac}", f"{_path(caller)}/{mac}/codes"]

        assert [(await caller.send(method, to, body, who=IVY)).status_code for method, to, body in tries] == [403] * 3
        assert [(await caller.send(method, to, body, who=OLEG)).status_code for method, to, body in tries] == [404] * 3
        assert [(await caller.send("GET", to, who=OLEG)).status_code for to in looks] == [404] * 3
