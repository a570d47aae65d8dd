"""T1, T7, L8 at the edges: two replicas, or a store, in the very moment in which a link ends or is renewed."""

import asyncio

import pytest

from bot.errors import NotLinkedError
from bot.identity import SlackUser
from bot.services.pairs import Pair
from bot.stores.tokens import TokenStore, Unlinked
from tests.services.replicas import ANA, world_of


async def test_t7_two_replicas_that_hear_of_the_end_tell_it_once(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        one, two = world.replica(lock=0.01, rereads=(0.3,)), world.replica(lock=0.01, rereads=(0.3,))
        await world.link(one)
        world.ct.practice.tokens.revoke_all()
        ends = await asyncio.gather(one.me(), two.me(), return_exceptions=True)
        await one.settle()
        await two.settle()

        assert [type(end) for end in ends] == [NotLinkedError] * 2
        assert world.refreshes == 2
        assert world.told.messages == [("link_ended", ANA)]


async def test_t7_a_loser_that_hears_invalid_request_takes_the_winners_pair(redis_url: str) -> None:
    """Of two refreshes at once some old Doorkeepers answer one so (ct-api 1.4)."""
    async with world_of(redis_url, refresh_mode="immediate") as world:
        replica = world.replica(rereads=(0.3,))
        gen = await world.link(replica)
        world.ct.practice.tokens.kill_access()
        world.fault("status", status=401, body='{"error": "invalid_request"}')
        loser = asyncio.ensure_future(replica.me())
        await world.until_ct_refreshes()
        pair = world.pair()
        winner = Pair(pair.access_token, pair.refresh_token)
        await replica.tokens.save(ANA, gen, replica.sealer.seal(ANA, winner), token="", refresh_in=3600)

        assert (await loser).email == "ana@venues.example"
        assert world.kinds_told() == []


class LastMinuteStore(TokenStore):
    """Another replica saves its pair in the very moment in which this one marks the link dead."""

    sealed = b""

    async def end(self, who: SlackUser, gen: int) -> bool:
        await self.save(who, gen, self.sealed, token="", refresh_in=3600)
        return await super().end(who, gen)


async def test_t7_a_pair_that_turns_up_in_the_last_moment_is_used(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(store=LastMinuteStore)
        await world.link(replica)
        world.ct.practice.tokens.revoke_all()
        pair = world.pair()
        assert isinstance(replica.tokens, LastMinuteStore)
        replica.tokens.sealed = replica.sealer.seal(ANA, Pair(pair.access_token, pair.refresh_token))
        me = await replica.me()

        assert me.email == "ana@venues.example"
        assert world.kinds_told() == []


async def test_t7_a_fresh_pair_that_ct_refuses_may_have_been_replaced_already(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(store=LastMinuteStore)
        await world.link(replica)
        world.fault("status", status=401, times=2, prefix="/api/")
        pair = world.pair()
        assert isinstance(replica.tokens, LastMinuteStore)
        replica.tokens.sealed = replica.sealer.seal(ANA, Pair(pair.access_token, pair.refresh_token))
        me = await replica.me()

        assert me.email == "ana@venues.example"
        assert world.kinds_told() == []


class ThenReadonlyStore(TokenStore):
    """Stops taking writes as soon as a link was ended."""

    async def end(self, who: SlackUser, gen: int) -> bool:
        ended = await super().end(who, gen)
        await self._redis.replicaof("127.0.0.1", "1")
        return ended

    async def unlink(self, who: SlackUser) -> Unlinked:
        unlinked = await super().unlink(who)
        await self._redis.replicaof("127.0.0.1", "1")
        return unlinked


async def test_t7_an_end_is_told_even_when_the_audit_cannot_be_written(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(store=ThenReadonlyStore)
        await world.link(replica)
        world.ct.practice.tokens.revoke_all()
        with pytest.raises(NotLinkedError):
            await replica.me()
        await replica.settle()
        await replica.accept_writes()

        assert world.kinds_told() == ["link_ended"]


async def test_l8_an_unlink_that_happened_is_a_success_whatever_comes_after(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(store=ThenReadonlyStore)
        await world.link(replica)
        linked = await replica.sessions.unlink(ANA)
        await replica.accept_writes()
        ahead = await replica.queue.depth()

        assert linked
        assert ahead == (2, 0)


async def test_t1_a_command_that_joins_a_renewal_of_an_older_pair_starts_its_own(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="on_use") as world:
        replica = world.replica(poll=0.3)
        gen = await world.link(replica, due=True)
        await replica.tokens.enter(ANA, gen, token="another's", seconds=5)
        waiting = asyncio.ensure_future(replica.me())
        await asyncio.sleep(0.1)
        pair = world.pair()
        sealed = replica.sealer.seal(ANA, Pair(pair.access_token, pair.refresh_token))
        await replica.tokens.save(ANA, gen, sealed, token="another's", refresh_in=-1)
        joining = await replica.me()

        assert joining.email == (await waiting).email == "ana@venues.example"
        assert world.refreshes == 1
