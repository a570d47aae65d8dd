"""Charts, heartbeats out of them, and how much of the plan is used."""

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import (
    Counts,
    CTAuthError,
    CTForbiddenError,
    CTNotFoundError,
    CTResponseError,
    CTUser,
    GuestStats,
    Heartbeat,
    Quotas,
    Series,
)
from bot.sandbox.ct import PracticeCT
from tests.ct.stub import Seen, Stub

AT = 1795400000


async def test_series_are_read_in_seconds_sorted_and_by_name(ana: CTUser, stub: Stub) -> None:
    stub.tells(
        {
            "start_time": AT,
            "end_time": AT + 60,
            "multi": True,
            "meta": [{"interface": "wlan0"}],
            "data": [
                {
                    "alias": "Lobby",
                    "tags": {"client_mac": "canary"},
                    "data": [
                        {"timestamp": (AT + 60) * 1000, "value": 2.5},
                        {"timestamp": AT, "value": "1"},
                        {"timestamp": AT + 30, "value": None},
                        {"value": 4},
                    ],
                },
                {"series_type": "tx", "data": []},
                {"data": [{"timestamp": f"{AT}", "value": 7}]},
            ],
        }
    )

    assert await ana.metrics.series(type="devices.tx", location_id="1813", mac="AA", start=AT, end=AT + 60) == [
        Series(name="Lobby", points=((AT, 1.0), (AT + 60, 2.5))),
        Series(name="tx"),
        Series(name="devices.tx", points=((AT, 7.0),)),
    ]
    assert stub.asked == ["GET /api/v1/metrics"]
    assert stub.seen[0].query == {
        "type": "devices.tx",
        "location_id": "1813",
        "ap_mac": "AA",
        "start_time": f"{AT}",
        "end_time": f"{AT + 60}",
    }


async def test_a_flat_answer_is_one_series(ana: CTUser, stub: Stub) -> None:
    points = [{"timestamp": (AT + 1) * 1000, "value": False}, {"timestamp": AT * 1000, "value": True}]
    stub.tells({"data": points})

    assert await ana.metrics.series(type="device.heartbeats", mac="AA") == [
        Series(name="device.heartbeats", points=((AT, 1.0), (AT + 1, 0.0)))
    ]


@pytest.mark.parametrize("told", [{"data": []}, {"data": None}, {"data": [{"timestamp": None, "value": 1}]}], ids=str)
async def test_no_measurements_are_no_series(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)

    assert await ana.metrics.series(type="device.load", mac="AA") == []


@pytest.mark.parametrize("told", [{}, {"stats": {}}, {"data": {}}, [], {"data": [{"value": {}}]}], ids=str)
async def test_measurements_of_another_shape_are_refused(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)
    with pytest.raises(CTResponseError):
        await ana.metrics.series(type="radius.stats", location_id="1")


async def test_metrics_kept_for_the_dashboard_do_not_look_like_a_link_at_its_end(ana: CTUser, stub: Stub) -> None:
    stub.answer = lambda seen: Response(status_code=401) if "metrics" in seen.path else JSONResponse({"slug": "ana"})
    with pytest.raises(CTForbiddenError) as raised:
        await ana.metrics.series(type="device.load", mac="AA")

    assert raised.value.status == 401
    assert stub.asked == ["GET /api/v1/metrics", "GET /api/v1/me.json"]


async def test_a_token_that_ct_takes_nowhere_is_told_as_such(ana: CTUser, stub: Stub) -> None:
    stub.says(Response(status_code=401))
    with pytest.raises(CTAuthError):
        await ana.metrics.series(type="device.load", mac="AA")


# Guests

STATS = {"uniques": "40", "new": 12, "sessions": 77, "loyalty": 0.7, "duration": {"avg": 1843.6, "max": 9}}


@pytest.mark.parametrize("told", [{"stats": STATS}, STATS], ids=["under a name", "on their own"])
async def test_guests_figures_are_read_in_either_shape(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)
    stats = await ana.metrics.guests("1813", start=AT, end=AT + 60)

    assert stats == GuestStats(uniques=40, new=12, sessions=77, returning=0.7, average=1843)
    assert stub.seen[0].query == {
        "type": "radius.stats",
        "location_id": "1813",
        "start_time": f"{AT}",
        "end_time": f"{AT + 60}",
    }


@pytest.mark.parametrize("told", [{}, {"stats": {"uniques": None, "loyalty": 17, "duration": None}}], ids=str)
async def test_figures_that_ct_does_not_tell_are_none(ana: CTUser, stub: Stub, told: object) -> None:
    stub.tells(told)

    assert await ana.metrics.guests("1813", start=AT, end=AT + 60) == GuestStats()


