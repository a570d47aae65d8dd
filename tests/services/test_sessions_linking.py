"""A link from its beginning to the moment when commands may use it, and what happens to the link before it."""

import msgspec
import pytest

from bot.crypto import DataKey
from bot.ct import CTAuthError, CTUser, Me
from bot.errors import LinkExpiredError, NotAllowedError, NotLinkedError
from bot.services.notices import Account
from bot.services.sessions import ActivateResult
from bot.stores.link_keys import keys_of
from tests.services.replicas import ANA, KEY, LEE, World, world_of

OLEG = "oleg@cafes.example"


async def test_a_linked_person_acts_as_their_own_ct_account(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        await world.link(replica, LEE, pair=world.pair("lee@venues.example"))

        assert (await replica.me(ANA)).email == "ana@venues.example"
        assert (await replica.me(LEE)).email == "lee@venues.example"


async def test_nobody_acts_without_a_link(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        with pytest.raises(NotLinkedError) as refused:
            await replica.me()

        assert not refused.value.ended
        assert await replica.sessions.account(ANA) is None


async def test_the_account_says_who_and_how_many_locations(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        account = await replica.sessions.account(ANA)

        assert account == Account(ct_user="ana-5f0c", label="ana@venues.example", account_id="A253444", locations=2)
        assert len(account.fingerprint) == 16


async def test_what_was_asked_of_one_account_is_not_done_with_another_that_is_linked_meanwhile(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        account = await replica.sessions.account(ANA)
        assert account is not None
        seen: list[Me] = []

        async def overtaken(ct: CTUser) -> None:
            await world.link(replica, pair=world.pair("kim@venues.example"))
            await replica.work_off()  # the pair before it is revoked
            seen.append(await ct.me())

        for work in (overtaken, CTUser.me):
            with pytest.raises(NotAllowedError, match="another CT account"):
                await replica.sessions.call(ANA, work, account=account.fingerprint)

        assert seen == []
        assert world.count("/api/", user="kim@venues.example") == 1  # its proof


async def test_a_pair_that_nobody_proves_outlasts_an_hour_without_any_replica(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        epoch = await replica.sessions.begin(ANA)
        await replica.sessions.adopt(ANA, world.pair(), epoch=epoch)
        new, gone = keys_of(ANA)[1:3]
        left = await replica.redis.ttl(new)
        await replica.sessions.unlink(ANA)

        assert left >= await replica.redis.ttl(gone) > 3600


async def test_a_new_pair_is_of_no_use_before_it_is_proved(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        epoch = await replica.sessions.begin(ANA)
        await replica.sessions.adopt(ANA, world.pair(), epoch=epoch)
        with pytest.raises(NotLinkedError):
            await replica.me()

        assert await replica.sessions.account(ANA) is None


async def test_a_dead_pair_cannot_be_proved(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        gen = await replica.sessions.adopt(ANA, world.pair(), epoch=await replica.sessions.begin(ANA))
        world.ct.practice.tokens.revoke_all()
        assert gen is not None
        with pytest.raises(CTAuthError):
            await replica.sessions.prove(ANA, gen)


async def _failed_relink(world: World) -> None:
    replica = world.replica()
    await world.link(replica)
    gen = await replica.sessions.adopt(ANA, world.pair(OLEG), epoch=await replica.sessions.begin(ANA))
    assert gen is not None
    await replica.sessions.abandon(ANA, gen)
    await replica.work_off()


async def test_a_failed_relink_leaves_the_old_link_as_it_was(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        await _failed_relink(world)
        (old, new) = world.ct.practice.tokens.rows

        assert (await world.replicas[0].me()).email == "ana@venues.example"
        assert new.revoked
        assert not old.revoked


async def test_the_old_link_works_until_the_new_one_is_active(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        gen = await replica.sessions.adopt(ANA, world.pair(OLEG), epoch=await replica.sessions.begin(ANA))
        assert gen is not None
        before = await replica.me()
        account = await replica.sessions.prove(ANA, gen)
        between = await replica.me()
        await replica.sessions.activate(ANA, gen, account)
        after = await replica.me()

        assert [me.email for me in (before, between, after)] == ["ana@venues.example"] * 2 + [OLEG]


@pytest.mark.parametrize(("email", "switched"), [("ana@venues.example", False), (OLEG, True)])
async def test_a_relink_revokes_the_old_pair_and_not_the_new_one(redis_url: str, email: str, switched: bool) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        gen = await replica.sessions.adopt(ANA, world.pair(email), epoch=await replica.sessions.begin(ANA))
        assert gen is not None
        account = await replica.sessions.prove(ANA, gen)
        result = await replica.sessions.activate(ANA, gen, account)
        await replica.work_off()
        (old, new) = world.ct.practice.tokens.rows

        assert result == ActivateResult(ok=True, switched=switched)
        assert (old.revoked, new.revoked) == (True, False)
        assert (await replica.me()).email == email


async def test_a_pair_that_ct_hands_out_again_is_not_revoked(redis_url: str) -> None:
    """Some Doorkeepers answer a second exchange with the live token of the first."""
    async with world_of(redis_url) as world:
        replica = world.replica()
        pair = world.pair()
        await world.link(replica, pair=pair)
        await world.link(replica, pair=pair)
        await replica.work_off()

        assert world.count("/oauth/revoke") == 0
        assert (await replica.me()).email == "ana@venues.example"


async def test_a_second_attempt_replaces_the_first_and_revokes_its_pair(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        epoch = await replica.sessions.begin(ANA)
        first = await replica.sessions.adopt(ANA, world.pair(), epoch=epoch)
        second = await replica.sessions.adopt(ANA, world.pair(), epoch=epoch)
        assert first is not None
        assert second is not None
        with pytest.raises(LinkExpiredError):
            await replica.sessions.prove(ANA, first)
        await replica.sessions.abandon(ANA, first)
        await replica.queue.add("revoke", ANA.key, msgspec.json.encode(ANA), delay=0)
        refused = await replica.sessions.activate(ANA, first, Account(ct_user="x", label="x"))
        await replica.sessions.prove(ANA, second)
        await replica.work_off()

        assert not refused.ok
        assert [row.revoked for row in world.ct.practice.tokens.rows] == [True, False]


async def test_an_attempt_that_was_cut_off_ends_by_itself(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await replica.sessions.adopt(ANA, world.pair(), epoch=await replica.sessions.begin(ANA))
        await replica.queue.add("unproved", ANA.key, msgspec.json.encode(ANA), delay=0)
        await replica.work_off()

        assert [row.revoked for row in world.ct.practice.tokens.rows] == [True]
        assert await replica.tokens.load_proving(ANA) is None
        assert await replica.tokens.members(ANA.tag) == []


async def test_an_attempt_that_was_proved_is_not_ended(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica)
        await replica.queue.add("unproved", ANA.key, msgspec.json.encode(ANA), delay=0)
        await replica.work_off()

        assert (await replica.me()).email == "ana@venues.example"


async def test_an_attempt_sealed_with_a_lost_key_cannot_be_proved(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica, other = world.replica(), world.replica(keys=[DataKey("k2", bytes(32))])
        gen = await replica.sessions.adopt(ANA, world.pair(), epoch=await replica.sessions.begin(ANA))
        assert gen is not None
        with pytest.raises(LinkExpiredError):
            await other.sessions.prove(ANA, gen)


async def test_locations_are_counted_where_me_does_not_say(redis_url: str) -> None:
    body = '{"slug": "ana-5f0c", "email": "ana@venues.example"}'
    async with world_of(redis_url) as world:
        replica = world.replica()
        gen = await replica.sessions.adopt(ANA, world.pair(), epoch=await replica.sessions.begin(ANA))
        assert gen is not None
        world.fault("garbage", body=body, prefix="/api/v1/me", times=2)
        counted = await replica.sessions.prove(ANA, gen)
        world.fault("status", status=403, prefix="/api/v1/locations")
        unknown = await replica.sessions.prove(ANA, gen)

        assert counted.locations is not None
        assert unknown.locations is None


async def test_a_link_survives_the_rotation_of_data_keys(redis_url: str) -> None:
    """D2: what an old key sealed is sealed anew when it is read, and then the old key may go."""
    new = DataKey("k2", bytes(32))
    async with world_of(redis_url) as world:
        old_only, both, new_only = world.replica(), world.replica(keys=[new, KEY]), world.replica(keys=[new])
        await world.link(old_only)
        with pytest.raises(NotLinkedError) as unreadable:
            await new_only.me()
        await both.me()
        await new_only.me()

        assert unreadable.value.ended
        assert world.kinds_told() == []


async def test_a_store_that_takes_no_writes_does_not_stop_reading_with_an_old_key(redis_url: str) -> None:
    async with world_of(redis_url) as world:
        old, both = world.replica(), world.replica(keys=[DataKey("k2", bytes(32)), KEY])
        await world.link(old)
        await old.refuse_writes()
        me = await both.me()
        await old.accept_writes()

        assert me.email == "ana@venues.example"
