"""What the operator's tools ask: is it alive, is it ready, how much of what."""

import asyncio

import httpx
import pytest
from prometheus_client import CollectorRegistry
from pytest_mock import MockerFixture
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from bot.errors import StoreDownError
from bot.web import health
from bot.web.guard import Guard
from bot.web.health import Ready, health_routes
from bot.web.routes import create_web
from tests.web.site import ANA, Site
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _readyz(ready: Ready) -> tuple[int, object]:
    app = Starlette(routes=health_routes(ready=ready, registry=CollectorRegistry()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http:
        answer = await http.get("/readyz")
        return answer.status_code, answer.json()


async def test_a_process_that_lives_says_so(site: Site, ana: Visitor) -> None:
    answer = await ana.look(f"{site.url}/healthz")

    assert (answer.status_code, answer.json()) == (200, {"alive": True})


async def test_ready_when_all_that_it_needs_answers(site: Site, ana: Visitor) -> None:
    answer = await ana.look(f"{site.url}/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "not_ready": []})


async def test_not_ready_names_what_is_missing() -> None:
    async def ready() -> dict[str, bool]:
        return {"slack": False, "redis": False, "ct": True}

    assert await _readyz(ready) == (503, {"ready": False, "not_ready": ["redis", "slack"]})


async def test_a_check_that_fails_or_hangs_is_not_ready(mocker: MockerFixture) -> None:
    async def fails() -> dict[str, bool]:
        raise StoreDownError("away")

    async def hangs() -> dict[str, bool]:
        await asyncio.sleep(60)
        return {}

    mocker.patch.object(health, "_SECONDS", 0.05)
    not_ready = (503, {"ready": False, "not_ready": ["check"]})

    assert await _readyz(fails) == not_ready
    assert await _readyz(hangs) == not_ready


async def test_metrics_count_pages_and_refusals_and_name_nobody(site: Site, ana: Visitor) -> None:
    await ana.link(await site.link_for())
    await ana.http.post(f"{site.url}/slack/events", content=b"x")
    text = (await ana.look(f"{site.url}/metrics")).text

    assert 'ct_bot_link_pages_total{outcome="done"}' in text
    assert 'ct_bot_door_refused_total{reason="timestamp"}' in text
    assert not [name for name in (ANA.user_id, ANA.team_id, "ana@venues.example") if name in text]


async def test_in_socket_mode_there_is_no_door(site: Site) -> None:
    async def ready() -> dict[str, bool]:
        return {}

    web = create_web(
        linking=site.linking, dispatch=None, signing_secret=None, ready=ready, registry=CollectorRegistry()
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot") as http:
        answer = await http.post("/slack/events", content=b"x")

    assert answer.status_code == 404


async def test_a_bug_after_the_answer_began_is_logged_and_sends_no_second_answer(mocker: MockerFixture) -> None:
    async def begins_and_breaks(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("planted-canary")

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message["type"])

    sent: list[str] = []
    logged = mocker.patch("bot.web.guard.log")
    await Guard(begins_and_breaks, headers=[])({"type": "http", "path": "/x/y"}, receive, send)

    assert (sent, logged.exception.call_count) == (["http.response.start"], 1)
