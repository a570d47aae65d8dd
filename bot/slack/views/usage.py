"""What one sees of use: the key numbers in words, then the charts."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from slack_sdk.models.blocks import Block

from bot.ct import Box, Heartbeat, Location
from bot.services.usage import Figures, Usage, zone_of
from bot.slack import text as t
from bot.slack.charts import Chart, bars
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.boxes import heartbeat_strip

PERIODS = {t.DAY: "24h", 7 * t.DAY: "7d", 30 * t.DAY: "30d"}
_WORDS = {t.DAY: "last 24 hours", 7 * t.DAY: "last 7 days", 30 * t.DAY: "last 30 days"}
_BUTTONS = {t.DAY: "24 Hours", 7 * t.DAY: "7 Days", 30 * t.DAY: "30 Days"}
_LABELS = {t.DAY: "%H:%M", 7 * t.DAY: "%a %d", 30 * t.DAY: "%d %b"}
_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def usage(thing: Box | Location, used: Usage, *, now: float, again: str) -> Reply:
    """The key numbers first, so that they are read where the charts are not. `again`: the command but its period."""
    period = used.end - used.start
    zone = zone_of(thing)
    title = f"Usage of {t.bold(thing.name)}, {_WORDS[period]}"
    key = " · ".join(fact for fact in (_people(thing, used, zone), _traffic(used)) if fact)
    blocks: list[Block] = [parts.section("\n".join(line for line in (title, key) if line))]
    times = f"{'Times' if period == t.DAY else 'Days'} in {t.clean(str(zone), 35)}"
    unit, name = _unit(used.bytes)
    for heading, what, figures, divisor in (
        ("People", "People", used.people, 1),
        ("Traffic", name, used.bytes, unit),
    ):
        whole = [step for step in figures.steps if step[0] >= used.start]
        if len(whole) > 1:
            blocks.append(_chart(heading, what, whole, divisor, zone, period, times))
    blocks += [parts.section(t.esc(why, 300)) for why in _refusals(used)]
    if heard := _heard(used.beats, used, now):
        blocks.append(parts.section(heard))
    blocks.append(parts.context(f"{times} · as of {t.clock(now)}"))
    look = f"{'box' if isinstance(thing, Box) else 'location'} {thing.slug}"
    others = [
        parts.run(label, f"{again} for {PERIODS[seconds]}", nth=nth)
        for nth, (seconds, label) in enumerate(_BUTTONS.items())
        if seconds != period
    ]
    shared = parts.share(f"{again} for {PERIODS[period]}")
    blocks.append(parts.actions(*others, parts.run(f"Look at {t.name(thing.name, 50)}", look, nth=4), shared))
    return Reply(t.plain(f"{title}: {key}" if key else title), blocks)


def amount(bytes_: float) -> str:
    """`12.4 GB`."""
    for unit, name in _UNITS:
        if bytes_ >= unit:
            return f"{bytes_ / unit:.1f} {name}" if bytes_ < 100 * unit else f"{bytes_ / unit:,.0f} {name}"
    return f"{bytes_:.0f} bytes"


def _people(thing: Box | Location, used: Usage, zone: tzinfo) -> str:
    online = f"{t.people(thing.clients_online)} online now" if thing.clients_online is not None else ""
    if not used.people.steps:
        return online
    at, most = max(used.people.steps, key=lambda step: step[1])
    period = used.end - used.start
    peak = f"*{t.people(round(most))}* at most ({_label(at, zone, period)})"
    return f"{peak}, {online}" if online else peak


def _traffic(used: Usage) -> str:
    return f"*{amount(sum(value for _, value in used.bytes.steps))}* of traffic" if used.bytes.steps else ""


def _chart(
    heading: str,
    what: str,
    steps: Sequence[tuple[int, float]],
    divisor: int,
    zone: tzinfo,
    period: int,
    times: str,
) -> Chart:
    points = [(_label(at, zone, period), round(value / divisor, 2)) for at, value in steps]
    line = f"{heading}  {bars([value for _, value in points])}  {points[0][0]} to {points[-1][0]}"
    most = f"at most {max(value for _, value in points):,g} {what if divisor > 1 else ''}".rstrip()
    return Chart(title=heading, points=points, unit=what, times=times, plain=parts.section(f"{line}, {most}"))


def _label(at: int, zone: tzinfo, period: int) -> str:
    return datetime.fromtimestamp(at, zone).strftime(_LABELS[period])


def _unit(figures: Figures) -> tuple[int, str]:
    most = max((value for _, value in figures.steps), default=0)
    return next(((unit, name) for unit, name in _UNITS if most >= unit), (1, "bytes"))


def _refusals(used: Usage) -> list[str]:
    """Why there are no figures: once, where it is the same for all."""
    whys = [
        (what, figures.why) for what, figures in (("People", used.people), ("Traffic", used.bytes)) if not figures.steps
    ]
    if len({why for _, why in whys}) == 1 and len(whys) > 1:
        return [f"People and traffic: {whys[0][1]}"]
    return [f"{what}: {why}" for what, why in whys]


def _heard(beats: Sequence[Heartbeat], used: Usage, now: float) -> str | None:
    """The strip of the last day; CT keeps no more of it for sure (inferred)."""
    strip = heartbeat_strip(beats, now)
    return f"Heartbeats: {strip}" if strip else None
