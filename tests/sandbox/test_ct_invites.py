"""Invitations and reports by e-mail at the practice CT (ct-api.md 3.1, 3.12): refused, late, and unsure."""

from typing import Any

import httpx
import pytest

from tests.sandbox.ct_caller import ANA, IVY, KIM, OLEG, Caller, practising

HOTEL = "Harbour Hotel"
LEE = "lee@venues.example"
DAY = 86_400
NEW = "new@mail.example"


async def _invite(caller: Caller, *, who: str = ANA, at: Any = None, **fields: Any) -> httpx.Response:
    body = {"location_id": at or caller.place(HOTEL), "invite": {"email": NEW, "role_id": 120, **fields}}
    return await caller.send("POST", "/invites", body, who=who)


async def _users(caller: Caller, who: str = ANA) -> dict[str, Any]:
    rows = await caller.get(f"/locations/{caller.place(HOTEL)}/users", who=who)
    return {row["email"]: row for row in rows}


async def test_an_invitation_is_carried_out_a_while_after_it_was_taken() -> None:
    async with practising() as caller:
        taken = await _invite(caller)
        before = await _users(caller)
        caller.clock.now += 10
        after = await _users(caller)

        assert taken.status_code == 201
        assert NEW not in before
        assert after[NEW] == {
            "email": NEW,
            "username": None,
            "slug": None,
            "role_id": 120,
            "primary": False,
            "state": "invited",
            "created_at": int(caller.clock.now) - 10,
        }


@pytest.mark.parametrize("word", ["unlisted", "fail"])
async def test_whether_somebody_comes_may_not_be_seen(word: str) -> None:
    async with practising(invites=word) as caller:
        await _invite(caller)
        caller.clock.now += 10

        assert NEW not in await _users(caller)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.example, c@d.example"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "KIM@venues.example"}, "email"),
        ({"role_id": 100}, "role_id"),
        ({"role_id": 115}, "role_id"),
        ({"role_id": None}, "role_id"),
    ],
)
async def test_what_is_no_invitation_is_refused_at_its_field(fields: dict[str, Any], wrong: str) -> None:
    async with practising() as caller:
        refused = await _invite(caller, **fields)

        assert (refused.status_code, list(refused.json()["errors"])) == (422, [wrong])


async def test_the_owner_and_administrators_invite_and_nobody_else() -> None:
    async with practising() as caller:
        caller.ct.switches.set({"invites": "fail"})
        answers = [(await _invite(caller, who=who)).status_code for who in (ANA, KIM, LEE, IVY, OLEG)]
        nowhere = await _invite(caller, at="atlantis")

        assert answers == [201, 201, 403, 403, 404]
        assert nowhere.status_code == 404


async def test_a_role_is_changed_later_and_an_owner_s_never() -> None:
    async with practising() as caller:
        place = caller.place(HOTEL)

        async def change(email: str, role_id: int, who: str = ANA) -> int:
            body = {"location_id": place, "email": email, "role_id": role_id}
            return (await caller.send("PATCH", "/invites", body, who=who)).status_code

        answers = [
            await change(LEE, 140),
            await change(ANA, 120),
            await change(LEE, 100),
            await change("stranger@x.example", 120),
            await change(LEE, 110, who=LEE),
        ]
        before = (await _users(caller))[LEE]["role_id"]
        caller.clock.now += 10

        assert answers == [200, 422, 422, 404, 403]
        assert (before, (await _users(caller))[LEE]["role_id"]) == (120, 140)


async def _mail(caller: Caller, *, who: str = ANA, **fields: Any) -> httpx.Response:
    now, id_ = int(caller.clock.now), caller.ct.world.locations[caller.place(HOTEL)].id
    body = {"type": "radius", "start": now - DAY, "end": now, "location_id": id_, "interval": "day", **fields}
    return await caller.send("POST", "/reports", body, who=who)


async def test_a_report_goes_to_whoever_asks() -> None:
    async with practising() as caller:
        sent = await _mail(caller, who=IVY)
        mails = (await caller.http.get("/_practice/mails")).json()["mails"]

        assert sent.status_code == 201
        assert [(mail["to"], mail["type"], mail["location"]) for mail in mails] == [
            (IVY, "radius", caller.place(HOTEL))
        ]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"type": "weather"}, 422),
        ({"start": None}, 422),
        ({"start": 9, "end": 5}, 422),
        ({"location_id": "harbour-hotel-3f3497"}, 404),
        ({"location_id": 1}, 404),
    ],
)
async def test_a_report_of_nothing_is_refused(fields: dict[str, Any], status: int) -> None:
    async with practising() as caller:
        assert (await _mail(caller, **fields)).status_code == status
        assert caller.ct.practice.mails == []


@pytest.mark.parametrize(
    ("switches", "who", "span", "status"),
    [
        ({}, ANA, 30, 201),
        ({"plan": "free"}, ANA, 30, 403),
        ({"plan": "free", "span_status": 422}, ANA, 30, 422),
        ({"plan": "free"}, ANA, 7, 201),
        ({"span_limit": "role"}, KIM, 30, 201),
        ({"span_limit": "role"}, LEE, 30, 403),
        ({"span_limit": "everybody"}, ANA, 30, 403),
    ],
)
async def test_long_spans_are_refused_by_plan_or_role(
    switches: dict[str, Any], who: str, span: int, status: int
) -> None:
    async with practising(**switches) as caller:
        sent = await _mail(caller, who=who, start=int(caller.clock.now) - span * DAY)

        assert sent.status_code == status


@pytest.mark.parametrize(("counts", "status"), [("length", 200), ("age", 403)])
async def test_what_is_long_ago_may_be_refused_as_well(counts: str, status: int) -> None:
    async with practising(plan="free", span_counts=counts) as caller:
        now, id_ = int(caller.clock.now), caller.ct.world.locations[caller.place(HOTEL)].id
        path = f"/metrics?type=splash.views&location_id={id_}&start_time={now - 14 * DAY}&end_time={now - 7 * DAY}"

        assert (await caller.send("GET", path)).status_code == status


async def test_guests_come_in_good_weeks_and_bad_ones_and_most_come_back() -> None:
    async with practising() as caller:
        now, id_ = int(caller.clock.now), caller.ct.world.locations[caller.place(HOTEL)].id

        async def stats(back: int) -> Any:
            start, end = now - (back + 1) * 7 * DAY, now - back * 7 * DAY
            return await caller.get("/metrics", type="radius.stats", location_id=id_, start_time=start, end_time=end)

        weeks = [(await stats(back))["stats"] for back in range(4)]
        caller.ct.switches.set({"stats_shape": "flat"})
        flat = await stats(3)

        assert len({week["uniques"] for week in weeks}) == 4
        assert all(week["new"] < week["uniques"] < week["sessions"] for week in weeks)
        assert all(abs(week["loyalty"] - (1 - week["new"] / week["uniques"])) < 0.01 for week in weeks)
        assert (flat["uniques"], flat["duration"]) == (weeks[-1]["uniques"], weeks[-1]["duration"])
