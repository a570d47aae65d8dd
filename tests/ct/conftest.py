"""A stub of CT and the practice CT, and clients that talk to them."""

from collections.abc import AsyncIterator

import pytest

from bot.ct import CTClient, CTUser
from bot.sandbox.ct import CLIENT_ID, CLIENT_SECRET, PracticeCT
from bot.sandbox.serving import serve
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


@pytest.fixture
async def practice_ct() -> AsyncIterator[tuple[PracticeCT, str]]:
    """The practice CT at its quickest, and its address."""
    ct = PracticeCT(redirect_uris=[], switches={"speed": "test"})
    async with serve(ct.app) as url:
        yield ct, url


@pytest.fixture
async def visitor(practice_ct: tuple[PracticeCT, str]) -> AsyncIterator[CTUser]:
    """The practice CT as ana sees it, whose venues are on a paid plan."""
    ct, url = practice_ct
    client = CTClient(auth_url=url, api_url=url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    yield client.as_user(ct.issue("ana@venues.example").access)
    await client.aclose()
