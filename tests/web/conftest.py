"""The site with its two replicas: opened once a module, as new for every test."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.valkey import ValkeyProcess
from tests.web.chromium import CHROMIUM
from tests.web.site import Site, open_site
from tests.web.visitor import Visitor, visitor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def _site(_valkey: ValkeyProcess, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """A module that says `TYPED = True` is about the typed code; the others are about Sign in with Slack."""
    async with open_site(_valkey.url, replicas=2, typed=getattr(request.module, "TYPED", False)) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def site(_site: Site, valkey: ValkeyProcess) -> AsyncIterator[Site]:
    """Everything empty; `valkey` saw to Redis."""
    _site.reset()
    yield _site
    await _site.settle()


@pytest_asyncio.fixture(loop_scope="module")
async def ana() -> AsyncIterator[Visitor]:
    """Ana's browser: signed in to Slack as herself."""
    async with visitor() as ana:
        yield ana


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A fresh profile on a phone, Ana signed in to Slack."""
    context: BrowserContext = await browser.new_context(viewport={"width": 390, "height": 780})
    await context.add_cookies([{"name": "slack_user", "value": "T01ACME.U01ANA", "domain": "127.0.0.1", "path": "/"}])
    yield await context.new_page()
    await context.close()
