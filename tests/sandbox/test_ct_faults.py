"""What the practice CT can be told to do wrong (guarantees.md X1)."""

import asyncio
import gzip
from typing import Any

import httpx
import pytest

from tests.sandbox.ct_caller import ANA, Caller, practising


async def _next(caller: Caller, **fault: Any) -> dict[str, Any]:
    answer = await caller.http.post("/_practice/faults", json=fault)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _me(caller: Caller, **kwargs: Any) -> httpx.Response:
    return await caller.http.get("/api/v1/me.json", headers=caller.bearer(), **kwargs)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 502, 503])
async def test_any_status_once(status: int) -> None:
    async with practising() as caller:
        await _next(caller, kind="status", status=status, prefix="/api/v1")
        spoilt, fine = await _me(caller), await _me(caller)

        assert (spoilt.status_code, fine.status_code) == (status, 200)


async def test_429_comes_with_and_without_retry_after() -> None:
    async with practising() as caller:
        await _next(caller, kind="status", status=429, retry_after=7)
        await _next(caller, kind="status", status=429)
        first, second = await _me(caller), await _me(caller)

        assert first.headers["retry-after"] == "7"
        assert "retry-after" not in second.headers


async def test_a_fault_waits_for_its_route_method_and_body() -> None:
    async with practising() as caller:
        await _next(caller, kind="status", prefix="/oauth/token", method="POST", contains="grant_type=refresh_token")
        await _next(caller, kind="status", prefix="/api/v1/boxes", method="PATCH")
        row = caller.ct.issue(ANA)
        exchanged = await caller.exchange("0" * 64)
        refreshed = await caller.refresh(row.refresh or "")
        seen = await caller.http.get("/api/v1/boxes", headers=caller.bearer())
        rebooted = await caller.patch_box(caller.slug("Bar AP-1"), action="reboot")

        assert (exchanged.status_code, refreshed.status_code) == (401, 500)
        assert (seen.status_code, rebooted.status_code) == (200, 500)
        assert (await caller.box(caller.slug("Bar AP-1")))["state"] == "online"


async def test_a_fault_lasts_as_often_as_asked_or_until_cleared() -> None:
    async with practising() as caller:
        await _next(caller, kind="status", times=2)
        twice = [(await _me(caller)).status_code for _ in range(3)]
        await _next(caller, kind="status", times=None)
        always = [(await _me(caller)).status_code for _ in range(3)]
        waiting = (await caller.http.get("/_practice/faults")).json()["faults"]
        await caller.http.delete("/_practice/faults")

        assert twice == [500, 500, 200]
        assert always == [500, 500, 500]
        assert len(waiting) == 1
        assert (await _me(caller)).status_code == 200


async def test_after_acts_first_and_loses_the_answer() -> None:
    async with practising() as caller:
        row = caller.ct.issue(ANA)
        await _next(caller, kind="drop", prefix="/oauth/token", after=True)
        with pytest.raises(httpx.TransportError):
            await caller.refresh(row.refresh or "")
        again = await caller.refresh(row.refresh or "")

        assert again.json()["error"] == "invalid_grant"


async def test_an_answer_can_be_late() -> None:
    async with practising() as caller:
        await _next(caller, kind="delay", delay=0.2, times=2)
        slow = await _me(caller)
        with pytest.raises(httpx.ReadTimeout):
            await _me(caller, timeout=0.1)

        assert slow.status_code == 200
        assert slow.elapsed.total_seconds() >= 0.2


async def test_a_late_answer_can_come_after_the_act() -> None:
    async with practising() as caller:
        slug = caller.slug("Bar AP-1")
        await _next(caller, kind="delay", delay=0.3, method="PATCH", after=True)
        call = asyncio.ensure_future(caller.patch_box(slug, action="reboot"))
        await asyncio.sleep(0.1)
        meanwhile = (await caller.box(slug))["state"]

        assert meanwhile == "processing"
        assert (await call).status_code == 200


async def test_html_garbage_and_wrong_types_come_with_200() -> None:
    async with practising() as caller:
        for kind in ("html", "garbage", "wrong_types"):
            await _next(caller, kind=kind)
        html, garbage, wrong = await _me(caller), await _me(caller), await _me(caller)

        assert (html.status_code, garbage.status_code, wrong.status_code) == (200, 200, 200)
        assert html.headers["content-type"].startswith("text/html")
        with pytest.raises(ValueError, match="Expecting"):
            garbage.json()
        assert not isinstance(wrong.json()["email"], str)
        assert not isinstance(wrong.json()["id"], int)
        assert not isinstance(wrong.json()["reseller"], bool)


async def test_a_bare_array_of_wrong_types_is_no_array() -> None:
    async with practising() as caller:
        await _next(caller, kind="wrong_types")
        rows = await caller.get("/locations", short="yep")
        await _next(caller, kind="wrong_types")
        boxes = await caller.get("/boxes")

        assert rows == {"rows": 7}
        assert boxes["boxes"] == "many"


async def test_a_proxy_answers_with_its_own_page() -> None:
    async with practising() as caller:
        await _next(caller, kind="html", status=502)
        answer = await _me(caller)

        assert answer.status_code == 502
        assert "502 Bad Gateway" in answer.text


async def test_a_redirect_leads_to_another_host() -> None:
    async with practising() as caller:
        await _next(caller, kind="redirect")
        answer = await _me(caller)

        assert answer.status_code == 302
        assert answer.headers["location"] == "http://elsewhere.invalid/"


async def test_a_body_can_be_big_and_a_small_one_can_unpack_to_a_big_one() -> None:
    async with practising() as caller:
        await _next(caller, kind="big", size=3_000_000)
        big = await _me(caller)
        await _next(caller, kind="gzip_bomb", size=5_000_000)
        async with caller.http.stream("GET", "/api/v1/me.json", headers=caller.bearer()) as answer:
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])

        assert len(big.content) > 3_000_000
        assert answer.headers["content-encoding"] == "gzip"
        assert len(raw) < 50_000
        assert len(gzip.decompress(raw)) > 5_000_000


async def test_a_trickle_never_lets_a_read_time_out_fire() -> None:
    async with practising() as caller:
        await _next(caller, kind="trickle", seconds=0.5, times=2)
        whole = await _me(caller, timeout=0.3)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.25):
                await _me(caller)

        assert whole.json() == {}
        assert whole.elapsed.total_seconds() >= 0.4


@pytest.mark.parametrize("kind", ["drop", "reset", "hang"])
async def test_a_connection_can_break(kind: str) -> None:
    async with practising() as caller:
        await _next(caller, kind=kind, seconds=0.1)
        with pytest.raises(httpx.TransportError):
            await _me(caller)
        rows = (await caller.http.get("/_practice/log")).json()["rows"]

        assert rows[-1]["fault"] == kind
        assert (await _me(caller)).status_code == 200


async def test_any_answer_can_be_put_into_its_mouth() -> None:
    async with practising() as caller:
        await _next(caller, kind="status", status=200, body='{"access_token": 7}', prefix="/oauth/token")
        answer = await caller.refresh("x")

        assert answer.json() == {"access_token": 7}


@pytest.mark.parametrize("wanted", [{"kind": "explosion"}, {"kind": "drop", "colour": "red"}, {}])
async def test_a_fault_that_does_not_exist_is_refused(wanted: dict[str, str]) -> None:
    async with practising() as caller:
        answer = await caller.http.post("/_practice/faults", json=wanted)

        assert answer.status_code == 400
        assert answer.json()["error"]
