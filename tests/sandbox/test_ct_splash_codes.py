"""Splash codes at the practice CT (ct-api.md 3.7)."""

from datetime import UTC, datetime
from typing import Any

from tests.sandbox.ct_caller import IVY, OLEG, Caller, practising

HOTEL = "Harbour Hotel"


def _body(caller: Caller, at: str = HOTEL, **fields: Any) -> dict[str, Any]:
    day_password = caller.ct.world.locations[caller.place(at)].id * 10 + 1
    return {"splash_code": {"splash_page_id": day_password, "password": "sunshine", **fields}}


def _path(caller: Caller, at: str = HOTEL) -> str:
    return f"/locations/{caller.place(at)}/splash_codes"


async def test_a_day_password_is_made_and_ends_after_a_day() -> None:
    async with practising() as caller:
        made = (await caller.send("POST", _path(caller), _body(caller))).json()["splash_code"]
        caller.clock.now += 86_400
        [row] = [one for one in (await caller.get(_path(caller)))["splash_codes"] if one["id"] == made["id"]]

        assert (made["valid"], made["started"], made["active"]) == (True, True, True)
        assert (made["period"], made["volume"], made["created_by"]) == ("daily", 60, "ana")
        assert made["splash_name"] == "Harbour Hotel Day password"
        assert datetime.fromisoformat(made["expires"]) > datetime.fromisoformat(made["start_date"])
        assert (row["valid"], row["started"]) == (False, True)


async def test_a_splash_code_may_start_later_be_changed_and_go() -> None:
    async with practising() as caller:
        tomorrow = datetime.fromtimestamp(caller.clock.now + 86_400, UTC).replace(tzinfo=None).isoformat()
        after = datetime.fromtimestamp(caller.clock.now + 2 * 86_400, UTC).isoformat()
        body = _body(caller, start_date=tomorrow, expires=after)
        made = (await caller.send("POST", _path(caller), body)).json()["splash_code"]
        path = f"{_path(caller)}/{made['id']}"
        off = await caller.send("PATCH", path, {"splash_code": {"active": False, "password": "moonlight"}})
        seen = await caller.get(path)
        gone = await caller.send("DELETE", path)

        assert (made["valid"], made["started"]) == (False, False)
        assert (off.json()["splash_code"]["active"], seen["splash_code"]["password"]) == (False, "moonlight")
        assert (gone.status_code, (await caller.send("GET", path)).status_code) == (204, 404)


async def test_a_splash_code_outside_the_limits_is_refused() -> None:
    async with practising() as caller:
        guests = caller.ct.world.locations[caller.place(HOTEL)].id * 10
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"password": "ab"}, "password"),
            ({"password": "x" * 21}, "password"),
            ({"volume": 9}, "volume"),
            ({"volume": 43_201}, "volume"),
            ({"period": "weekly"}, "period"),
            ({"upload_speed": 51_201}, "upload_speed"),
            ({"expires": "tomorrow"}, "expires"),
            ({"expires": "2001-01-01T00:00:00Z"}, "expires"),
            ({"splash_page_id": guests}, "splash_page_id"),
            ({"splash_page_id": 1}, "splash_page_id"),
            ({"splash_page_id": None}, "splash_page_id"),
        ]
        for fields, name in wrong:
            answer = await caller.send("POST", _path(caller), _body(caller, **fields))

            assert (answer.status_code, list(answer.json()["errors"])) == (422, [name]), fields
        await caller.send("POST", _path(caller), _body(caller))
        twice = await caller.send("POST", _path(caller), _body(caller))

        assert twice.json() == {"errors": {"password": ["has already been taken"]}}


async def test_a_free_plan_is_told_so() -> None:
    async with practising() as caller:
        path, body = _path(caller, "Oleg's Corner"), _body(caller, "Oleg's Corner")
        refused = await caller.send("POST", path, body, who=OLEG)
        listed = await caller.get(path, who=OLEG)
        me = await caller.get("/me.json", who=OLEG)
        caller.ct.switches.set({"plan": "paid"})
        paid = await caller.send("POST", path, body, who=OLEG)

        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["base"])
        assert "free plan" in refused.json()["errors"]["base"][0]
        assert listed["splash_codes"] == []
        assert me["paid_plan"] is False
        assert paid.status_code == 201


async def test_an_observer_and_another_account_make_no_splash_code() -> None:
    async with practising() as caller:
        statuses = [
            (await caller.send("POST", _path(caller), _body(caller), who=who)).status_code for who in (IVY, OLEG)
        ]

        assert statuses == [403, 404]
