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


async def test_what_happened_to_one_box_is_found_newest_first_and_only_of_the_own_workspace(redis: Redis) -> None:
    audit = Audit(redis)
    for n, (user, box) in enumerate([("T1:T1:U1", "a"), ("T2:T2:U1", "a"), ("T1:T1:U2", "b"), ("T1:T1:U3", "a")]):
        await audit.record("reboot_intent", user=user, box=box, n=n)
    await audit.record("link_ended", who="T1:T1:U1")
    found = await audit.about({"a"}, tag="T1")
    both = await audit.about({"a", "b"}, tag="T1")

    assert [row["n"] for row in found.rows] == ["3", "0"]
    assert found.until is None
    assert [row["n"] for row in both.rows] == ["3", "2", "0"]


async def test_a_search_of_the_audit_ends_and_says_how_far_it_looked(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.stores.audit._AT_ONCE", 3)
    monkeypatch.setattr("bot.stores.audit._MOST_LOOKED_AT", 6)
    audit = Audit(redis)
    for n in range(12):
        await audit.record("reboot_intent", user="T1:T1:U1", box="a" if n in {0, 7, 11} else "b", n=n)
    found = await audit.about({"a"}, tag="T1")
    few = await audit.about({"b"}, tag="T1", most=2)

    assert [row["n"] for row in found.rows] == ["11", "7"]
    assert found.until is not None
    assert [row["n"] for row in few.rows] == ["10", "9"]
    assert few.until == int(few.rows[-1]["at"])
