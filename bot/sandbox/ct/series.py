"""Numbers over time, made up: a day has its morning, lunch and evening, a Friday is not a Monday (ct-api.md 3.13)."""

import math
import random
import time
from collections.abc import Callable, Iterator

from bot.sandbox.ct.box import Box
from bot.sandbox.ct.practice import Practice

POINTS = 96  # of a series at most
STEPS = (60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800)


def step_for(start: int, end: int) -> int:
    """Seconds between two points, so that there are not too many."""
    return next((step for step in STEPS if (end - start) / step <= POINTS), STEPS[-1])


def moments(start: int, end: int) -> range:
    """Round times within the span."""
    step = step_for(start, end)
    return range(-(-start // step) * step, end + 1, step)


def rhythm(at: int) -> float:
    """How busy the world is at that time, 0 to 1: an average of 0.5 over the day."""
    hour = at % 86_400 / 3600
    busy = 0.5 - 0.45 * math.cos((hour - 3) / 24 * 2 * math.pi)
    return busy * (1.15 if time.gmtime(at).tm_wday >= 4 else 0.9)


def wobble(what: str, at: int) -> float:
    """Between 0.8 and 1.2, the same each time."""
    return random.Random(f"{what} {at}").uniform(0.8, 1.2)  # noqa: S311 - believable, not secret


def season(at: int) -> float:
    """Good weeks and bad ones, between 0.9 and 1.1."""
    return 1 + 0.1 * math.sin(at / (35 * 86_400) * 2 * math.pi)


def people(boxes: list[Box], what: str, at: int) -> float:
    return sum(box.guests for box in boxes) * 2 * rhythm(at) * season(at) * wobble(what, at)


Value = Callable[[list[Box], int, int], float]
"""Boxes, time, seconds of the step → value."""

VALUES: dict[str, Value] = {
    "clients.uniques": lambda boxes, at, _: round(people(boxes, "uniques", at)),
    "device.load": lambda boxes, at, _: round(0.05 + 0.3 * rhythm(at) * wobble("load", at + boxes[0].id), 2),
    "device.usage": lambda boxes, at, step: round(people(boxes, "usage", at) * 9_000 * step),
    "devices.usage": lambda boxes, at, step: round(people(boxes, "usage", at) * 9_000 * step),
    "devices.tx": lambda boxes, at, _: round(people(boxes, "tx", at) * 7_600),
    "devices.rx": lambda boxes, at, _: round(people(boxes, "rx", at) * 1_400),
    "clients.tx": lambda boxes, at, _: round(people(boxes, "ctx", at) * 7_500),
    "clients.rx": lambda boxes, at, _: round(people(boxes, "crx", at) * 1_350),
    "splash.views": lambda boxes, at, step: round(people(boxes, "views", at) * step / 9_000),
    "radius.users": lambda boxes, at, _: round(people(boxes, "radius", at) * 0.8),
    "radius.new": lambda boxes, at, step: round(people(boxes, "new", at) * step / 20_000),
    "radius.sessions": lambda boxes, at, step: round(people(boxes, "sessions", at) * step / 6_000),
}
IN_SECONDS = frozenset({"devices.tx", "devices.rx", "clients.tx", "clients.rx"})
"""Their timestamps are seconds; everybody else's are milliseconds (ct-api.md 3.13; of some it is inferred)."""


def points(practice: Practice, kind: str, boxes: list[Box], start: int, end: int) -> Iterator[dict[str, float]]:
    """From when the first of the boxes was there; a box that is down now is not counted."""
    there = [box for box in boxes if practice.moment(box).clients or box.ticks]
    since = min((box.created_at for box in boxes), default=end)
    step, unit = step_for(start, end), 1 if kind in IN_SECONDS else 1000
    for at in moments(start, end):
        if at >= since and there:
            yield {"timestamp": at * unit, "value": VALUES[kind](there, at, step)}