async def test_guests_figures_kept_for_the_dashboard_do_not_look_like_a_link_at_its_end(
    ana: CTUser, stub: Stub
) -> None:
    stub.answer = lambda seen: Response(status_code=401) if "metrics" in seen.path else JSONResponse({"slug": "ana"})
    with pytest.raises(CTForbiddenError):
        await ana.metrics.guests("1813", start=AT, end=AT + 60)


# Heartbeats


def without_heartbeats(seen: Seen) -> Response:
    """A CT of 2019: no route of their own, but metrics."""
    if seen.path.endswith("/heartbeats"):
        return Response(status_code=404)
    if seen.path.endswith("/metrics"):
        return JSONResponse({"data": [{"timestamp": (AT + n) * 1000, "value": n > 0} for n in (1, 0)]})
    return JSONResponse({"slug": "b1", "calledstationid": "AA-BB-CC-00-00-01"})


async def test_heartbeats_come_from_metrics_where_their_route_is_gone(ana: CTUser, stub: Stub) -> None:
    stub.answer = without_heartbeats
    heard = await ana.boxes.heartbeats("b1", start=AT, end=AT + 9)

    assert heard == [Heartbeat(at=AT, heard=False), Heartbeat(at=AT + 1, heard=True)]
    assert stub.asked == ["GET /api/v1/boxes/b1/heartbeats", "GET /api/v1/boxes/b1", "GET /api/v1/metrics"]
    assert stub.seen[2].query == {
        "type": "device.heartbeats",
        "ap_mac": "AA-BB-CC-00-00-01",
        "start_time": f"{AT}",
        "end_time": f"{AT + 9}",
    }


async def test_a_mac_that_is_known_is_not_looked_up(ana: CTUser, stub: Stub) -> None:
    stub.answer = without_heartbeats
    await ana.boxes.heartbeats("b1", mac="AA-BB-CC-00-00-01")

    assert stub.asked == ["GET /api/v1/boxes/b1/heartbeats", "GET /api/v1/metrics"]


@pytest.mark.parametrize("box", [Response(status_code=404), JSONResponse({"slug": "b1"})])
async def test_a_box_that_is_gone_or_has_no_mac_is_not_found(ana: CTUser, stub: Stub, box: Response) -> None:
    stub.answer = lambda seen: Response(status_code=404) if seen.path.endswith("/heartbeats") else box
    with pytest.raises(CTNotFoundError):
        await ana.boxes.heartbeats("b1")

    assert stub.asked == ["GET /api/v1/boxes/b1/heartbeats", "GET /api/v1/boxes/b1"]


# Quotas


async def test_quotas_say_what_is_allowed_and_what_is_used(ana: CTUser, stub: Stub) -> None:
    stub.tells(
        {
            "slug": "ana",
            "quota": {"locations": "3", "boxes": 5, "api_token": "canary"},
            "usage": {"boxes": 4, "zones": 1},
        }
    )
    known = await ana.quotas("kim")
    asked = await ana.quotas()

    assert known == asked == Quotas(allowed=Counts(locations=3, boxes=5), used=Counts(boxes=4, zones=1))
    assert stub.asked == ["GET /api/v1/users/kim/quotas", "GET /api/v1/me.json", "GET /api/v1/users/ana/quotas"]


async def test_quotas_of_another_shape_are_refused(ana: CTUser, stub: Stub) -> None:
    stub.tells({"quota": 7})
    with pytest.raises(CTResponseError):
        await ana.quotas("kim")


# At the practice CT


async def test_the_practice_ct_measures(practice_ct: tuple[PracticeCT, str], visitor: CTUser) -> None:
    loc = (await visitor.locations.list(q="Harbour Hotel")).items[0]
    box = next(one for one in (await visitor.boxes.all(location=loc.slug)).items if one.state == "online")
    by_route = await visitor.boxes.heartbeats(box.slug)
    by_metrics = await visitor.metrics.heartbeats(box.mac)
    people = await visitor.metrics.series(type="clients.uniques", location_id=loc.id)
    guests = await visitor.metrics.guests(loc.id, start=AT, end=AT + 7 * 86_400)
    quotas = await visitor.quotas()
    practice_ct[0].switches.set({"metrics_auth": "api_token_401"})
    with pytest.raises(CTForbiddenError):
        await visitor.metrics.series(type="clients.uniques", location_id=loc.id)

    assert {beat.at for beat in by_metrics} & {beat.at for beat in by_route}
    assert people[0].points
    assert (guests.sessions or 0) > (guests.uniques or 0) > (guests.new or 0) > 0
    assert (quotas.allowed.boxes or 0) > (quotas.used.boxes or 0) > 0
