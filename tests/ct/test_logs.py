"""The log of a box: read whatever is missing in a line, page by page where CT does not count its pages."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import CTAuthError, CTForbiddenError, CTInvalidError, CTUser, LogLine
from bot.sandbox.ct import PracticeCT
from tests.ct.stub import Seen, Stub

AT = 1_795_400_000
SPAN: dict[str, Any] = {"location_id": "1813", "mac": "AA-BB-CC-00-00-01", "start": AT, "end": AT + 900}


def row(number: int) -> dict[str, Any]:
    return {"timestamp": (AT + number) * 1000, "message": f"line {number}", "facility": "daemon", "severity": "info"}


def pages(*sizes: int, links: bool = False) -> Callable[[Seen], Response]:
    """Answers with so many rows on each page; beyond them with none."""

    def answer(seen: Seen) -> Response:
        number = int(seen.query["page"])
        size = sizes[number - 1] if number <= len(sizes) else 0
        body: dict[str, Any] = {"data": [row(number * 1000 + nth) for nth in range(size)]}
        if links:
            body["_links"] = {"current_page": number, "total_pages": len(sizes), "total_entries": sum(sizes)}
        return JSONResponse(body)

    return answer


async def test_a_line_is_read_with_what_it_has(ana: CTUser, stub: Stub) -> None:
    stub.tells(
        {
            "data": [
                {
                    "timestamp": AT * 1000 + 250,
                    "ap_mac": "AA",
                    "message": "hostapd: up",
                    "facility": "daemon",
                    "facility_id": 3,
                    "severity": "info",
                    "type": "syslog",
                },
                {"timestamp": f"{AT}", "message": None, "facility_id": 0, "severity": 4},
                {"timestamp": 10**30, "message": 7},
                {},
            ]
        }
    )

    page = await ana.logs.list(**SPAN, q="up", page=2, per=50)

    assert page.items == [
        LogLine(at=AT + 0.25, message="hostapd: up", facility="daemon", severity="info"),
        LogLine(at=AT, facility="0", severity="4"),
        LogLine(message="7"),
        LogLine(),
    ]
    assert stub.asked == ["GET /api/v1/logs"]
    assert stub.seen[0].query == {
        "location_id": "1813",
        "ap_mac": "AA-BB-CC-00-00-01",
        "start_time": f"{AT}",
        "end_time": f"{AT + 900}",
        "q": "up",
        "page": "2",
        "per": "50",
    }


def test_a_line_prints_nothing_of_what_it_says() -> None:
    assert "canary" not in f"{LogLine(message='canary')!r} {[LogLine(message='canary')]}"


@pytest.mark.parametrize(
    ("sizes", "links", "calls", "number", "complete"),
    [
        ((0,), False, 1, 0, True),
        ((24,), False, 1, 24, True),
        ((30,), False, 2, 30, True),
        ((100, 40), False, 3, 140, True),
        ((100, 40), True, 2, 140, True),
        ((100, 100, 100), True, 3, 300, True),
        ((100,) * 9, False, 5, 500, False),
        ((100,) * 9, True, 5, 500, False),
        ((50, 50, 3), False, 3, 103, True),
    ],
)
async def test_pages_are_read_until_there_are_no_more(
    ana: CTUser, stub: Stub, sizes: tuple[int, ...], links: bool, calls: int, number: int, complete: bool
) -> None:
    stub.answer = pages(*sizes, links=links)

    found = await ana.logs.all(**SPAN)

    assert (len(stub.seen), len(found.items), found.complete) == (calls, number, complete)


async def test_a_ct_that_knows_no_pages_is_asked_twice(ana: CTUser, stub: Stub) -> None:
    stub.tells({"data": [row(nth) for nth in range(60)]})

    found = await ana.logs.all(**SPAN)

    assert (len(stub.seen), len(found.items), found.complete) == (2, 60, True)


async def test_a_page_that_is_gone_is_the_end(ana: CTUser, stub: Stub) -> None:
    few = pages(60)
    stub.answer = lambda seen: few(seen) if seen.query["page"] == "1" else Response(status_code=404)

    found = await ana.logs.all(**SPAN)

    assert (len(found.items), found.complete) == (60, True)


async def test_a_slow_second_page_leaves_the_first(ana: CTUser, stub: Stub) -> None:
    few = pages(60)

    async def slow(seen: Seen) -> Response:
        if seen.query["page"] != "1":
            await asyncio.sleep(5)
        return few(seen)

    stub.answer = slow
    found = await ana.logs.all(**SPAN, within=0.3)

    assert (len(found.items), found.complete) == (60, False)


async def test_a_log_kept_for_the_dashboard_does_not_look_like_a_link_at_its_end(ana: CTUser, stub: Stub) -> None:
    stub.answer = lambda seen: Response(status_code=401) if "logs" in seen.path else JSONResponse({"slug": "ana"})
    with pytest.raises(CTForbiddenError) as raised:
        await ana.logs.all(**SPAN)

    assert raised.value.status == 401
    assert stub.asked == ["GET /api/v1/logs", "GET /api/v1/me.json"]


async def test_a_token_that_ct_takes_nowhere_is_told_as_such(ana: CTUser, stub: Stub) -> None:
    stub.says(Response(status_code=401))
    with pytest.raises(CTAuthError):
        await ana.logs.all(**SPAN)


async def test_the_practice_ct_has_a_log(practice_ct: tuple[PracticeCT, str], visitor: CTUser) -> None:
    ct, _ = practice_ct
    box = ct.world.named("Lobby AP-3")
    place = str(ct.world.locations[box.location_slug].id)
    end = int(ct.practice.clock())
    found = await visitor.logs.all(location_id=place, mac=box.mac, start=end - 900, end=end)
    with pytest.raises(CTInvalidError):
        await visitor.logs.all(location_id=place, mac=box.mac, start=end - 3601, end=end)

    assert found.complete
    assert all(line.at is not None and end - 900 <= line.at <= end for line in found.items)
    assert {line.severity for line in found.items} >= {"info", "notice"}
