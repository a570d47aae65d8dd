"""T3: the answer to a refresh is lost after CT rotated the pair."""

import pytest

from bot.errors import NotLinkedError
from tests.services.replicas import ANA, World, world_of

RUNS = 8


async def _lose_answers(world: World, n: int) -> None:
    for _ in range(n):
        world.fault("drop", after=True)


async def test_t3_a_ct_that_repeats_its_answer_costs_nothing(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="on_use") as world:
        replica = world.replica()
        for _ in range(RUNS):
            await world.link(replica, due=True)
            world.ct.log.clear()
            await _lose_answers(world, 2)
            me = await replica.me()

            assert me.email == "ana@venues.example"
            assert world.refreshes == 3
        assert world.kinds_told() == []


async def test_t3_a_ct_that_does_not_costs_one_message_and_a_new_link(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="immediate") as world:
        one, two = world.replica(), world.replica()
        for run in range(RUNS):
            await world.link(one, due=True)
            world.ct.log.clear()
            await _lose_answers(world, 1)
            for replica in (one, two, one):
                with pytest.raises(NotLinkedError) as refused:
                    await replica.me()
                assert refused.value.ended
            await one.settle()

            assert world.refreshes == 2
            assert world.told.messages == [("link_ended", ANA)] * (run + 1)


async def test_t3_at_most_three_requests_a_minute_for_one_person(redis_url: str) -> None:
    """With CT's token endpoint dead, commands go on with the token that may still be good."""
    async with world_of(redis_url) as world:
        one, two = world.replica(per_minute=3), world.replica(per_minute=3)
        await world.link(one, due=True)
        world.fault("status", status=503, times=None)
        for replica in (one, two, one, two):
            await replica.me()

        assert world.refreshes + world.count("/oauth/token", fault="status") == 3
        assert world.count("/oauth/token") == 3
