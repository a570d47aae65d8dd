"""What one sees of use: the key numbers in words, then the charts."""

from collections.abc import Sequence
from datetime import tzinfo

from slack_sdk.models.blocks import Block

from bot.ct import Box, Heartbeat, Location
from bot.services.figures import zone_of
from bot.services.usage import Usage
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import figures as drawn
from bot.slack.views import parts
from bot.slack.views.boxes import heartbeat_strip


def usage(thing: Box | Location, used: Usage, *, now: float, again: str) -> Reply:
    """The key numbers first, so that they are read where the charts are not. `again`: the command but its period."""
    period = used.span.seconds
    zone = zone_of(thing)
    title = f"Usage of {t.bold(thing.name)}, {drawn.WORDS[period]}"
    key = " · ".join(fact for fact in (_people(thing, used, zone), _traffic(used)) if fact)
    blocks: list[Block] = [parts.section("\n".join(line for line in (title, key) if line))]
    times = drawn.times_of(thing, period)
    unit, name = drawn.unit_of(used.bytes)
    blocks += drawn.chart("People", "People", used.people, used.span, thing)
    blocks += drawn.chart("Traffic", name, used.bytes, used.span, thing, unit)
    whys = [
        (what, "" if found.steps else found.why) for what, found in (("People", used.people), ("Traffic", used.bytes))
    ]
    blocks += [parts.section(t.esc(why, 300)) for why in drawn.refusals(whys)]
    if heard := _heard(used.beats, used, now):
        blocks.append(parts.section(heard))
    blocks.append(parts.context(f"{times} · as of {t.clock(now)}"))
    look = f"{'box' if isinstance(thing, Box) else 'location'} {thing.slug}"
    others = [
        parts.run(label, f"{again} for {drawn.PERIODS[seconds]}", nth=nth)
        for nth, (seconds, label) in enumerate(drawn.BUTTONS.items())
        if seconds != period
    ]
    shared = parts.share(f"{again} for {drawn.PERIODS[period]}")
    blocks.append(parts.actions(*others, parts.run(f"Look at {t.name(thing.name, 50)}", look, nth=4), shared))
    return Reply(t.plain(f"{title}: {key}" if key else title), blocks)


def _people(thing: Box | Location, used: Usage, zone: tzinfo) -> str:
    online = f"{t.people(thing.clients_online)} online now" if thing.clients_online is not None else ""
    if not used.people.steps:
        return online
    at, most = max(used.people.steps, key=lambda step: step[1])
    period = used.span.seconds
    peak = f"*{t.people(round(most))}* at most ({drawn.label(at, zone, period)})"
    return f"{peak}, {online}" if online else peak


def _traffic(used: Usage) -> str:
    return f"*{drawn.amount(used.bytes.total or 0)}* of traffic" if used.bytes.steps else ""


def _heard(beats: Sequence[Heartbeat], used: Usage, now: float) -> str | None:
    """The strip of the last day; CT keeps no more of it for sure (inferred)."""
    strip = heartbeat_strip(beats, now)
    return f"Heartbeats: {strip}" if strip else None
