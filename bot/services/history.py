"""What happened to a box or a location: CT's operations and versions, and what people did through the bot."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bot.ct import Box, Change, CTAuthError, CTError, CTForbiddenError, CTUser, Location, Operation, Page, Version
from bot.stores.audit import Found

T = TypeVar("T", Operation, Version)

PER = 100
MOST_BOXES = 100
SAME_SECONDS = 90  # CT's record of a job and ours, of the same click, lie no further apart
SAME_CHANGE_SECONDS = 15  # likewise of a change of fields, where CT names the same account
_INTENT = "_intent"  # written just before anything is sent to CT: what has no such row never happened
_ASIDE = {"foreign_click", "own_approval", "awaits_second", "approved"}
_OF_ITSELF = ("reboot", "box_", "location_")  # all else is about a part of the location whose slug it is kept under
_UNNAMED = ("code_", "quickcode_", "client_")  # what guests type, and whose device it is, is told to nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `slack_user`: the person who did it through the bot; `who`: the account, as CT names it.

    `kind` is CT's word for a job, or ours for a change; empty for a plain change of fields. `outcome` likewise.
    `detail`: what exactly, of those kinds that have it.
    """

    at: float
    who: str | None = None
    slack_user: str | None = None
    kind: str = ""
    detail: str | None = None
    outcome: str = ""
    thing: str | None = None
    reason: str | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A source that CT did not give, or gave only in part."""

    what: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Past:
    """All that CT tells of one thing."""

    entries: Sequence[Entry]
    missing: Sequence[Missing]
    complete: bool
    slugs: frozenset[str]


async def read_box(ct: CTUser, slug: str) -> Past:
    """CT's two records of a box. What CT refuses is left out, and named."""
    jobs, changes = await asyncio.gather(
        _source("its jobs", lambda page: ct.boxes.operations(slug, page=page, per=PER)),
        _source("changes of its settings", lambda page: ct.boxes.versions(slug, page=page, per=PER)),
    )
    entries = [_job(item) for item in jobs.items] + [_change(item) for item in changes.items]
    missing = [gone for gone in (jobs.missing, changes.missing) if gone]
    return Past(entries, missing, jobs.complete and changes.complete, frozenset({slug}))


async def read_location(ct: CTUser, slug: str) -> Past:
    """CT's record of a location, and which boxes are there: what was done to those belongs to its history."""
    changes = await _source("changes of its settings", lambda page: ct.locations.versions(slug, page=page, per=PER))
    missing = [changes.missing] if changes.missing else []
    slugs = {slug}
    complete = changes.complete
    try:
        boxes = await ct.boxes.list(location=slug, per=MOST_BOXES)
    except CTAuthError:
        raise
    except CTError as error:
        missing.append(Missing("its boxes", isinstance(error, CTForbiddenError)))
    else:
        slugs |= {box.slug for box in boxes.items}
        complete = complete and boxes.total_pages <= 1
    return Past([_change(item) for item in changes.items], missing, complete, frozenset(slugs))


async def read_past(ct: CTUser, thing: Box | Location) -> Past:
    """Of either."""
    return await (read_box if isinstance(thing, Box) else read_location)(ct, thing.slug)


def timeline(past: Past, own: Found, slug: str) -> list[Entry]:
    """Both in one, newest first; a job that was asked for through the bot stands there once."""
    entries = _ours(own.rows, slug)
    for theirs in past.entries:
        known = next((nth for nth, ours in enumerate(entries) if ours.slack_user and _same(theirs, ours)), None)
        if known is None:
            entries.append(theirs)
        else:
            entries[known] = replace(entries[known], changes=entries[known].changes + theirs.changes)
    return sorted(entries, key=lambda entry: -entry.at)


# --- CT's ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read(Generic[T]):
    items: Sequence[T]
    missing: Missing | None
    complete: bool


async def _source(what: str, read: Callable[[int], Awaitable[Page[T]]]) -> _Read[T]:
    """The newest hundred, in whichever order CT pages them."""
    try:
        page = await read(1)
        items: Sequence[T] = page.items
        if page.total_pages > 1 and items and (items[0].created_at or 0) < (items[-1].created_at or 0):
            items = (await read(page.total_pages)).items
    except CTAuthError:
        raise
    except CTError as error:
        return _Read([], Missing(what, isinstance(error, CTForbiddenError)), complete=True)
    return _Read(items, None, complete=page.total_pages <= 1)


def _job(job: Operation) -> Entry:
    return Entry(at=job.created_at or 0, who=job.user, kind=job.kind, outcome=job.status)


def _change(version: Version) -> Entry:
    return Entry(at=version.created_at or 0, who=version.who, changes=version.changes)


# --- our own ---------------------------------------------------------------------------------------


def _ours(rows: Sequence[dict[str, str]], slug: str) -> list[Entry]:
    """One entry for each operation that was sent, or nearly; its newest row says how it stands."""
    by_operation: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_operation.setdefault(row.get("operation", ""), []).append(row)
    return [entry for told in by_operation.values() if (entry := _own(told, slug))]


def _own(told: Sequence[dict[str, str]], slug: str) -> Entry | None:
    sent = next((row for row in told if row["event"].endswith(_INTENT)), None)
    if sent is None:
        return None
    kind = sent["event"].removesuffix(_INTENT)
    outcomes = [row["event"].removeprefix(f"{kind}_") for row in told]
    return Entry(
        at=int(sent["at"]) / 1000,
        who=sent.get("acting_as"),
        slack_user=sent.get("user", "").rpartition(":")[2],
        kind=kind,
        detail=sent.get("detail"),
        outcome=next((word for word in outcomes if word not in _ASIDE), ""),
        thing=_thing(sent, kind, slug),
        reason=sent.get("reason") or None,
    )


def _thing(sent: dict[str, str], kind: str, slug: str) -> str | None:
    """What it was done to; None where that is what the history is of, or is not to be named."""
    if kind.startswith(_UNNAMED) or (sent.get("box") == slug and kind.startswith(_OF_ITSELF)):
        return None
    return sent.get("box_name")


def _same(theirs: Entry, own: Entry) -> bool:
    """Is CT's job, or its change of fields, the one that was asked for through the bot?"""
    if theirs.kind:
        return theirs.kind in own.kind.split("_") and abs(theirs.at - own.at) <= SAME_SECONDS
    return own.thing is None and theirs.who == own.who and abs(theirs.at - own.at) <= SAME_CHANGE_SECONDS
