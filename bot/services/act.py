"""What is special about one kind of change; a command's file declares it, `services/changes.py` carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.ct import CTUser
from bot.services.operation import Ending, Operation


@dataclass(frozen=True, slots=True)
class Step:
    """What one look at a change under way found: look again in `again` seconds, or it is over.

    `params` are kept with the record. `over` without `ending` means done.
    """

    again: float | None = None
    ending: Ending = Ending.DONE
    messages: tuple[str, ...] = ()
    params: Mapping[str, Any] | None = None


async def _nothing_to_check(_ct: CTUser, _op: Operation) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One kind of change. `kind` is its word in records and in the audit, e.g. `box_mute`.

    `check` reads again, just before the call, whatever the question said; it raises UserError when that no longer
    holds. What it returns is kept among `params`: how it was before, for whoever looks afterwards. `perform` makes
    exactly one changing call. `follow`, where a change takes its time at CT, looks how it went; `lost` looks likewise
    where only a lost answer needs it (neither: that ends as unknown). `undone_after` (seconds, from the record) undoes
    it later by `undo`, unless the same kind of change was made to the same thing meanwhile, or one that `ends` that
    kind. `restarts`: it restarts a box, now or later, so that none is made while reboots are frozen.
    """

    kind: str
    perform: Callable[[CTUser, Operation], Awaitable[Mapping[str, Any] | None]]
    check: Callable[[CTUser, Operation], Awaitable[Mapping[str, Any] | None]] = _nothing_to_check
    follow: Callable[[CTUser, Operation], Awaitable[Step]] | None = None
    lost: Callable[[CTUser, Operation], Awaitable[Step]] | None = None
    follow_first: float = 1.0
    undo_after: Callable[[Operation], float | None] = lambda _op: None
    undo: Callable[[CTUser, Operation], Awaitable[None]] | None = None
    ends: str | None = None
    restarts: bool = False
