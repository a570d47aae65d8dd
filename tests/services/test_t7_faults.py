"""T7: nothing that CT's token endpoint says but `invalid_grant` ends a link."""

import random
from typing import Any

import pytest

from bot.ct import CTAuthError, CTError, CTOAuthError
from bot.errors import NotLinkedError
from bot.stores.tokens import Status
from tests.services.replicas import ANA, world_of

FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "status", "status": 401},
    {"kind": "status", "status": 404},
    {"kind": "status", "status": 500, "body": '{"status": 500, "error": "Internal Server Error"}'},
    {"kind": "status", "status": 503, "body": '{"error": "invalid_grant"}'},
    {"kind": "status", "status": 401, "body": '{"error": "invalid_client"}'},
    {"kind": "status", "status": 401, "body": '{"error": "invalid_request"}'},
    {"kind": "status", "status": 400, "body": '{"error": "temporarily_unavailable"}'},
    {"kind": "html"},
    {"kind": "html", "status": 502},
    {"kind": "garbage"},
    {"kind": "wrong_types"},
    {"kind": "big"},
    {"kind": "redirect"},
    {"kind": "drop"},
    {"kind": "reset"},
)


async def test_t7_no_fault_of_the_token_endpoint_ends_a_link(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="on_use") as world:
        replica = world.replica()
        await world.link(replica)
        for fault in random.sample(FAULTS, len(FAULTS)):
            await world.let_timer_run_out(replica)
            spoilt = world.fault(**fault, times=None)
            world.ct.practice.tokens.kill_access()
            with pytest.raises(CTError) as failed:
                await replica.me()
            record = await replica.tokens.load(ANA)
            world.ct.faults.waiting.remove(spoilt)

            assert record is not None
            assert record.status is Status.ACTIVE, fault
            assert not failed.value.maybe_acted
        await replica.me()
        assert world.kinds_told() == []


@pytest.mark.parametrize("status", [400, 401])
async def test_t7_invalid_grant_ends_it_whatever_its_status(redis_url: str, status: int) -> None:
    async with world_of(redis_url, token_error_status=status) as world:
        replica = world.replica()
        await world.link(replica)
        world.ct.practice.tokens.revoke_all()
        with pytest.raises(NotLinkedError):
            await replica.me()
        await replica.settle()
        (row,) = await replica.audit.tail(1)

        assert world.told.messages == [("link_ended", ANA)]
        assert (row["event"], row["why"]) == ("link_ended", "invalid_grant")


async def test_t7_a_wrong_client_secret_is_the_operators_matter(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        world.ct.practice.tokens.kill_access()
        world.ct.practice.application.secret = "another"
        with pytest.raises(CTOAuthError):
            await replica.me()
        world.ct.practice.application.secret = "practice-ct-secret"
        await replica.me()

        assert world.kinds_told() == []


async def test_t7_a_token_that_ct_refuses_right_after_renewing_it_ends_the_link(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        world.fault("status", status=401, times=None, prefix="/api/")
        with pytest.raises(NotLinkedError) as refused:
            await replica.me()
        await replica.settle()

        assert refused.value.ended
        assert world.refreshes == 1
        assert world.kinds_told() == ["link_ended"]


async def test_t7_a_refused_newer_token_is_renewed_before_anything_is_said(redis_url: str) -> None:
    """Between reading the link and CT's 401 another replica renewed it, and that token died as well."""
    async with world_of(redis_url) as world:
        one, two = world.replica(), world.replica()
        await world.link(one)
        calls = 0

        async def work(user: Any) -> str:
            nonlocal calls
            calls += 1
            if calls == 1:
                await world.let_timer_run_out(two)
                await two.me()
                world.ct.practice.tokens.kill_access()
            return str((await user.me()).email)

        email = await one.sessions.call(ANA, work)

        assert email == "ana@venues.example"
        assert (calls, world.refreshes) == (3, 2)


async def test_t7_a_link_without_a_refresh_token_ends_when_its_token_does(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica, pair=world.pair(refresh_token=None), due=True)
        await replica.me()
        world.ct.practice.tokens.kill_access()
        with pytest.raises(NotLinkedError):
            await replica.me()
        await replica.settle()

        assert world.refreshes == 0
        assert world.kinds_told() == ["link_ended"]


async def test_t7_an_error_of_the_work_itself_passes_through(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        world.fault("status", status=503, prefix="/api/", times=None)
        with pytest.raises(CTError) as failed:
            await replica.me()

        assert not isinstance(failed.value, CTAuthError)
        assert world.refreshes == 0
