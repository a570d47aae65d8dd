"""Figures over a period as people read them: amounts, times, one chart with the same in text."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from slack_sdk.models.blocks import Block

from bot.ct import Box, Location
from bot.services.figures import Figures, Span, zone_of
from bot.slack import text as t
from bot.slack.charts import Chart, bars
from bot.slack.views import parts

PERIODS = {t.DAY: "24h", 7 * t.DAY: "7d", 30 * t.DAY: "30d"}
WORDS = {t.DAY: "last 24 hours", 7 * t.DAY: "last 7 days", 30 * t.DAY: "last 30 days"}
BUTTONS = {t.DAY: "24 Hours", 7 * t.DAY: "7 Days", 30 * t.DAY: "30 Days"}
BEFORE = {t.DAY: "the 24 hours before", 7 * t.DAY: "the 7 days before", 30 * t.DAY: "the 30 days before"}
SO_FAR = "so far"
_LABELS = {t.DAY: "%H:%M", 7 * t.DAY: "%a %d", 30 * t.DAY: "%d %b"}
_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def amount(bytes_: float) -> str:
    """`12.4 GB`."""
    for unit, name in _UNITS:
        if bytes_ >= unit:
            return f"{bytes_ / unit:.1f} {name}" if bytes_ < 100 * unit else f"{bytes_ / unit:,.0f} {name}"
    return f"{bytes_:.0f} bytes"


def times_of(thing: Box | Location, period: int) -> str:
    """What the labels of a chart are."""
    return f"{'Times' if period == t.DAY else 'Days'} in {t.clean(str(zone_of(thing)), 35)}"


def chart(
    heading: str, what: str, figures: Figures, span: Span, thing: Box | Location, divisor: int = 1
) -> list[Block]:
    """One line, with the same as signs where Slack takes no charts; nothing for less than two whole steps.

    A first step that began before the span is left out, the last one is marked: neither is told in full.
    """
    whole = [(at, round(value / divisor, 2)) for at, value in figures.steps if at >= span.start]
    if len(whole) < 2:
        return []
    zone, period = zone_of(thing), span.seconds
    points = [(SO_FAR if at + span.step > span.end else label(at, zone, period), value) for at, value in whole]
    until = "now" if points[-1][0] == SO_FAR else points[-1][0]
    highest = f"{max(value for _, value in points):,.2f}".rstrip("0").rstrip(".")
    most = f"at most {highest} {what if divisor > 1 else ''}".rstrip()
    signs = f"{heading}  {bars([value for _, value in points])}  {points[0][0]} to {until}, {most}"
    times = times_of(thing, period)
    return [Chart(title=heading, points=points, unit=what, times=times, plain=parts.section(signs))]


def label(at: int, zone: tzinfo, period: int) -> str:
    """A moment as a chart of that period names it."""
    return datetime.fromtimestamp(at, zone).strftime(_LABELS[period])


def unit_of(figures: Figures) -> tuple[int, str]:
    """The unit that the highest of the values is read in."""
    most = figures.most or 0
    return next(((unit, name) for unit, name in _UNITS if most >= unit), (1, "bytes"))


def against(now: float | None, before: float | None, than: str = "", *, less: str = "less") -> str:
    """`12% more`, with ` than in …` where that is said; nothing where there is nothing to compare with."""
    if now is None or before is None:
        return ""
    if not before:
        return f"none in {than}" if than and now else ""
    change = (now - before) / before
    if abs(change) < 0.005:
        return f"as in {than}" if than else "as before"
    words = f"{abs(change):,.0%} {'more' if change > 0 else less}"
    return f"{words} than in {than}" if than else words


def refusals(whys: Sequence[tuple[str, str]]) -> list[str]:
    """`People and traffic: …`: what there are no figures of, and why, each reason once."""
    by_why: dict[str, list[str]] = {}
    for what, why in whys:
        if why:
            by_why.setdefault(why, []).append(what)
    return [f"{_listed(found)}: {why}" for why, found in by_why.items()]


def _listed(names: Sequence[str]) -> str:
    first, *others = names
    small = [first, *(name[:1].lower() + name[1:] for name in others)]
    return f"{', '.join(small[:-1])} and {small[-1]}" if others else first
