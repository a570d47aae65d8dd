"""T8, T9: odd expiry times and many people at once cause no storm of refreshes."""

import asyncio
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.rotation import refresh_after
from bot.services.sessions import RenewalError
from bot.stores.link_keys import keys_of
from tests.services.replicas import ANA, LEE, world_of


@given(st.none() | st.integers())
def test_t8_the_timer_never_renews_within_five_minutes_nor_later_than_a_day(expires_in: int | None) -> None:
    assert 300 <= refresh_after(expires_in) <= 86400


@given(st.integers(min_value=600, max_value=86400))
def test_t8_the_timer_runs_out_before_the_token_does(expires_in: int) -> None:
    early = expires_in - refresh_after(expires_in)

    assert 75 <= early <= 150


@pytest.mark.parametrize("skew", [-600.0, 600.0])
@pytest.mark.parametrize("expires_in", [-1, 0, 1, 60, 10**12])
async def test_t8_ten_commands_with_an_odd_expiry_refresh_at_most_once(
    redis_url: str, expires_in: int, skew: float
) -> None:
    async with world_of(redis_url, created_at_skew=skew) as world:
        replica = world.replica()
        odd = msgspec.structs.replace(world.pair(), expires_in=expires_in, created_at=-5)
        await world.link(replica, pair=odd)
        for _ in range(10):
            await replica.me()

        assert world.refreshes <= 1


async def test_t8_an_answer_without_a_refresh_token_keeps_the_old_one(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="on_use") as world:
        replica = world.replica()
        await world.link(replica, due=True)
        world.ct.switches.gives_refresh_token = False
        await replica.me()
        record = await replica.tokens.load(ANA)
        assert record is not None
        pair = replica.sealer.open(ANA, record.sealed)

        assert pair.refresh == world.ct.practice.tokens.rows[0].refresh


async def test_t9_a_rest_saves_up_no_turns(redis_url: str) -> None:
    """Else the second in which it ends holds the saved-up turns and its own."""
    async with world_of(redis_url) as world:
        pace = world.replica().tokens.pace
        waits = [await pace.turn("oauth", per_second=10, longest=60) for _ in range(11)]

        assert waits[0] == 0
        assert waits[10] is not None
        assert waits[10] > 0.5  # 1.0, if asking took no time


async def test_t9_a_process_that_was_busy_does_not_send_all_at_once_what_it_missed(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(per_second=10)
        people = [type(ANA)("T01ACME", f"U{n}") for n in range(8)]
        for who in people:
            await world.link(replica, who, due=True)
        callers = asyncio.gather(*(replica.me(who) for who in people))
        await world.until_ct_refreshes(2)
        time.sleep(1.0)  # noqa: ASYNC251 - it is the busy process
        await callers
        times = [row["at"] for row in world.ct.log.rows if row["path"] == "/oauth/token"]

        assert len(times) == 8
        assert times[7] - times[3] > 0.25  # 0.4, if asking took no time


async def test_t9_over_the_pace_commands_go_on_with_the_token_they_have(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(per_second=3, turn=0.0)
        people = [ANA, LEE] + [type(ANA)("T01ACME", f"U{n}") for n in range(8)]
        for who in people:
            await world.link(replica, who, due=True)
        answers = await asyncio.gather(*(replica.me(who) for who in people))

        assert len(answers) == 10
        assert world.refreshes <= 4


async def test_t9_over_the_pace_a_dead_token_is_an_honest_error(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(per_second=1, turn=0.0)
        await world.link(replica)
        world.ct.practice.tokens.kill_access()
        for _ in range(2):
            await replica.tokens.pace.turn("oauth", per_second=1, longest=5)
        with pytest.raises(RenewalError) as busy:
            await replica.me()

        assert "minute" in str(busy.value)
        assert world.refreshes == 0


async def test_t9_a_command_does_not_wait_for_ever(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(caller=0.05)
        await world.link(replica)
        world.ct.practice.tokens.kill_access()
        world.fault("delay", delay=0.3)
        with pytest.raises(RenewalError):
            await replica.me()
        await replica.settle()

        assert (await replica.me()).email == "ana@venues.example"


async def test_t9_a_lock_that_cannot_be_given_back_runs_out(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(retries=0)
        await world.link(replica, due=True)
        world.fault("drop", delay=0.2)
        caller = asyncio.ensure_future(replica.me())
        await world.until_ct_refreshes()
        await replica.refuse_writes()
        await caller
        left = await replica.redis.pttl(keys_of(ANA)[3])
        await replica.accept_writes()

        assert 0 < left <= 2000
