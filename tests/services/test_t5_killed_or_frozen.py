"""T5: the replica that refreshes is killed, or frozen for longer than its lock lasts."""

import asyncio
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process

import pytest
from redis.asyncio import Redis

from bot.ct import Me
from bot.errors import NotLinkedError
from bot.identity import SlackUser
from bot.services.pairs import Pair
from bot.services.sessions import RenewalError
from bot.stores.link_keys import keys_of
from bot.stores.tokens import Status, TokenStore
from tests.services.replicas import ANA, World, world_of

LOCK = 2.0  # of the other process: `QUICK`


async def _start_and_wait_for_its_refresh(world: World) -> Process:
    """Another process, stopped short while CT's answer to its refresh is on its way."""
    world.fault("delay", delay=0.3, after=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.services.one_command", world.redis_url, world.ct_url, stdout=PIPE, stderr=PIPE
    )
    await world.until_ct_refreshes()
    return process


async def test_t5_a_killed_refresh_leaves_no_stuck_lock(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="on_use") as world:
        replica = world.replica()
        await world.link(replica, due=True)
        process = await _start_and_wait_for_its_refresh(world)
        process.kill()
        await process.communicate()
        started = time.monotonic()
        me = await replica.me()
        took = time.monotonic() - started

        assert me.email == "ana@venues.example"
        assert took < LOCK + 1
        assert world.kinds_told() == []


async def test_t5_a_frozen_refresh_holds_up_nobody_for_longer_than_its_lock(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="on_use") as world:
        replica = world.replica()
        await world.link(replica, due=True)
        process = await _start_and_wait_for_its_refresh(world)
        process.send_signal(signal.SIGSTOP)
        me = await replica.me()
        process.send_signal(signal.SIGCONT)
        said, _ = await process.communicate()

        assert said.decode().endswith("ana@venues.example")
        assert me.email == "ana@venues.example"
        assert world.kinds_told() == []


class FrozenStore(TokenStore):
    """Of a replica that freezes between CT's answer and saving it, until it is thawed."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.thaw = asyncio.Event()

    async def save(self, who: SlackUser, gen: int, sealed: bytes, *, token: str, refresh_in: float) -> int | None:
        await self.thaw.wait()
        return await super().save(who, gen, sealed, token=token, refresh_in=refresh_in)


class FrozenRefresh:
    """A replica that has CT's answer and no lock any more, and has not saved yet."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.replica = world.replica(store=FrozenStore, lock=0.05)

    async def begin(self) -> None:
        self.command = asyncio.ensure_future(self.replica.me())
        await self.world.until(lambda: self.world.count("/oauth/token", status=200) == 1)
        await asyncio.sleep(0.1)

    async def thaw(self) -> Me:
        assert isinstance(self.replica.tokens, FrozenStore)
        self.replica.tokens.thaw.set()
        return await self.command


async def test_t5_a_late_winner_still_saves_and_no_link_dies(redis_url: str) -> None:
    """CT rotated for the frozen replica: only its answer is good, and it is saved after its lock ran out."""
    async with world_of(redis_url, refresh_mode="immediate") as world:
        frozen, replica = FrozenRefresh(world), world.replica(rereads=(0.3, 0.3, 0.3))
        await world.link(replica, due=True)
        await frozen.begin()
        waiter = asyncio.ensure_future(replica.me())
        await world.until_ct_refreshes(2)
        people = [await frozen.thaw(), await waiter]

        assert [me.email for me in people] == ["ana@venues.example"] * 2
        assert world.kinds_told() == []


async def test_t5_whoever_asked_before_and_never_said_what_came_is_waited_for(redis_url: str) -> None:
    """They may be frozen with the good pair, and thaw when the usual looks are over."""
    async with world_of(redis_url, refresh_mode="immediate") as world:
        frozen, replica = FrozenRefresh(world), world.replica(rereads=(0.01,), thaw=(0.5, 0.5, 0.5))
        await world.link(replica, due=True)
        await frozen.begin()
        waiter = asyncio.ensure_future(replica.me())
        await world.until_ct_refreshes(2)
        await asyncio.sleep(0.3)
        people = [await frozen.thaw(), await waiter]

        assert [me.email for me in people] == ["ana@venues.example"] * 2
        assert world.kinds_told() == []


async def test_t5_a_link_that_ct_ended_is_not_waited_for(redis_url: str) -> None:
    """Nobody else asked: nobody else can have a newer pair."""
    async with world_of(redis_url) as world:
        replica = world.replica(thaw=(20.0,))
        await world.link(replica)
        world.ct.practice.tokens.revoke_all()
        world.fault("drop")  # an answer that was lost is one's own
        with pytest.raises(NotLinkedError):
            await replica.me()


async def test_t5_a_command_waits_for_all_renewals_together_no_longer_than_for_one(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica(ahead=0.5, caller=0.5)
        gen = await world.link(replica, due=True)
        world.ct.practice.tokens.kill_access()
        await replica.tokens.enter(ANA, gen, token="another's", seconds=60)
        caller = asyncio.ensure_future(replica.me())
        await world.until(lambda: world.count("/api/", status=401) == 1)
        _, waits = await asyncio.wait({caller}, timeout=0.4)
        await replica.tokens.release(ANA, token="another's")

        assert not waits
        with pytest.raises(RenewalError):
            await caller


async def test_t5_a_very_late_winner_brings_the_link_back_to_life(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="immediate") as world:
        frozen, replica = FrozenRefresh(world), world.replica()
        await world.link(replica, due=True)
        await frozen.begin()
        with pytest.raises(NotLinkedError):
            await replica.me()
        marked = await replica.tokens.load(ANA)
        await frozen.thaw()
        me = await replica.me()
        record = await replica.tokens.load(ANA)

        assert marked is not None
        assert record is not None
        assert (marked.status, record.status) == (Status.NEEDS_RELINK, Status.ACTIVE)
        assert me.email == "ana@venues.example"
        assert await replica.redis.ttl(keys_of(ANA)[0]) == -1


@pytest.mark.parametrize("mode", ["immediate", "on_use"])
async def test_t5_a_winner_that_comes_after_another_has_its_pair_revoked(redis_url: str, mode: str) -> None:
    async with world_of(redis_url, refresh_mode=mode) as world:
        frozen, replica = FrozenRefresh(world), world.replica()
        gen = await world.link(replica, due=True)
        await frozen.begin()
        await replica.tokens.save(ANA, gen, replica.sealer.seal(ANA, _any(world)), token="", refresh_in=3600)
        me = await frozen.thaw()
        await replica.work_off()

        assert [row.revoked for row in world.ct.practice.tokens.rows][-2:] == [True, False]
        assert me.email == "ana@venues.example"


def _any(world: World) -> Pair:
    pair = world.pair()
    return Pair(pair.access_token, pair.refresh_token)


async def test_t5_a_lock_that_ran_out_before_ct_was_asked_is_taken_again(redis_url: str) -> None:
    async with world_of(redis_url, refresh_mode="immediate") as world:
        replica = world.replica(lock=0.2)
        await world.link(replica, due=True)
        for rate in (1, 2):  # the next turn comes in half a second
            await replica.tokens.pace.turn("oauth", per_second=rate, longest=1)
        await replica.me()

        assert world.refreshes == 1
        assert world.count("/api/", status=401) == 0
