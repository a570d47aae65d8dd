"""Practice servers, settings that lead to them, and a way to ask."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
import yaml

from bot.ct import CTClient
from bot.doctor.wire import Wire
from bot.manifest import manifest
from bot.sandbox.ct.app import PracticeCT
from bot.sandbox.serving import serve
from bot.sandbox.slack.app import PracticeSlack
from bot.settings import Settings
from tests.doctor.answering import served
from tests.stage import settings_for


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Wire(http)


@pytest.fixture
async def practice_ct() -> AsyncIterator[tuple[PracticeCT, str]]:
    ct = PracticeCT(locations=1, boxes=1)
    async with serve(ct.app) as url:
        yield ct, url


@pytest.fixture
async def practice_slack() -> AsyncIterator[tuple[PracticeSlack, str]]:
    slack = PracticeSlack(yaml.safe_load(manifest("https://bot.acme.example")))
    async with serve(slack.app) as url:
        yield slack, url


@pytest.fixture
def settings(practice_ct: tuple[PracticeCT, str], practice_slack: tuple[PracticeSlack, str]) -> Settings:
    """A bot of which everything is right, and whose address nobody asks for."""
    ct, ct_url = practice_ct
    ct.practice.application.redirect_uris[:] = ["https://bot.acme.example/oauth/ct/callback"]
    made = settings_for(ct_url, practice_slack[1], "https://bot.acme.example", "redis://127.0.0.1:1/0")
    return replace(made, slack_api_url=f"{practice_slack[1]}/api")


@pytest.fixture
async def ct_of() -> AsyncIterator[Callable[[Settings], CTClient]]:
    """A client of CT as the doctor makes it."""
    made: list[CTClient] = []

    def make(settings: Settings) -> CTClient:
        made.append(
            CTClient(
                auth_url=settings.ct_auth_url,
                api_url=settings.ct_api_url,
                client_id=settings.ct_client_id,
                client_secret=settings.ct_client_secret,
                deadline=1.0,
            )
        )
        return made[-1]

    yield make
    for client in made:
        await client.aclose()


Answering = Callable[..., Awaitable[str]]


@pytest.fixture
async def answering() -> AsyncIterator[Answering]:
    """`url = await answering(status, body, headers)`: a server that says the same to everybody."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(*answer: Any, **how: Any) -> str:
            return await stack.enter_async_context(served(*answer, **how))

        yield start
