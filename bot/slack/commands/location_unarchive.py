"""`/ct location unarchive <location>`: open an archived location again."""

from dataclasses import dataclass

from bot.ct import CTUser, Location
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.targets import place_facts, refuse, same_location
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts


@dataclass(frozen=True)
class LocationUnarchiveArgs:
    location: str = rest("location", required=True, pick="location")
    reason: str | None = after("because", "reason")


async def _unarchive(ct: CTUser, op: Operation) -> None:
    await ct.locations.unarchive(op.before.slug)


async def _check(ct: CTUser, op: Operation) -> None:
    refuse(_cannot(await same_location(ct, op)))


def _cannot(place: Location) -> str | None:
    return None if place.archived else f"{place.name} is not archived."


async def _is_open(ct: CTUser, op: Operation) -> bool:
    return not (await ct.locations.get(op.before.slug)).archived


UNARCHIVE = ActView(
    act=Act(kind="location_unarchive", perform=_unarchive, check=_check, lost=until(_is_open)),
    done=lambda op: f"{t.bold(op.before.name)} is open again: its login pages and networks come back.",
    announce=lambda op: f"unarchived {t.bold(op.before.name)}: guests can log in there again",
    again=lambda op: f"location unarchive {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"location {op.before.slug}")],
)


@command(
    "location unarchive",
    "Open an archived location again",
    group="Act",
    args=LocationUnarchiveArgs,
    example="café nord",
)
async def location_unarchive(ctx: Context, args: LocationUnarchiveArgs) -> Reply:
    found = await ctx.location(args.location)
    place = await ctx.ct(lambda ct: ct.locations.get(found.slug))
    refuse(_cannot(place))
    lines = ["Its login pages and networks come back: guests can log in there again."]
    title = f"Unarchive {t.bold(place.name)}?"
    return await ctx.ask(UNARCHIVE, place_facts(place), title, lines, button="Unarchive", reason=args.reason)
