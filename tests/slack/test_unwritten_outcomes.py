"""The store fails just after CT has acted: what came of the call is in the audit all the same (row O2)."""

import asyncio
from typing import Any

import pytest

from bot.errors import StoreDownError
from bot.services import changes
from bot.stores.operations import OperationStore
from tests.stage import LOBBY, Stage

MUTE = "/ct mute lobby ap-3 for 3h"


def lose(monkeypatch: pytest.MonkeyPatch, event: str, times: int) -> None:
    """So many times the store does not take this row, nor its record."""
    save, lost = OperationStore.save, 0

    async def saved(store: OperationStore, op_id: str, **what: Any) -> bool:
        nonlocal lost
        if (what.get("row") or {}).get("event") == event and lost < times:
            lost += 1
            raise StoreDownError("My store is down.")
        return await save(store, op_id, **what)

    monkeypatch.setattr(OperationStore, "save", saved)


async def written(stage: Stage, *, last: str) -> list[str]:
    """What the audit says of changes, once it says this."""
    for _ in range(300):
        events = [row["event"] for row in await stage.audit() if row["event"].startswith("box_mute_")]
        if last in events:
            return events
        await asyncio.sleep(0.02)
    raise AssertionError(f"never {last}: {events}")


async def test_an_outcome_is_written_as_soon_as_the_store_takes_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    lose(monkeypatch, "box_mute_accepted", 2)

    await ana.type(MUTE, until="You muted Lobby AP-3 for 3 h.")

    assert await written(stage, last="box_mute_accepted") == ["box_mute_intent", "box_mute_accepted"]
    await lee.sees("@ana muted Lobby AP-3 for 3 h")


async def test_an_outcome_that_the_store_never_takes_is_looked_for_at_ct(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "TELLING", 1.0)
    ana = await stage.link()
    lose(monkeypatch, "box_mute_accepted", 10_000)

    await ana.type(MUTE, until="You muted Lobby AP-3 for 3 h.")

    events = await written(stage, last="box_mute_done")
    assert events == ["box_mute_intent", "box_mute_unknown", "box_mute_done"]
    assert (await stage.counts())["routes"][f"PATCH /api/v1/boxes/{LOBBY}"] == 1
