"""Row S5: one person's flood is bounded, said once, and nobody else feels it."""

import asyncio

import httpx
from redis.asyncio import Redis

from bot.settings import Policy
from tests.slack.forged import command, deliver_to
from tests.stage import PACE, staged


async def test_s5_who_floods_is_told_once_and_others_are_served(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, policy=Policy(pace=PACE, requests_per_minute=30), replicas=2) as stage:
        # As fast as they are taken, a dozen at once: both replicas, Slack and this test share one loop, and eighty new
        # connections to Redis in one moment of a busy machine take longer than the bot waits for one.
        together = asyncio.Semaphore(12)

        async def delivered(n: int) -> httpx.Response:
            async with together:
                return await deliver_to(stage, command("ana", "help", trigger_id=f"flood.{n}"), replica=n)

        answers = await asyncio.gather(*map(delivered, range(80)))
        lee = await stage.person("lee").type("/ct help")
        told = [answer.text for answer in answers if answer.text]

    assert {answer.status_code for answer in answers} == {200}
    assert told == ["That was too much at once, so I left this out. Nothing was done; go on in a moment."]
    assert "/ct reboot" in lee.text
