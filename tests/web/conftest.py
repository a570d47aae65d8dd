"""The site with its two replicas: opened once a module, as new for every test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.valkey import ValkeyProcess
from tests.web.site import Site, open_site
from tests.web.visitor import Visitor, visitor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def _site(_valkey: ValkeyProcess) -> AsyncIterator[Site]:
    async with open_site(_valkey.url, replicas=2) as site:
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
