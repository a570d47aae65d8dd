"""Row S2: each delivery acts once, however often and wherever it arrives; and Socket Mode does the same as HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.slack.views.parts import SHARE
from tests.slack.forged import click, command, deliver_to
from tests.slack.test_rebooting import ASK, YES
from tests.stage import LOBBY, Stage, staged


async def test_s2_five_copies_over_two_replicas_act_once(pair: Stage) -> None:
    await pair.link()
    payloads = [click("ana", SHARE, "status") for _ in range(20)]

    copies = [deliver_to(pair, payload, replica=nth) for payload in payloads for nth in range(5)]
    answers = await asyncio.gather(*copies)
    posts = await settled(pair, 20)

    assert {answer.status_code for answer in answers} == {200}
    assert posts == 20


async def settled(stage: Stage, expected: int) -> int:
    """How many answers were made; without a response_url each comes as a direct message."""
    posts = 0
    for _ in range(500):  # half a minute, for a busy machine
        posts = len([c for c in await stage.workspace.calls("chat.postMessage") if "did not let me share" in str(c)])
        if posts >= expected:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    return len([c for c in await stage.workspace.calls("chat.postMessage") if "did not let me share" in str(c)])


async def test_s2_a_replayed_command_is_answered_once(pair: Stage) -> None:
    payload = command("ana", "help")

    for nth in range(6):
        assert (await deliver_to(pair, payload, replica=nth)).status_code == 200
    await pair.person("ana").sees("Type /ct and one of these")
    await asyncio.sleep(0.3)

    assert len(await pair.workspace.calls("chat.postMessage")) == 1


@pytest.fixture
async def sockets(redis: Redis, redis_url: str) -> AsyncIterator[Stage]:
    """Two replicas in Socket Mode: Slack gives each payload to any one of them."""
    async with staged(redis, redis_url, replicas=2, socket_mode=True) as stage:
        yield stage


async def test_socket_mode_links_looks_and_reboots(sockets: Stage) -> None:
    await connected(sockets)
    ana = await sockets.link()
    status = await ana.type("/ct status")
    await ana.type(ASK)
    await ana.click(YES, until="is rebooting")

    await ana.sees("is back", timeout=15)

    assert "412 boxes" in status.text
    assert await sockets.reboots() == {LOBBY: 1}
    assert await sockets.refusals() == []


async def test_socket_mode_has_no_door_for_http(sockets: Stage) -> None:
    answer = await deliver_to(sockets, command("ana", "help"))

    assert answer.status_code == 404


async def connected(stage: Stage) -> None:
    for bot in stage.bots:
        for _ in range(200):
            if (await stage.control.get(f"{bot}/readyz")).status_code == 200:
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError(f"{bot} is not ready")
