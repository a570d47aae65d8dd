"""Every key has a time to live, or a sentence that says why not; one installation is one hash slot."""

from redis.asyncio import Redis
from redis.crc import key_slot

from bot.identity import SlackUser
from bot.stores.link_keys import held_of, keys_of, newest_of
from tests.services.replicas import ANA, world_of

FOR_EVER = (b"ct:tok:", b"ct:linked:", b"ct:due:", b"ct:audit")


async def test_only_links_and_due_work_and_the_audit_live_for_ever(redis: Redis, redis_url: str) -> None:
    async with world_of(redis_url) as world:
        replica = world.replica()
        await world.link(replica, due=True)
        await replica.me()
        gen = await world.link(replica)
        await replica.sessions.adopt(ANA, world.pair(), epoch=await replica.sessions.begin(ANA))
        await replica.sessions.unlink(SlackUser(ANA.team_id, "U9"))
        await replica.sessions.forget_installation("T9", team_id="T9")
        await replica.tokens.enter(ANA, gen, token="t", seconds=5)
        await replica.tokens.permit(ANA, token="t", seconds=5, per_minute=3)
        keys = [key for key in await redis.keys("*") if isinstance(key, bytes)]
        mortal = [key for key in keys if not key.startswith(FOR_EVER)]

        assert len(mortal) >= 7
        assert [key for key in mortal if await redis.ttl(key) < 0] == []
        assert [key for key in keys if key not in mortal and await redis.ttl(key) != -1] == []


def test_the_keys_of_one_installation_share_a_slot() -> None:
    people = [SlackUser("T1", "U1", "E1"), SlackUser("T2", "U1", "E1"), SlackUser("T2", "U2", "E1")]

    keys = [key for who in people for key in (*keys_of(who), held_of(who), newest_of(who))]

    assert len({key_slot(key.encode()) for key in keys}) == 1


def test_the_same_user_id_in_two_teams_is_two_people() -> None:
    shared = {key for key in keys_of(SlackUser("T1", "U1")) if key in keys_of(SlackUser("T2", "U1"))}
    organisation = set(keys_of(SlackUser("T1", "U1", "E1"))) & set(keys_of(SlackUser("T2", "U1", "E1")))

    assert shared == set()
    assert organisation == {"ct:mark:{E1}", "ct:linked:{E1}"}
