"""Redis as it says it is, and as it does: fine, wrong and forbidden, on a real Valkey."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import BusyLoadingError

from bot.doctor import store
from bot.doctor.durability import durability
from bot.doctor.findings import Finding
from bot.errors import StoreDownError
from bot.stores.probe import Configuration, Exercise, Probe
from bot.stores.redis import connect
from tests.doctor.answering import brief, only
from tests.valkey import ValkeyProcess

LIMITED = "limited-canary"


@pytest.fixture
def probe(redis: Redis) -> Probe:
    return Probe(redis)


async def told_to(redis: Any, *command: str) -> None:
    """A command of an administrator."""
    await redis.execute_command(*command)


async def looked(probe: Probe) -> list[Finding]:
    config = await probe.configuration()
    return [*store.described(config), *durability(config), *store.tried(await probe.exercise())]


async def test_a_redis_as_the_readme_asks_for_it_is_fine_in_every_line(probe: Probe) -> None:
    found = await looked(probe)

    assert set(brief(found).values()) == {"fine"}
    assert len(found) == 11
    assert only(found, "Server").seen.startswith("Valkey ")


async def test_nothing_is_left_of_the_probe_but_a_key_that_dies(probe: Probe, redis: Redis) -> None:
    await probe.exercise()
    keys: list[Any] = await redis.keys("*")
    [key] = keys

    assert key.startswith(b"ct:doctor:{")
    assert 0 < await redis.pttl(key) <= 10_000


@pytest.mark.parametrize(
    ("setting", "value", "name", "verdict", "said"),
    [
        ("appendonly", "no", "Append-only file", "wrong", "a restart of Redis forgets links"),
        ("appendfsync", "everysec", "appendfsync", "warning", "the last second is lost"),
        ("appendfsync", "no", "appendfsync", "wrong", "half minute"),
        ("maxmemory-policy", "allkeys-lru", "Eviction", "wrong", "allkeys-lru: when memory runs short, it drops links"),
        ("maxmemory-policy", "volatile-ttl", "Eviction", "warning", "nothing is dropped today"),
    ],
)
async def test_each_wrong_setting_of_redis_is_named_with_its_cure(
    probe: Probe, redis: Redis, setting: str, value: str, name: str, verdict: str, said: str
) -> None:
    await redis.config_set(setting, value)

    found = only(await looked(probe), name)

    assert found.verdict == verdict
    assert said in found.seen
    assert setting in found.todo


async def test_volatile_is_wrong_as_soon_as_there_is_a_limit(probe: Probe, redis: Redis) -> None:
    await redis.config_set("maxmemory-policy", "volatile-lru")
    await redis.config_set("maxmemory", "100mb")

    found = only(await looked(probe), "Eviction")

    assert found.verdict == "wrong"
    assert "running reboots and the marks of an unlink" in found.seen


async def test_a_full_redis_is_wrong_twice(probe: Probe, redis: Redis) -> None:
    await redis.config_set("maxmemory", "1")

    found = await looked(probe)

    assert brief(found)["Memory"] == "wrong"
    assert only(found, "Writes").seen == "it is full, so it refuses every write"


async def test_a_replica_is_wrong_and_says_where_to_point(probe: Probe, redis: Redis) -> None:
    await told_to(redis, "REPLICAOF", "127.0.0.1", "1")

    found = await looked(probe)

    assert brief(found)["Role"] == "wrong"
    assert "a replica, which refuses" in only(found, "Writes").seen
    assert "Point REDIS_URL at the primary" in only(found, "Writes").todo


async def test_too_few_replicas_are_named(probe: Probe, redis: Redis) -> None:
    await redis.config_set("min-replicas-to-write", "1")

    assert "too few of its replicas" in only(await looked(probe), "Writes").seen


@pytest.fixture
async def limited(redis: Redis, valkey: ValkeyProcess) -> AsyncIterator[Probe]:
    """Somebody who may do only what the bot needs, and may not ask about the server: a managed Redis."""
    rules = ("on", f">{LIMITED}", "~ct:*", "+@read", "+@write", "+@scripting", "+@connection", "+time", "+select")
    await told_to(redis, "ACL", "SETUSER", "limited", "reset", *rules)
    client = connect(f"unix://limited:{LIMITED}@{valkey.url.removeprefix('unix://')}")
    yield Probe(client)
    await client.aclose()


async def test_what_a_managed_redis_forbids_is_unknown_and_nothing_is_wrong(limited: Probe) -> None:
    verdicts = brief(await looked(limited))

    assert {name for name, verdict in verdicts.items() if verdict == "unknown"} == {
        *("Version", "Role", "Memory", "Append-only file", "appendfsync", "Eviction"),
    }
    assert {name for name, verdict in verdicts.items() if verdict == "fine"} == {
        *("Server", "Writes", "Scripts", "Latency", "Clock"),
    }


async def test_a_user_who_may_neither_write_nor_run_scripts_is_told_so(limited: Probe, redis: Redis) -> None:
    await told_to(redis, "ACL", "SETUSER", "limited", "-@write", "-@scripting")

    found = await looked(limited)

    assert only(found, "Writes").seen == "the user of REDIS_URL may not write"
    assert "it refuses Lua (NOPERM)" in only(found, "Scripts").seen
    assert brief(found)["Clock"] == "unknown"


async def test_a_wrong_password_is_said_to_be_that_and_not_shown(redis: Redis, valkey: ValkeyProcess) -> None:
    await told_to(redis, "ACL", "SETUSER", "limited", "reset", "on", ">right", "+@all", "~*")
    client = connect(f"unix://limited:canary@{valkey.url.removeprefix('unix://')}")
    with pytest.raises(StoreDownError) as down:
        await Probe(client).configuration()
    await client.aclose()

    found = store.away(down.value)

    assert found.seen == "refuses the user or the password of REDIS_URL"
    assert "canary" not in repr(found)


async def test_a_missing_password_is_said_to_be_that(redis: Redis, valkey: ValkeyProcess) -> None:
    await told_to(redis, "ACL", "SETUSER", "default", "resetpass", ">secret")
    client = connect(valkey.url)
    try:
        with pytest.raises(StoreDownError) as down:
            await Probe(client).configuration()
    finally:
        await told_to(redis, "ACL", "SETUSER", "default", "nopass")
        await client.aclose()

    assert store.away(down.value).seen == "refuses the user or the password of REDIS_URL"


async def test_a_database_that_is_not_there_is_named(valkey: ValkeyProcess) -> None:
    client = connect(f"{valkey.url}?db=99")
    with pytest.raises(StoreDownError) as down:
        await Probe(client).configuration()
    await client.aclose()

    assert store.away(down.value).seen == "refuses us: DB index is out of range"


async def test_a_redis_that_is_still_loading_asks_for_patience() -> None:
    down = StoreDownError("away")
    down.__cause__ = BusyLoadingError("Redis is loading the dataset in memory")

    assert store.away(down).seen == "is still loading its data"


async def test_a_redis_that_is_not_there_says_why() -> None:
    client = connect("redis://127.0.0.1:1/0")
    with pytest.raises(StoreDownError) as down:
        await Probe(client).configuration()
    await client.aclose()

    assert store.away(down.value).seen == "does not answer: the connection was refused"


# --- what the tests' Valkey cannot be brought to ------------------------------------------------

GOOD = {
    "redis_version": "7.2.4",
    "role": "master",
    "aof_enabled": 1,
    "aof_last_write_status": "ok",
    "maxmemory": 0,
    "used_memory": 1_000_000,
    "maxmemory_policy": "noeviction",
}


def told(**changes: object) -> list[Finding]:
    config = Configuration({**GOOD, **changes}, "always")
    return [*store.described(config), *durability(config)]


@pytest.mark.parametrize("version", ["6.0.16", "5.0.3", "2.8.22"])
def test_an_old_redis_is_wrong(version: str) -> None:
    assert only(told(redis_version=version), "Version").seen == f"Redis {version} is too old"


@pytest.mark.parametrize("version", ["6.2.0", "7.0.1", "10.0.0"])
def test_a_newer_redis_is_fine(version: str) -> None:
    assert only(told(redis_version=version), "Version").verdict == "fine"


@pytest.mark.parametrize(
    ("changes", "name", "verdict"),
    [
        ({"aof_last_write_status": "err"}, "Append-only file", "wrong"),
        ({"evicted_keys": 12}, "Eviction", "warning"),
        ({"cluster_enabled": 1}, "Role", "wrong"),
        ({"connected_slaves": 2}, "Role", "fine"),
        ({"maxmemory": 1_200_000}, "Memory", "warning"),
        ({"maxmemory": 1_010_000}, "Memory", "wrong"),
        ({"maxmemory": 9_000_000}, "Memory", "fine"),
    ],
)
def test_what_info_says_is_judged(changes: dict[str, object], name: str, verdict: str) -> None:
    assert brief(told(**changes))[name] == verdict


def test_a_disk_that_is_full_is_named() -> None:
    found = store.tried(Exercise((0.001,), write_refused="MISCONF"))

    assert "cannot write to its disk" in only(found, "Writes").seen
    assert "Until then the bot sends nothing to CT" in only(found, "Writes").todo


def test_a_refusal_that_nobody_foresaw_keeps_redis_word() -> None:
    assert "(BUSY)" in only(store.tried(Exercise((0.001,), write_refused="BUSY")), "Writes").seen


def test_a_slow_redis_and_one_whose_clock_is_off_are_warned_of() -> None:
    good = Exercise((0.001, 0.001, 0.001), write=0.002, ahead=0.1)
    slow = [replace(good, pings=(0.05,) * 3), replace(good, write=0.3), replace(good, ahead=-90.0)]

    assert set(brief(store.tried(good)).values()) == {"fine"}
    assert [brief(store.tried(one)) for one in slow] == [
        {"Writes": "fine", "Scripts": "fine", "Latency": "warning", "Clock": "fine"},
        {"Writes": "fine", "Scripts": "fine", "Latency": "warning", "Clock": "fine"},
        {"Writes": "fine", "Scripts": "fine", "Latency": "fine", "Clock": "warning"},
    ]
    assert "90 s behind ours" in only(store.tried(slow[2]), "Clock").seen


@pytest.mark.parametrize(
    ("url", "verdict", "said"),
    [
        ("unix:///run/valkey.sock", "fine", "a socket"),
        ("redis://127.0.0.1:6379/0", "fine", "on this machine"),
        ("rediss://:canary@r.example:6380/1", "fine", "both"),
        ("redis://:canary@r.example/0", "warning", "no TLS on the way"),
        ("rediss://r.example/0", "warning", "no password on the way"),
        ("redis://store:6379/0", "warning", "no password and no TLS on the way"),
    ],
)
def test_how_redis_is_protected_is_read_from_its_address(url: str, verdict: str, said: str) -> None:
    found = store.access(url)

    assert (found.verdict, said in found.seen) == (verdict, True)
    assert "canary" not in repr(found)
