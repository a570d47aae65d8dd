"""D1, D3, D4: what rests in Redis is of no use to a thief, and an outage of Redis costs an honest answer."""

import asyncio
import itertools
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import DataKey, Keyring, SealError
from bot.errors import NotLinkedError, StoreDownError
from bot.identity import SlackUser
from bot.services.pairs import Pair, PairSealer
from bot.stores.link_keys import keys_of
from tests.services.replicas import ANA, KEY, Replica, world_of
from tests.valkey import ValkeyProcess

PEOPLE = [SlackUser("T01ACME", f"U{n:03}") for n in range(12)]


async def test_d1_no_token_is_readable_on_disk(redis_url: str, valkey: ValkeyProcess) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        for who in PEOPLE:
            await world.link(replica, who)
        for who in PEOPLE[::3]:
            await world.let_timer_run_out(replica, who)
            await replica.me(who)
        for who in PEOPLE[::4]:
            await replica.sessions.unlink(who)
        await replica.redis.save()
        disk = valkey.on_disk()
        planted = [token for row in world.ct.practice.tokens.rows for token in (row.access, row.refresh or "")]
        hits = [token for token in planted if token.encode() in disk]

        assert PEOPLE[1].user_id.encode() in disk
        assert len(planted) == 2 * (12 + 4)
        assert hits == []


async def test_d1_a_link_moved_to_another_person_opens_for_nobody(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        people = PEOPLE[:4]
        for who in people:
            await world.link(replica, who)
        records: dict[SlackUser, Any] = {who: await replica.redis.hgetall(keys_of(who)[0]) for who in people}
        refused = 0
        for thief, victim in itertools.permutations(people, 2):
            await replica.redis.hset(keys_of(thief)[0], mapping=records[victim])
            with pytest.raises(NotLinkedError):
                await replica.me(thief)
            refused += 1

        assert refused == 12
        assert world.kinds_told() == []


@given(st.binary(max_size=200))
def test_d1_no_made_up_record_opens(sealed: bytes) -> None:
    with pytest.raises(SealError):
        Keyring([KEY]).open(sealed, owner=ANA.key, purpose="ct-token")


@given(st.data())
def test_d1_no_changed_record_opens(data: st.DataObject) -> None:
    sealed = PairSealer(Keyring([KEY])).seal(ANA, Pair("access", "refresh"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    with pytest.raises(SealError):
        Keyring([KEY]).open(changed, owner=ANA.key, purpose="ct-token")


@given(st.text(), st.text())
def test_d1_a_record_opens_for_its_own_purpose_only(owner: str, purpose: str) -> None:
    sealed = Keyring([KEY]).seal(b"pair", owner=ANA.key, purpose="ct-token")
    if f"{owner}|{purpose}" != f"{ANA.key}|ct-token":
        with pytest.raises(SealError):
            Keyring([KEY]).open(sealed, owner=owner, purpose=purpose)


def test_d1_a_key_of_the_same_name_does_not_open_it() -> None:
    sealed = Keyring([KEY]).seal(b"pair", owner=ANA.key, purpose="ct-token")
    with pytest.raises(SealError):
        Keyring([DataKey(KEY.id, bytes(32))]).open(sealed, owner=ANA.key, purpose="ct-token")


def test_d1_pairs_and_records_do_not_print_their_secrets() -> None:
    assert "s3cret" not in repr(Pair("s3cret", "s3cret"))


@pytest.fixture
def own_valkey() -> Iterator[ValkeyProcess]:
    """A Valkey that this test may kill."""
    server = ValkeyProcess()
    server.start()
    yield server
    server.stop()


async def _takes(replica: Replica) -> float:
    started = time.monotonic()
    with pytest.raises(StoreDownError):
        await replica.me()
    return time.monotonic() - started


async def test_d3_a_dead_redis_is_an_honest_error_and_no_call_to_ct(own_valkey: ValkeyProcess) -> None:
    async with world_of(own_valkey.url) as world:
        replica = world.replica(redis_patience=1.0)
        await world.link(replica)
        world.ct.log.clear()
        own_valkey.signal(signal.SIGKILL)
        seconds = await _takes(replica)
        own_valkey.start()

        assert seconds < 1
        assert world.count("/") == 0
        assert (await replica.me()).email == "ana@venues.example"


async def test_d3_a_frozen_redis_is_an_honest_error_within_three_seconds(own_valkey: ValkeyProcess) -> None:
    async with world_of(own_valkey.url) as world:
        replica = world.replica(redis_patience=1.0)
        await world.link(replica)
        own_valkey.signal(signal.SIGSTOP)
        seconds = await asyncio.gather(*(_takes(replica) for _ in range(100)))
        own_valkey.signal(signal.SIGCONT)

        assert max(seconds) < 3
        assert (await replica.me()).email == "ana@venues.example"


async def test_d4_no_link_is_lost_when_redis_is_killed(own_valkey: ValkeyProcess) -> None:
    async with world_of(own_valkey.url) as world:
        replica = world.replica()
        for who in PEOPLE[:5]:
            await world.link(replica, who)
            own_valkey.signal(signal.SIGKILL)
            own_valkey.start()
            await asyncio.sleep(0.01)  # in which the old connections are seen to be dead

        assert [(await replica.me(who)).email for who in PEOPLE[:5]] == ["ana@venues.example"] * 5
