"""Jobs that take a box its time: what CT shows of one, beside what it showed just before it (`ct-api.md` 4).

CT's times are compared with CT's alone, for its clock may be apart from ours.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.ct import Box, CTAuthError, CTError, CTNotFoundError, CTUser
from bot.ct import Operation as Record
from bot.services.act import Step
from bot.services.operation import Ending, Operation

MOST_RECORDS = 100
_UNDER_WAY, _FAILED = {"NEW", "PENDING"}, "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The box, `waited` seconds after the request. `record`: CT's own of this job, where it keeps and shows one.

    `taken`: CT took the job, or shows since then what it only shows when it did.
    """

    box: Box
    record: Record | None
    waited: float
    heard_since: bool
    taken: bool

    @property
    def up(self) -> bool:
        return self.box.state == "online"

    @property
    def under_way(self) -> bool:
        """CT's record says that it is not over."""
        return self.record is not None and self.record.status in _UNDER_WAY

    @property
    def failed(self) -> bool:
        """CT's record says that it went wrong."""
        return self.record is not None and self.record.status == _FAILED


async def before(ct: CTUser, box: Box, kind: str) -> Mapping[str, Any]:
    """For `Act.check`: when the box was last heard, and CT's newest record of such a job; not where CT shows none."""
    try:
        newest = await _newest(ct, box.slug, kind)
    except CTAuthError:
        raise
    except CTError:
        return {"heard": box.last_heartbeat}
    return {"heard": box.last_heartbeat, "record": newest.id if newest else None}


async def look(ct: CTUser, op: Operation, kind: str) -> Look:
    """One look after the request. Raises CTError."""
    box, known = await ct.boxes.get(op.before.slug), op.params
    newest = await _newest(ct, box.slug, kind) if "record" in known else None
    record = newest if newest and newest.id != known["record"] else None
    return Look(
        box=box,
        record=record,
        waited=time.time() - (op.sent_at or op.asked_at),
        heard_since=(box.last_heartbeat or 0) > (known.get("heard") or 0),
        taken=op.accepted_at is not None or record is not None or bool(known.get("begun")) or begun(box, kind),
    )


def following(
    kind: str, judge: Callable[[Operation, Look, float], Step]
) -> Callable[[CTUser, Operation], Awaitable[Step]]:
    """For `Act.follow`: a look, and what `judge` makes of it at that moment."""

    async def follow(ct: CTUser, op: Operation) -> Step:
        try:
            seen = await look(ct, op, kind)
        except CTNotFoundError:
            return Step(ending=Ending.UNKNOWN, messages=("CT no longer shows the box to you.",))
        return judge(op, seen, time.time())

    return follow


def begun(box: Box, kind: str) -> bool:
    """Does CT show the box at it? Of the reason why a box takes no job CT says no more than that."""
    if kind == "upgrade":
        return box.upgrade_processing or box.state == "upgrading"
    return box.state == "processing" or (box.state == "online" and box.allowed_job is False)


async def _newest(ct: CTUser, slug: str, kind: str) -> Record | None:
    records = (await ct.boxes.operations(slug, per=MOST_RECORDS)).items
    return max((one for one in records if one.kind == kind), key=lambda one: one.created_at or 0, default=None)
