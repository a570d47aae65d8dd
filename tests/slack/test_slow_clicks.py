"""A click that has marked its question as due work, and stands still before it settles it, stays marked (row R6)."""

import asyncio
import time

import pytest

from bot.services.changes import KIND as CHANGE
from bot.services.reboot import KIND as REBOOT
from bot.services.sweep import KIND as SWEEP
from bot.stores.due import DueQueue
from tests.stage import PACE, Stage


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (REBOOT, "/ct reboot lobby ap-3"),
        (SWEEP, "/ct reboot lobby ap-3, bar ap-1 because guests cannot log in"),
        (CHANGE, "/ct reset lobby ap-3"),
    ],
)
async def test_due_work_on_a_question_that_is_still_open_comes_again(stage: Stage, kind: str, asked: str) -> None:
    ana = await stage.link()
    await ana.type(asked)
    (key,) = await stage.keys("ct:op:*")
    op_id = key.removeprefix("ct:op:{").removesuffix("}")
    await DueQueue(stage.redis).add(kind, op_id, op_id.encode(), delay=0.0)

    left = await looked_at(stage, f"{kind} {op_id}")

    assert 0 < left <= PACE.recovery


async def looked_at(stage: Stage, item: str) -> float:
    """Seconds until it is due again, once the worker is through with it."""
    left = 0.0
    until = time.monotonic() + 5
    while not 0 < left <= PACE.recovery and time.monotonic() < until:
        await asyncio.sleep(0.02)
        due = await stage.redis.zscore("ct:due:{due}:times", item)
        assert due is not None, "nobody would look again"
        left = due / 1000 - time.time()
    return left
