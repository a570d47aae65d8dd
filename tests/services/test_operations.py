"""Operations as records: who was first stays first."""

from collections.abc import Awaitable
from typing import Any, cast

import msgspec
import pytest
from redis.asyncio import Redis

from bot.identity import SlackUser
from bot.services.operation import UNWRITTEN, Ending, Operation, State
from bot.services.operations import Operations
from bot.stores.audit import Audit
from bot.stores.operations import OperationStore
from tests.services.test_follow_up_looks import reboot


@pytest.fixture
def operations(redis: Redis) -> Operations:
    return Operations(store=OperationStore(redis), audit=Audit(redis), ended=lambda _kind, _ending: None)


async def kept(operations: Operations, **changes: Any) -> Operation:
    """A question that was answered with yes."""
    asked = reboot(state=State.PROPOSED, card_channel=None, card_ts=None, **changes)
    await operations.create(asked, life=120)
    _, settled = await operations.settle(asked.who, asked.id, State.CONFIRMED)
    return cast("Operation", await operations.save(settled or asked, state=State.WATCHING))


async def test_a_record_is_read_back_as_it_was_written(operations: Operations) -> None:
    op = await kept(operations, reason="guests", messages=("a", "b"))

    assert await operations.load(op.id) == op
    assert msgspec.structs.asdict(op)["state"] == "watching"
    assert await operations.load("another") is None


async def test_whoever_read_an_older_version_changes_nothing(operations: Operations) -> None:
    op = await kept(operations)

    first = await operations.save(op, polls=1)
    second = await operations.save(op, polls=7)

    assert first is not None
    assert second is None
    assert (await operations.load(op.id)) == first


async def test_a_record_and_its_row_in_the_audit_stand_together_or_not_at_all(
    operations: Operations, redis: Redis
) -> None:
    op = await kept(operations, reason="guests")

    noted = await operations.note("reboot_unknown", op, {"polls": 1}, error="cut off")
    late = await operations.note("reboot_not_sent", op, {"polls": 7})

    assert noted is not None
    assert late is None
    assert await operations.load(op.id) == noted
    (row,) = await Audit(redis).tail(9)
    assert (row["event"], row["operation"], row["error"]) == ("reboot_unknown", op.id, "cut off")
    assert (row["user"], row["box"], row["reason"]) == (op.who.key, "ap-3", "guests")


async def test_the_place_of_a_card_is_kept_though_the_record_changed_meanwhile(operations: Operations) -> None:
    op = await kept(operations)
    await operations.save(op, polls=3)

    placed = await operations.place(op, op.but(card_channel="C1", card_ts="1.1"))

    assert (placed.card_ts, placed.polls) == ("1.1", 3)
    assert await operations.load(op.id) == placed


async def test_placing_a_card_neither_writes_nor_forgets_an_outcome_that_the_store_did_not_take(
    operations: Operations,
) -> None:
    op = await kept(operations)
    sending = cast("Operation", await operations.save(op, state=State.SENDING))
    known = sending.but(state=State.ENDED, ending=Ending.REFUSED, version=UNWRITTEN)

    placed = await operations.place(known, known.but(card_channel="C1", card_ts="1.1"))

    stored = await operations.load(op.id)
    assert stored is not None
    assert (placed.ending, placed.card_ts, placed.written) == (Ending.REFUSED, "1.1", False)
    assert (stored.state, stored.ending, stored.card_ts) == (State.SENDING, None, "1.1")
    assert not await operations.stands(placed)


async def test_the_first_place_of_a_card_wins(operations: Operations) -> None:
    op = await kept(operations)
    await operations.place(op, op.but(card_channel="C1", card_ts="1.1"))

    second = await operations.place(op, op.but(card_channel="C2", card_ts="2.2"))

    assert second.card_ts == "1.1"


async def test_a_card_that_did_not_move_is_not_written_again(operations: Operations) -> None:
    op = await kept(operations)

    assert await operations.place(op, op) is op
    assert await operations.load(op.id) == op


async def test_a_record_that_is_gone_is_not_made_anew_by_its_card(operations: Operations) -> None:
    gone = reboot(card_channel=None, card_ts=None)

    placed = await operations.place(gone, gone.but(card_channel="C1", card_ts="1.1"))

    assert placed.card_ts == "1.1"
    assert await operations.load(gone.id) is None


async def test_a_record_that_is_there_is_not_asked_anew(operations: Operations) -> None:
    op = await kept(operations)

    await operations.create(op.but(state=State.PROPOSED, version=1), life=120)

    assert await operations.load(op.id) == op


async def test_only_another_person_is_a_second_one_and_only_while_one_is_waited_for(operations: Operations) -> None:
    asked, lee = reboot(state=State.PROPOSED), SlackUser("T01ACME", "U02LEE")
    await operations.create(asked, life=120)

    async def approve(who: SlackUser) -> str:
        approval = operations.settle(who, asked.id, State.CONFIRMED, as_who="second", since=State.AWAITING)
        return (await approval)[0]

    too_early = await approve(lee)
    await operations.settle(asked.who, asked.id, State.AWAITING, life=900)
    outcomes = [await approve(who) for who in (asked.who, lee, lee)]

    assert too_early == "settled"
    assert outcomes == ["own", "ok", "settled"]


async def test_waiting_for_a_second_person_has_a_life_of_its_own(operations: Operations, redis: Redis) -> None:
    asked, lee = reboot(state=State.PROPOSED), SlackUser("T01ACME", "U02LEE")
    await operations.create(asked, life=120)
    key = f"ct:op:{{{asked.id}}}"
    until = int(await cast("Awaitable[Any]", redis.hget(key, "expires")))
    await operations.settle(asked.who, asked.id, State.AWAITING, life=900)
    later = int(await cast("Awaitable[Any]", redis.hget(key, "expires")))
    await redis.hset(key, "expires", "1")

    outcome, _ = await operations.settle(lee, asked.id, State.CONFIRMED, as_who="second", since=State.AWAITING)

    assert 770 <= later - until <= 790
    assert outcome == "expired"


async def test_anybody_may_call_off_what_waits_for_a_second_person(operations: Operations) -> None:
    asked, gus = reboot(state=State.PROPOSED), SlackUser("T01ACME", "U04GUS")
    await operations.create(asked, life=120)

    early, _ = await operations.settle(gus, asked.id, State.ENDED, as_who="anybody", since=State.AWAITING)
    await operations.settle(asked.who, asked.id, State.AWAITING, life=900)
    late, _ = await operations.settle(gus, asked.id, State.ENDED, as_who="anybody", since=State.AWAITING)

    assert (early, late) == ("settled", "ok")
