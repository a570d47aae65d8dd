"""A stub of CT, and a client that talks to it."""

from collections.abc import AsyncIterator

import pytest

from bot.ct import CTClient, CTUser
from tests.ct.stub import Stub

Counted = list[tuple[str, str, float]]


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """A server that says what the test wants."""
    stub = Stub()
    async with stub.served():
        yield stub


@pytest.fixture
def counted() -> Counted:
    """What the client told its observer."""
    return []


@pytest.fixture
async def client(stub: Stub, counted: Counted) -> AsyncIterator[CTClient]:
    """A client of the stub with a short deadline."""
    client = CTClient(
        auth_url=stub.url,
        api_url=stub.url,
        client_id="app",
        client_secret="canary-client-secret",
        deadline=2.0,
        observe=lambda *counts: counted.append(counts),
    )
    yield client
    await client.aclose()


@pytest.fixture
def ana(client: CTClient) -> CTUser:
    """CT as ana sees it."""
    return client.as_user("canary-access-token")
