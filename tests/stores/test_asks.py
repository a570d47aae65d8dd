"""Half-typed commands: for whoever was asked alone, and sealed where they rest."""

from redis.asyncio import Redis

from bot.crypto import DataKey, Keyring
from bot.stores.asks import Ask, Asks

KEYS = Keyring([DataKey("test", bytes(range(32)))])


async def test_a_command_is_kept_for_whoever_was_asked_and_may_be_picked_from_again(redis: Redis) -> None:
    asks = Asks(redis, KEYS)

    ask_id = await asks.keep("T1:U1", "code k7m2p9 in {}\nas it was typed", scope="harbour")

    for _ in range(2):
        assert await asks.find(ask_id, "T1:U1") == Ask("code k7m2p9 in {}\nas it was typed", "harbour")
    assert await asks.find(ask_id, "T1:U2") is None
    assert await asks.find("never", "T1:U1") is None
    assert 0 < await redis.ttl(f"ct:ask:{{{ask_id}}}") <= 1800


async def test_u2_what_was_typed_does_not_rest_in_the_clear(redis: Redis) -> None:
    ask_id = await Asks(redis, KEYS).keep("T1:U1", "code k7m2p9 in {}", scope="harbour")

    at_rest = await redis.get(f"ct:ask:{{{ask_id}}}")

    assert at_rest is not None
    assert b"k7m2p9" not in at_rest
    assert b"harbour" not in at_rest


async def test_what_another_key_sealed_is_a_question_that_expired(redis: Redis) -> None:
    ask_id = await Asks(redis, KEYS).keep("T1:U1", "status")

    assert await Asks(redis, Keyring([DataKey("new", bytes(32))])).find(ask_id, "T1:U1") is None
