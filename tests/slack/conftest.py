"""The whole bot, for tests that talk to it."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.stage import Stage, staged


@pytest.fixture
async def stage(redis: Redis, redis_url: str) -> AsyncIterator[Stage]:
    """One replica, an unlinked workspace."""
    async with staged(redis, redis_url) as stage:
        yield stage


@pytest.fixture
async def pair(redis: Redis, redis_url: str) -> AsyncIterator[Stage]:
    """Two replicas on one Valkey; Slack delivers to both in turn."""
    async with staged(redis, redis_url, replicas=2) as stage:
        yield stage
