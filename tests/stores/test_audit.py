"""The audit keeps flat rows, in order, without secrets."""

import pytest
from redis.asyncio import Redis

from bot.errors import StoreDownError
from bot.stores.audit import Audit


async def test_the_tail_is_the_newest_rows_oldest_first(redis: Redis) -> None:
    audit = Audit(redis)
    for n in range(5):
        await audit.record("reboot_intended", who="T1:T1:U1", n=n, reason=None)
    rows = await audit.tail(2)

    assert [(row["event"], row["who"], row["n"]) for row in rows] == [
        ("reboot_intended", "T1:T1:U1", "3"),
        ("reboot_intended", "T1:T1:U1", "4"),
    ]
    assert "reason" not in rows[0]
    assert int(rows[0]["at"]) > 1_600_000_000_000


async def test_an_empty_audit_has_no_tail(redis: Redis) -> None:
    assert await Audit(redis).tail(3) == []


async def test_what_looks_like_a_secret_is_blanked_in_the_row_and_in_the_log(
    redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    await Audit(redis).record("odd", reason="my token is xoxb-1234-planted")
    (row,) = await Audit(redis).tail(1)

    assert row["reason"] == "my token is ***"
    assert "planted" not in capsys.readouterr().out


async def test_o2_a_row_that_cannot_be_written_is_an_error(redis: Redis) -> None:
    await redis.replicaof("127.0.0.1", "1")
    with pytest.raises(StoreDownError):
        await Audit(redis).record("reboot_intended")
    await redis.replicaof("NO", "ONE")
