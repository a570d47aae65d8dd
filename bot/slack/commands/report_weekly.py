"""`/ct report weekly <location> [on|off]`: whether CT e-mails a weekly report of it; one question before a change."""

from dataclasses import dataclass

from bot.ct import CTUser, Location
from bot.services.act import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.targets import place_facts, refuse, same_location
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import rest, shaped
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.report import weekly


@dataclass(frozen=True)
class ReportWeeklyArgs:
    location: str = rest("location", required=True, pick="location")
    word: str | None = shaped("(?:on|off)$", "on|off")


async def _switch(ct: CTUser, op: Operation) -> None:
    await ct.locations.edit(op.before.slug, reports_active=op.params["on"])


async def _check(ct: CTUser, op: Operation) -> None:
    refuse(_cannot(await same_location(ct, op), on=op.params["on"]))


async def _is_switched(ct: CTUser, op: Operation) -> bool:
    return (await ct.locations.get(op.before.slug)).weekly_report is op.params["on"]


def _cannot(place: Location, *, on: bool) -> str | None:
    if place.weekly_report is on:
        return f"The weekly e-mail about {place.name} is {'on' if on else 'off'} already."
    if on and place.weekly_readers == 0:
        return f"CT has no address to send it to. Add one in CT's dashboard, in the settings of {place.name}."
    return None


def _done(op: Operation) -> str:
    name = t.bold(op.before.name)
    return (
        f"CT e-mails a weekly report of {name}." if op.params["on"] else f"CT e-mails no weekly report of {name} now."
    )


def _told(op: Operation) -> str:
    return f"switched the weekly e-mail about {t.bold(op.before.name)} {'on' if op.params['on'] else 'off'}"


WEEKLY = ActView(
    act=Act(kind="report_weekly", perform=_switch, check=_check, lost=until(_is_switched)),
    done=_done,
    announce=_told,
    again=lambda op: f"report weekly {op.before.slug} {'on' if op.params['on'] else 'off'}",
    buttons=lambda op: [] if op.params["on"] else [parts.run("Switch It On…", f"report weekly {op.before.slug} on")],
    harms=False,
)


@command(
    "report weekly",
    "Whether CT e-mails a weekly report of a location",
    group="Act",
    args=ReportWeeklyArgs,
    example="harbour hotel off",
    details="To whom stands in CT's dashboard. Without on or off, I show how it is.",
)
async def report_weekly(ctx: Context, args: ReportWeeklyArgs) -> Reply:
    found = await ctx.location(args.location)
    place = await ctx.ct(lambda ct: ct.locations.get(found.slug))
    if args.word is None:
        return _how_it_is(place)
    on = args.word.casefold() == "on"
    refuse(_cannot(place, on=on))
    title = f"Switch the weekly e-mail about {t.bold(place.name)} {'on' if on else 'off'}?"
    to = t.count(place.weekly_readers, "address", "addresses") if place.weekly_readers else "the addresses"
    lines = [f"It goes to {to} in CT's settings of this location{'' if on else '; then to nobody'}."]
    button = f"Switch It {'On' if on else 'Off'}"
    return await ctx.ask(WEEKLY, place_facts(place), title, lines, button=button, params={"on": on})


def _how_it_is(place: Location) -> Reply:
    line = f"{t.bold(place.name)}: {weekly(place) or 'CT does not say whether it e-mails a weekly report of it.'}"
    buttons = [
        parts.run(label, f"report weekly {place.slug} {to}", nth=nth)
        for nth, (label, to, there) in enumerate((("Switch It On…", "on", True), ("Switch It Off…", "off", False)))
        if place.weekly_report is not there
    ]
    return Reply(t.plain(line), [parts.section(line), parts.actions(*buttons)])
