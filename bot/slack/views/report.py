"""What one sees of a location in numbers: in words first, beside the time before; then charts."""

from collections.abc import Iterator

from slack_sdk.models.blocks import Block, ButtonElement

from bot.ct import Location
from bot.services.figures import Figures, Span, zone_of
from bot.services.report import Numbers, Report
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import figures as drawn
from bot.slack.views import parts
from bot.slack.views.locations import box_counts

MOST_CHARTS = 2  # of a message (slack-facts.md 1.2)


def report(found: Report, *, now: float) -> Reply:
    """One card: guests, people, traffic, login pages, boxes. CT's own report by e-mail is one press away."""
    place, span = found.venue.location, found.span
    title = f"{t.bold(place.name)}, {drawn.WORDS[span.seconds]}"
    lines = list(_lines(found))
    blocks: list[Block] = [parts.section("\n".join([title, *lines]))]
    blocks += _charts(place, found)
    blocks += [parts.section(t.esc(line, 300)) for line in _missing(found)]
    blocks.append(parts.section(f"{_boxes(found)}\n{weekly(place)}".strip()))
    times = f"{drawn.times_of(place, span.seconds)} · " if lines else ""
    blocks.append(parts.context(f"{times}as of {t.clock(now)}"))
    blocks.append(parts.actions(*_buttons(place, found)))
    told = lines[0] if lines else t.esc(found.now.guests.why, 300)
    return Reply(t.plain(f"{title}: {told}"), blocks)


def weekly(place: Location) -> str:
    """Whether CT e-mails a report by itself; to how many, not to whom."""
    if place.weekly_report is None:
        return ""
    if not place.weekly_report:
        return "CT e-mails no weekly report of it."
    if place.weekly_readers == 0:
        return "CT is to e-mail a weekly report of it, but has no address to send it to."
    to = f" to {t.count(place.weekly_readers, 'address', 'addresses')}" if place.weekly_readers else ""
    return f"CT e-mails a weekly report of it{to}."


def views_chart(place: Location, seen: Figures, span: Span) -> list[Block]:
    """How often guests saw a login page, step by step."""
    return drawn.chart("Login page views", "Views", seen, span, place)


def _lines(found: Report) -> Iterator[str]:
    """The story: who came, how often, how busy it was."""
    current, before, than = found.now, found.before, drawn.BEFORE[found.span.seconds]
    stats, old = current.guests.stats, before.guests.stats
    if stats.uniques is not None:
        yield _counted("guests logged in", stats.uniques, old.uniques, than, one="guest logged in")
    facts = []
    if stats.new is not None:
        facts.append(f"{stats.new:,} of them new")
    if stats.returning is not None:
        facts.append(f"{stats.returning:.0%} had been there before")
    if facts:
        yield " · ".join(facts)
    if stats.sessions is not None:
        more = drawn.against(stats.sessions, old.sessions, less="fewer")
        visits = t.count(stats.sessions, "visit") + (f", {more}" if more else "")
        yield f"{visits}{_length(stats.average, old.average)}"
    yield from _busy(found)
    if current.views.total is not None:
        more = drawn.against(current.views.total, before.views.total)
        yield f"Login pages seen *{round(current.views.total):,}* times" + (f", {more}" if more else "")


def _length(average: int | None, before: int | None) -> str:
    if average is None:
        return ""
    return f" · {t.span(average)} long on average" + (f" ({t.span(before)} before)" if before is not None else "")


def _busy(found: Report) -> Iterator[str]:
    if found.people.steps:
        at, most = max(found.people.steps, key=lambda step: step[1])
        when = drawn.label(at, zone_of(found.venue.location), found.span.seconds)
        yield f"*{t.people(round(most))}* at most ({when})"
    if (traffic := found.now.traffic.total) is not None:
        more = drawn.against(traffic, found.before.traffic.total)
        yield f"*{drawn.amount(traffic)}* of traffic" + (f", {more}" if more else "")


def _counted(what: str, now: float, before: float | None, than: str, *, one: str) -> str:
    """`*1,284 guests* logged in, 12% more than in the 7 days before`."""
    noun, _, rest = (one if round(now) == 1 else what).partition(" ")
    more = drawn.against(now, before, than, less="fewer")
    return f"*{round(now):,} {noun}* {rest}".rstrip() + (f", {more}" if more else "")


def _charts(place: Location, found: Report) -> list[Block]:
    people = drawn.chart("People", "People", found.people, found.span, place)
    return (people + views_chart(place, found.now.views, found.span))[:MOST_CHARTS]


def _missing(found: Report) -> list[str]:
    """What CT does not tell, and why."""
    shut = found.now.guests
    if shut.shut:
        why = t.clean(shut.why, 250) or "CT does not say why."
        return [f"CT shows no figures of that long: {why} Ask for 7 days." if shut.too_long else f"No figures: {why}"]
    people = "" if found.people.steps else found.people.why
    told = drawn.refusals([("Guests", found.now.guests.why), ("People", people), *_series(found.now)])
    if found.before.guests.shut:
        return [*told, f"Of {drawn.BEFORE[found.span.seconds]} CT tells nothing: {found.before.guests.why}"]
    return told


def _series(numbers: Numbers) -> list[tuple[str, str]]:
    both = (("Traffic", numbers.traffic), ("Login pages", numbers.views))
    return [(what, "" if figures.steps else figures.why) for what, figures in both]


def _boxes(found: Report) -> str:
    state = "Archived: guests cannot log in · " if found.venue.location.archived else ""
    at_least = "" if found.venue.complete else "at least "
    return f"{state}{at_least}{box_counts(found.venue.boxes)}" + (" now" if found.venue.boxes else "")


def _buttons(place: Location, found: Report) -> list[ButtonElement]:
    shut, period = found.now.guests, found.span.seconds
    offered = [7 * t.DAY] if shut.too_long else [] if shut.shut else [one for one in drawn.PERIODS if one != period]
    buttons = [
        parts.run(drawn.BUTTONS[one], f"report {place.slug} for {drawn.PERIODS[one]}", nth=nth)
        for nth, one in enumerate(offered)
    ]
    asked = 7 * t.DAY if shut.too_long else period
    buttons.append(parts.run("E-mail It to Me…", f"report email {place.slug} for {drawn.PERIODS[asked]}", nth=4))
    if place.weekly_report or (place.weekly_report is False and place.weekly_readers != 0):
        word, label = ("off", "Weekly E-mail Off…") if place.weekly_report else ("on", "Weekly E-mail On…")
        buttons.append(parts.run(label, f"report weekly {place.slug} {word}", nth=5))
    return buttons if shut.shut else [*buttons, parts.share(f"report {place.slug} for {drawn.PERIODS[period]}")]
