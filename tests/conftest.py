"""Fixtures that every part of the tests may need."""

import functools
import gc
import os
import ssl
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from hypothesis import settings
from redis.asyncio import Redis

from bot.sandbox.slack.signing_keys import SigningKeys
from bot.stores.redis import connect
from tests.valkey import ValkeyProcess

# A busy machine is no counter-example. CI looks twice as long as whoever waits for the tests before them, and at the
# same examples each time: what it says is about the change and not about its luck, which is for everybody else to try.
CI = bool(os.getenv("CI"))
settings.register_profile("patient", deadline=None, max_examples=100 if CI else 50, derandomize=CI)
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """structlog's default draws every local of a traceback: seconds of work in the middle of a test about time-outs."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """What each of some thousand stages would make anew, a third of their time: nothing of it is under test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        first = functools.cache(SigningKeys.fresh)
        patch.setattr(SigningKeys, "key", property(lambda keys: keys._key or first()))
        # httpcore asks for it before every request, and Python looks through the whole path for what is not there.
        patch.setitem(sys.modules, "sniffio", None)
        yield


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: no collector need look at them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _valkey() -> Iterator[ValkeyProcess]:
    server = ValkeyProcess()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(_valkey: ValkeyProcess) -> ValkeyProcess:
    """A real Valkey, empty."""
    _valkey.empty()
    return _valkey


@pytest.fixture
def redis_url(valkey: ValkeyProcess) -> str:
    return valkey.url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """The bot's own client, connected to an empty Valkey."""
    client = connect(redis_url)
    yield client
    await client.aclose()
