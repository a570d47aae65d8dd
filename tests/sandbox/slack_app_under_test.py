"""A tiny Slack app that records what it is sent and answers what the test tells it to."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.sandbox.serving import serve
from bot.sandbox.slack import PracticeSlack
from bot.sandbox.slack.credentials import BOT_TOKEN
from bot.sandbox.slack.manifest import PRACTICE_MANIFEST
from bot.sandbox.slack.person import Person, Workspace

Answer = Callable[[dict[str, Any]], Any]


@dataclass
class Received:
    headers: Mapping[str, str]
    body: bytes
    payload: dict[str, Any]


@dataclass
class App:
    """`answer` gets the payload and returns what the ack holds: text, an object, a Response, or None."""

    received: list[Received] = field(default_factory=list)
    answer: Answer = field(default=lambda _: None)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: Request) -> Response:
        body = await request.body()
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if request.headers["content-type"].startswith("application/json"):
            payload = json.loads(body)
        else:
            payload = json.loads(fields["payload"]) if "payload" in fields else dict(fields)
        self.received.append(Received(dict(request.headers), body, payload))
        self._more.set()
        answer = self.answer(payload)
        if isinstance(answer, Awaitable):
            answer = await answer
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, str) or answer is None:
            return PlainTextResponse(answer or "")
        return JSONResponse(answer)

    @property
    def payloads(self) -> list[dict[str, Any]]:
        return [received.payload for received in self.received]

    async def waits_for(self, count: int, *, timeout: float = 3.0) -> None:
        async with asyncio.timeout(timeout):
            while len(self.received) < count:
                self._more.clear()
                await self._more.wait()


@dataclass
class Stage:
    """The practice Slack, the app under test, a client with the app's token, and Ana at her screen."""

    practice: PracticeSlack
    slack: Workspace
    app: App
    client: AsyncWebClient
    url: str

    @property
    def ana(self) -> Person:
        return self.slack.person("ana")

    async def post(self, text: str = "hello", **more: Any) -> str:
        answer = await self.client.chat_postMessage(channel="C01NOC", text=text, **more)
        return str(answer["ts"])


@contextlib.asynccontextmanager
async def stage(
    manifest: Mapping[str, Any] = PRACTICE_MANIFEST, *, state_file: Path | None = None
) -> AsyncIterator[Stage]:
    """Both on one loopback port (one server is sooner gone than two), the app installed."""
    app = App()
    site = Starlette(routes=[Route("/slack/events", app.handle, methods=["POST"])])
    practice = PracticeSlack(manifest, redirect_uris=["http://127.0.0.1:1/oauth/slack/callback"], state_file=state_file)

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        await (site if scope.get("path") == "/slack/events" else practice.app)(scope, receive, send)

    async with serve(both) as url, Workspace(url) as slack:
        practice.install(request_url=f"{url}/slack/events")
        yield Stage(practice, slack, app, AsyncWebClient(BOT_TOKEN, base_url=f"{url}/api/"), url)


def button(text: str, action_id: str = "go", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": text}, "action_id": action_id, **more}


def actions(*elements: dict[str, Any], block_id: str = "row") -> dict[str, Any]:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def with_manifest(
    *, scopes: list[str] | None = None, events: list[str] | None = None, **settings: Any
) -> dict[str, Any]:
    """The practice manifest with other scopes, events or settings."""
    manifest: dict[str, Any] = json.loads(json.dumps(PRACTICE_MANIFEST))
    if scopes is not None:
        manifest["oauth_config"]["scopes"]["bot"] = scopes
    if events is not None:
        manifest["settings"]["event_subscriptions"]["bot_events"] = events
    manifest["settings"] |= settings
    return manifest
