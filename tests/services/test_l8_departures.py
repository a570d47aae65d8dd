"""L8: after an unlink or an uninstall nothing usable is left, whatever was under way."""

import asyncio
import random

import msgspec
import pytest

from bot.crypto import DataKey
from bot.errors import NotLinkedError, StoreDownError
from bot.identity import SlackUser
from bot.services.departures import Departure
from tests.services.replicas import ANA, KEY, LEE, Replica, World, world_of

RACES = 20


async def _keys_left(replica: Replica, tag: str) -> list[bytes]:
    found = await replica.redis.keys(f"ct:*{{{tag}}}*")
    return [key for key in found if isinstance(key, bytes) and b"mark" not in key]


async def test_l8_unlink_leaves_no_key_and_revokes_at_ct(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        linked = await replica.sessions.unlink(ANA)
        with pytest.raises(NotLinkedError) as refused:
            await replica.me()
        await replica.work_off()

        assert linked
        assert not refused.value.ended
        assert [row.revoked for row in world.ct.practice.tokens.rows] == [True]
        assert await _keys_left(replica, ANA.tag) == []
        assert world.kinds_told() == []


async def test_l8_unlinking_nothing_is_no_error(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()

        assert not await replica.sessions.unlink(ANA)
        assert await replica.queue.depth() == (1, 0)


@pytest.mark.parametrize("mode", ["immediate", "on_use"])
async def test_l8_unlink_during_a_refresh_resurrects_nothing(redis_url: str, mode: str) -> None:
    async with world_of(redis_url, refresh_mode=mode) as world:
        replica = world.replica()
        for _ in range(RACES):
            await world.link(replica, due=True)
            world.fault("delay", delay=0.01, after=True)
            caller = asyncio.ensure_future(replica.me())
            await asyncio.sleep(random.uniform(0, 0.02))
            await replica.sessions.unlink(ANA)
            await asyncio.gather(caller, return_exceptions=True)
            await replica.settle()
            await replica.work_off()

            assert await replica.tokens.load(ANA) is None
            world.ct.faults.clear()
        assert all(row.revoked for row in world.ct.practice.tokens.rows)
        assert world.kinds_told() == []


async def test_l8_unlink_ends_an_attempt_to_link(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        epoch = await replica.sessions.begin(ANA)
        linked = await replica.sessions.unlink(ANA)
        adopted = await replica.sessions.adopt(ANA, world.pair(), epoch=epoch)
        await replica.work_off()

        assert not linked
        assert adopted is None
        assert [row.revoked for row in world.ct.practice.tokens.rows] == [True]


async def test_l8_an_unlinked_person_can_link_again(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        await replica.sessions.unlink(ANA)
        await world.link(replica)
        await replica.work_off()

        assert (await replica.me()).email == "ana@venues.example"


def _people(n: int) -> list[SlackUser]:
    return [SlackUser("T01ACME", f"U{i:03}") for i in range(n)]


async def _link_all(world: World, replica: Replica, people: list[SlackUser]) -> None:
    for who in people:
        await world.link(replica, who)


async def test_l8_uninstall_ends_every_link_of_a_team_and_no_other(redis_url: str) -> None:
    other = SlackUser("T02ORBIT", "U000")
    async with world_of(redis_url) as world:
        replica = world.replica()
        await _link_all(world, replica, [*_people(12), other])
        first = await replica.sessions.forget_installation("T01ACME", team_id="T01ACME")
        again = await replica.sessions.forget_installation("T01ACME", team_id=None)
        await replica.work_off()

        assert (first, again) == (12, 0)
        assert await _keys_left(replica, "T01ACME") == []
        assert [row.revoked for row in world.ct.practice.tokens.rows] == [True] * 12 + [False]
        assert (await replica.me(other)).email == "ana@venues.example"
        assert world.kinds_told() == []


async def test_l8_uninstall_goes_in_portions(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.departures._AT_ONCE", 2)
    async with world_of(redis_url) as world:
        replica = world.replica()
        await _link_all(world, replica, _people(5))

        assert await replica.sessions.forget_installation("T01ACME", team_id="T01ACME") == 5
        assert await replica.tokens.members("T01ACME") == []


async def test_l8_an_uninstall_ends_attempts_to_link_as_well(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        epoch = await replica.sessions.begin(ANA)
        gen = await replica.sessions.adopt(LEE, world.pair(), epoch=await replica.sessions.begin(LEE))
        assert gen is not None
        account = await replica.sessions.prove(LEE, gen)
        await replica.sessions.forget_installation("T01ACME", team_id="T01ACME")
        adopted = await replica.sessions.adopt(ANA, world.pair(), epoch=epoch)
        activated = await replica.sessions.activate(LEE, gen, account)
        await replica.work_off()

        assert adopted is None
        assert not activated.ok
        assert all(row.revoked for row in world.ct.practice.tokens.rows)


async def test_l8_one_team_of_an_organisation_leaves_the_others(redis_url: str) -> None:
    here, there = SlackUser("T1", "U1", "E1"), SlackUser("T2", "U1", "E1")
    async with world_of(redis_url) as world:
        replica = world.replica()
        await _link_all(world, replica, [here, there])
        count = await replica.sessions.forget_installation("E1", team_id="T1")

        assert count == 1
        assert await replica.tokens.members("E1") == [there]


@pytest.mark.parametrize("team_id", ["T01ACME", None])
async def test_l8_revoked_user_tokens_end_the_links_of_these_users(redis_url: str, team_id: str | None) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await _link_all(world, replica, [ANA, LEE])
        epoch = await replica.sessions.begin(ANA)
        count = await replica.sessions.forget_installation("T01ACME", team_id=team_id, user_ids=["U01ANA", "U99"])
        adopted = await replica.sessions.adopt(ANA, world.pair(), epoch=epoch)

        assert count == 1
        assert adopted is None
        assert await replica.tokens.members("T01ACME") == [LEE]


async def test_l8_a_link_made_after_a_reinstall_survives_a_late_event(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        moment = await replica.tokens.now()
        await world.link(replica)
        count = await replica.sessions.forget_installation("T01ACME", team_id="T01ACME", moment=moment)

        assert count == 0
        assert (await replica.me()).email == "ana@venues.example"


async def test_l8_an_uninstall_that_was_cut_off_is_carried_out_by_due_work(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        departure = Departure(tag="T01ACME", team_id="T01ACME", user_ids=None, moment=await replica.tokens.now())
        await replica.queue.add("forget", departure.id, msgspec.json.encode(departure), delay=0)
        await replica.work_off()

        assert await _keys_left(replica, "T01ACME") == []
        assert [row.revoked for row in world.ct.practice.tokens.rows] == [True]


async def test_l8_nothing_is_unlinked_while_the_store_is_away(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        await replica.refuse_writes()
        with pytest.raises(StoreDownError):
            await replica.sessions.unlink(ANA)
        await replica.accept_writes()

        assert (await replica.me()).email == "ana@venues.example"


async def test_l8_a_revocation_that_fails_is_tried_five_times_and_then_said_once(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        await replica.sessions.unlink(ANA)
        world.fault("status", status=503, prefix="/oauth/revoke", times=None)
        pauses = []
        for _ in range(5):
            (item,) = await replica.queue.claim(limit=5, visibility=30)
            pauses.append(await replica.sessions.handlers["revoke"](item))
            await replica.queue.later(item, delay=0)
        await replica.settle()

        assert pauses == [5.0, 30.0, 120.0, 600.0, None]
        assert world.told.messages == [("revoke_failed", ANA)]
        assert await _keys_left(replica, ANA.tag) == []


async def test_l8_a_revocation_that_failed_once_succeeds_later(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        await replica.sessions.unlink(ANA)
        world.fault("drop", prefix="/oauth/revoke")
        await replica.work_off()
        await replica.queue.add("revoke", ANA.key, msgspec.json.encode(ANA), delay=0)
        await replica.work_off()

        assert [row.revoked for row in world.ct.practice.tokens.rows] == [True]
        assert world.kinds_told() == []


async def test_l8_a_ct_without_a_revoke_endpoint_is_said_once_after_an_unlink(redis_url: str) -> None:
    async with world_of(redis_url, revoke="absent") as world:
        replica = world.replica()
        await world.link(replica)
        await replica.sessions.unlink(ANA)
        await replica.work_off()
        await replica.settle()

        assert world.told.messages == [("revoke_failed", ANA)]


async def test_l8_a_relink_to_the_same_account_does_not_ask_to_remove_the_app(redis_url: str) -> None:
    """Removing it at CT would end the new link as well."""
    async with world_of(redis_url, revoke="absent") as world:
        replica = world.replica()
        await world.link(replica)
        await world.link(replica)
        await replica.work_off()
        await replica.settle()

        assert world.kinds_told() == []


async def test_l8_a_pair_whose_data_key_is_gone_is_said_instead_of_revoked(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica, other = world.replica(), world.replica(keys=[DataKey("k2", bytes(32))])
        await world.link(replica)
        await replica.sessions.unlink(ANA)
        await other.work_off()
        await other.settle()

        assert world.count("/oauth/revoke") == 0
        assert world.kinds_told() == ["revoke_failed"]


async def test_l8_an_unreadable_link_is_not_put_at_risk_by_a_revocation(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        new = DataKey("k2", bytes(32))
        old, both = world.replica(), world.replica(keys=[new, KEY])
        await world.link(old)
        await world.link(both)
        await old.work_off()

        assert world.count("/oauth/revoke") == 0


async def test_l8_a_pair_renewed_too_late_waits_for_its_revocation(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        gen = await world.link(replica)
        await replica.sessions.unlink(ANA)
        saved = await replica.tokens.save(ANA, gen, b"sealed", token="t", refresh_in=60)
        pending = await replica.tokens.gone.pending(ANA)

        assert saved is None
        assert [(gone.sealed == b"sealed", gone.loud) for gone in pending] == [(False, True), (True, False)]
