"""Redis away (row D3, small): an honest answer within three seconds, no change to the world, recovery by itself."""

import asyncio
import signal

import httpx
from redis.asyncio import Redis

from bot.settings import Policy
from bot.slack.views.reboot import CONFIRM
from tests.slack.forged import click, deliver_to
from tests.slack.test_rebooting import ASK, YES, question_id
from tests.stage import LOBBY, PACE, Stage, staged
from tests.valkey import ValkeyProcess

HONEST = "My own store does not answer."


async def test_a_frozen_store_is_said_within_the_ack_and_recovers(stage: Stage, valkey: ValkeyProcess) -> None:
    ana = await stage.link()
    valkey.signal(signal.SIGSTOP)
    try:
        frozen = await ana.type("/ct status")
        delivery = (await stage.workspace.deliveries("command"))[-1]
    finally:
        valkey.signal(signal.SIGCONT)
    recovered = await ana.type("/ct status", timeout=10, until="412 boxes")

    assert HONEST in frozen.text
    assert delivery["ack_ms"] < 3000
    assert "412 boxes" in recovered.text


async def test_a_confirmation_while_the_store_is_away_sends_nothing(stage: Stage, valkey: ValkeyProcess) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    op_id = await question_id(stage)
    valkey.signal(signal.SIGSTOP)
    try:
        await deliver_to(stage, click("ana", CONFIRM, op_id))
        told = await ana.sees(HONEST, timeout=8)
    finally:
        valkey.signal(signal.SIGCONT)

    assert "I send nothing to CT while it is away." in told.text
    assert await stage.reboots() == {}


async def test_a_restarted_store_has_kept_the_link_and_the_question(stage: Stage, valkey: ValkeyProcess) -> None:
    ana = await stage.link()
    await ana.type(ASK)
    valkey.signal(signal.SIGKILL)
    async with httpx.AsyncClient(trust_env=False) as http:
        away = await http.get(f"{stage.bots[0]}/readyz")
    valkey.start()

    await ana.click(YES, until="is rebooting")

    assert away.status_code == 503
    assert away.json()["not_ready"] == ["redis"]
    await ana.sees("is back", timeout=15)
    assert await stage.reboots() == {LOBBY: 1}


async def test_a_store_lost_after_the_call_never_repeats_it(stage: Stage, valkey: ValkeyProcess) -> None:
    ana = await stage.link()
    await stage.turn(reboot="late", late_seconds=1.5, reboot_seconds=3)
    await ana.type(ASK)
    await ana.click(YES, wait=False)
    await reached(stage)
    valkey.signal(signal.SIGKILL)
    try:
        await ana.sees("Sent", timeout=8)
    finally:
        valkey.start()

    await ana.sees("is back", timeout=20)

    assert await stage.reboots() == {LOBBY: 1}


async def reached(stage: Stage) -> None:
    """Wait until the reboot call is under way at CT."""
    for _ in range(400):
        if (await stage.redis.hget(f"ct:op:{{{await question_id(stage)}}}", "state")) == b"sending":
            break
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.3)


async def test_a_bot_that_starts_without_its_store_says_so_and_recovers(
    redis: Redis, redis_url: str, valkey: ValkeyProcess
) -> None:
    valkey.signal(signal.SIGKILL)
    try:
        async with staged(redis, redis_url) as stage:
            unready = await stage.control.get(f"{stage.bots[0]}/readyz")
            alive = await stage.control.get(f"{stage.bots[0]}/healthz")
            told = await stage.person("ana").type("/ct status")
            valkey.start()
            ana = await stage.link()
            seen = await ana.type("/ct status")
    finally:
        valkey.start()

    assert unready.status_code == 503
    assert alive.status_code == 200
    assert HONEST in told.text
    assert "412 boxes" in seen.text


async def test_d5_without_enough_copies_nothing_is_sent_and_the_asker_is_told(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, policy=Policy(pace=PACE, redis_copies=1)) as stage:
        ana = await stage.link()
        await ana.type("/ct reboot lobby ap-3")
        answer = await ana.click("Reboot Lobby AP-3", until="Too few copies of my store answer")
        again = await ana.type("/ct reboot lobby ap-3")
        reboots = await stage.reboots()

    assert "not touched" in answer.text
    assert "Reboot Lobby AP-3 at Café Nord?" in again.text
    assert reboots == {}
