"""Harbour Hotel's vouchers, as the practice CT has them, for the tests of vouchers and codes."""

from typing import Any

from bot.sandbox.ct.voucher import VOUCHERS, Voucher
from tests.stage import Stage

SLUG = "harbour-hotel-3f3497"
PATH = f"/api/v1/locations/{SLUG}"


def batches(stage: Stage) -> dict[str, Voucher]:
    """The batches by name."""
    practice = stage.ct.practice
    return {one.settings["batch_name"]: one for one in practice.at(VOUCHERS, practice.world.locations[SLUG])}


def guest_codes(stage: Stage, name: str) -> list[str]:
    """What guests type."""
    return [code.username for code in batches(stage)[name].codes]


async def set_code(stage: Stage, code: str, **fields: Any) -> None:
    """Change a code at the practice CT."""
    answer = await stage.control.patch(f"/_practice/locations/{SLUG}/codes/{code}", json=fields)
    answer.raise_for_status()


async def kept_records(stage: Stage) -> str:
    """All that the bot keeps of its changes, and its audit."""
    kept: list[Any] = []
    for key in await stage.redis.keys("ct:op:*"):
        asked: Any = stage.redis.hgetall(key)
        kept.append(await asked)
    return f"{kept}{await stage.audit()}"


def remove(stage: Stage, name: str) -> None:
    """Somebody deletes a batch in CT's dashboard."""
    practice = stage.ct.practice
    practice.at(VOUCHERS, practice.world.locations[SLUG]).remove(batches(stage)[name])
