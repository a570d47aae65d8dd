"""The public address: who answers there, and what a proxy in between makes of Slack's requests."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.doctor import address
from bot.doctor.findings import Finding
from bot.doctor.wire import Wire
from bot.sandbox.serving import serve
from bot.sandbox.slack import credentials
from bot.settings import Secret, Settings
from bot.web.door import SlackDoor
from bot.web.health import health_routes
from tests.doctor.answering import brief, only
from tests.stage import staged

Answering = Callable[..., Awaitable[str]]
ALIVE = {"/healthz": (200, {"alive": True})}


async def reached(wire: Wire, settings: Settings, url: str, *, running: bool | None = True) -> list[Finding]:
    return await address.reached(wire, replace(settings, public_url=url), running=running)


@asynccontextmanager
async def bot_behind(proxy: Callable[[ASGIApp], ASGIApp] | None = None) -> AsyncIterator[str]:
    """The bot's own door and health page, behind a proxy that does something to what passes."""

    async def dispatch(body: str, _headers: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        return (
            200,
            {"content-type": "application/json"},
            json.dumps({"challenge": json.loads(body)["challenge"]}).encode(),
        )

    async def ready() -> dict[str, bool]:
        return {}

    registry = CollectorRegistry()
    door = SlackDoor(dispatch=dispatch, signing_secret=credentials.SIGNING_SECRET, registry=registry)
    app = Starlette(routes=health_routes(ready=ready, registry=registry))

    async def whole(scope: Scope, receive: Receive, send: Send) -> None:
        at_the_door = scope["type"] == "http" and scope["path"] == "/slack/events"
        await (door if at_the_door else app)(scope, receive, send)

    async with serve(proxy(whole) if proxy else whole) as url:
        yield url


def without_header(name: bytes) -> Callable[[ASGIApp], ASGIApp]:
    def proxy(app: ASGIApp) -> ASGIApp:
        async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
            kept = [pair for pair in scope.get("headers", []) if pair[0] != name]
            await app({**scope, "headers": kept}, receive, send)

        return pass_on

    return proxy


def tidying(app: ASGIApp) -> ASGIApp:
    """Writes JSON anew, as some gateways do."""

    async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
        async def tidied() -> Message:
            message = await receive()
            if message["type"] == "http.request" and message.get("body"):
                message = {**message, "body": json.dumps(json.loads(message["body"])).encode()}
            return message

        await app(scope, tidied, send)

    return pass_on


async def test_a_bot_that_is_reached_is_fine_in_every_line(redis: Redis, redis_url: str, wire: Wire) -> None:
    async with staged(redis, redis_url, locations=1, boxes=1) as stage:
        found = await address.reached(wire, stage.settings, running=True)
        keys = await redis.keys("ct:dd:*")

    assert brief(found) == {"PUBLIC_URL": "fine", "Slack's requests": "fine", "Forged requests": "fine"}
    assert keys == []


async def test_in_socket_mode_only_browsers_come_to_the_address(wire: Wire, settings: Settings) -> None:
    async with bot_behind() as url:
        socket = replace(settings, slack_app_token=Secret("xapp-1"))

        assert brief(await reached(wire, socket, url)) == {"PUBLIC_URL": "fine"}


@pytest.mark.parametrize(("running", "verdict"), [(True, "wrong"), (None, "wrong"), (False, "unknown")])
async def test_nobody_there_is_wrong_unless_no_bot_runs_at_all(
    wire: Wire, settings: Settings, answering: Answering, running: bool | None, verdict: str
) -> None:
    [refused] = await reached(wire, settings, "http://127.0.0.1:1", running=running)
    [gateway] = await reached(wire, settings, await answering(502), running=running)

    assert (refused.verdict, gateway.verdict) == (verdict, verdict)
    assert "the connection was refused" in refused.seen
    assert "the proxy answers 502" in gateway.seen


async def test_a_redirect_says_where_it_leads_without_its_path(
    wire: Wire, settings: Settings, answering: Answering
) -> None:
    sign_on = await answering(302, "", {"location": "https://sso.acme.example/?token=canary"})

    [found] = await reached(wire, settings, sign_on)

    assert found.verdict == "wrong"
    assert "it redirects to sso.acme.example, and Slack follows no redirect" in found.seen
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, "<h1>Welcome to nginx!</h1>"), "a page of something else answers there (200)"),
        ((404, "<h1>no</h1>"), "a page of something else answers there (404)"),
        ((200, {"status": "UP"}), "something else than a ct-bot answers there (200)"),
    ],
)
async def test_something_else_that_answers_is_wrong(
    wire: Wire, settings: Settings, answering: Answering, answer: tuple[int, object], said: str
) -> None:
    [found] = await reached(wire, settings, await answering(*answer))

    assert (found.verdict, found.seen) == ("wrong", said)


async def test_a_bot_with_another_signing_secret_is_wrong(wire: Wire, settings: Settings) -> None:
    async with bot_behind() as url:
        found = await reached(wire, replace(settings, slack_signing_secret=Secret("canary")), url)

    assert brief(found) == {"PUBLIC_URL": "fine", "Slack's requests": "wrong", "Forged requests": "fine"}
    assert "signed with our SLACK_SIGNING_SECRET" in only(found, "Slack's requests").seen
    assert "canary" not in repr(found)


async def test_a_proxy_that_tidies_bodies_is_found_out(wire: Wire, settings: Settings) -> None:
    async with bot_behind(tidying) as url:
        found = only(await reached(wire, settings, url), "Slack's requests")

    assert found.verdict == "wrong"
    assert "the proxy changes the body" in found.todo


@pytest.mark.parametrize(
    ("header", "said"), [(b"x-slack-signature", "signature header"), (b"x-slack-request-timestamp", "timestamp header")]
)
async def test_a_proxy_that_drops_a_header_is_found_out(
    wire: Wire, settings: Settings, header: bytes, said: str
) -> None:
    async with bot_behind(without_header(header)) as url:
        found = only(await reached(wire, settings, url), "Slack's requests")

    assert found.verdict == "wrong"
    assert said in found.seen


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, "stale"), "too old"),
        ((413, "length"), "could not read it (length)"),
        ((404, "<h1>no</h1>"), "takes none (404)"),
        ((503, ""), "something answered 503 in the bot's place"),
        ((200, {"challenge": "another one"}), "something answered 200"),
    ],
)
async def test_other_answers_to_a_signed_request_are_named(
    wire: Wire, settings: Settings, answering: Answering, answer: tuple[int, object], said: str
) -> None:
    url = await answering(404, "", paths={**ALIVE, "/slack/events": answer})

    found = only(await reached(wire, settings, url), "Slack's requests")

    assert found.verdict == "wrong"
    assert said in found.seen


async def test_an_address_that_takes_unsigned_requests_is_wrong(
    wire: Wire, settings: Settings, answering: Answering
) -> None:
    url = await answering(404, "", paths={**ALIVE, "/slack/events": (200, {"challenge": "unsigned"})})

    found = only(await reached(wire, settings, url), "Forged requests")

    assert found.verdict == "wrong"


async def test_nothing_is_signed_for_a_stranger(wire: Wire, settings: Settings, answering: Answering) -> None:
    """Who is not a ct-bot by its health page is sent no signature."""
    url = await answering(200, "<h1>hello</h1>", paths={"POST /slack/events": (500, "asked!")})

    assert brief(await reached(wire, settings, url)) == {"PUBLIC_URL": "wrong"}
