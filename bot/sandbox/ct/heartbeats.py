"""The last day of a box's heartbeats: when it was heard and when it was not (ct-api.md 3.2)."""

import random
from itertools import pairwise

from bot.sandbox.ct.box import LEAVES_AT, Box, Moment

DAY = 86_400
STEP = 900  # what lies between two entries when nothing happens


def heartbeats(box: Box, seen: Moment, now: float, beat: float) -> dict[int, bool]:
    """Epoch second → was it heard then; each entry holds until the next. Not in order, as CT sends it."""
    if seen.last_heartbeat is None:
        return {}
    start = max(int(now) - DAY, box.created_at)
    entries = dict.fromkeys(range(start, int(now) + 1, STEP), True)
    for gone, back in _gaps(box, seen, now, beat):
        entries = {at: heard for at, heard in entries.items() if not gone <= at < back}
        entries[max(start, int(gone))] = False
        if back < now:
            entries[int(back)] = True
    shuffled = list(entries.items())
    random.Random(box.id).shuffle(shuffled)  # noqa: S311 - disorder that is the same each time
    return dict(shuffled)


def _gaps(box: Box, seen: Moment, now: float, beat: float) -> list[tuple[float, float]]:
    """Two short gaps in every fifth box's day, the last reboot, and the silence of a box that is gone."""
    gaps: list[tuple[float, float]] = []
    if box.id % 5 == 2:
        gaps += [(now - 19 * 3600, now - 19 * 3600 + 240), (now - 7 * 3600, now - 7 * 3600 + 120)]
    if now - box.back_at < DAY and box.booted_at > box.created_at:
        gaps.append((box.booted_at - 10, box.back_at))
    job = box.job
    if job and job.kind == "reboot" and job.outcome != "never_restarts":
        left = job.at + LEAVES_AT * job.seconds
        gaps.append((left, job.back_at if job.outcome != "never_back" else now + 1))
    elif seen.last_heartbeat is not None and now - seen.last_heartbeat > 3 * beat:
        gaps.append((seen.last_heartbeat, now + 1))
    return [(gone, back) for gone, back in _joined(sorted(gaps)) if back > now - DAY and gone < now]


def _joined(gaps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Gaps that overlap become one."""
    joined = gaps[:1]
    for _, (gone, back) in pairwise(gaps):
        if gone <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(back, joined[-1][1]))
        else:
            joined.append((gone, back))
    return joined
