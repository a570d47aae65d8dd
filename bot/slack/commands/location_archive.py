"""`/ct location archive <location>`: close a location; guests cannot log in there until it is unarchived."""

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
class LocationArchiveArgs:
    location: str = rest("location", required=True, pick="location")
    reason: str | None = after("because", "reason")


async def _archive(ct: CTUser, op: Operation) -> None:
    await ct.locations.archive(op.before.slug)


async def _check(ct: CTUser, op: Operation) -> None:
    refuse(_cannot(await same_location(ct, op)))


def _cannot(place: Location) -> str | None:
    return f"{place.name} is archived already." if place.archived else None


async def _is_archived(ct: CTUser, op: Operation) -> bool:
    return (await ct.locations.get(op.before.slug)).archived


ARCHIVE = ActView(
    act=Act(kind="location_archive", perform=_archive, check=_check, lost=until(_is_archived)),
    done=lambda op: f"{t.bold(op.before.name)} is archived: guests cannot log in there any more.",
    announce=lambda op: f"archived {t.bold(op.before.name)}: guests cannot log in there any more",
    again=lambda op: f"location archive {op.before.slug}",
    buttons=lambda op: [parts.run("Unarchive…", f"location unarchive {op.before.slug}")],
)


@command(
    "location archive",
    "Close a location: its guests cannot log in any more",
    group="Act",
    args=LocationArchiveArgs,
    example="café nord because it is being rebuilt",
    details="I show who is online there and ask once. /ct location unarchive opens it again.",
)
async def location_archive(ctx: Context, args: LocationArchiveArgs) -> Reply:
    found = await ctx.location(args.location)
    place = await ctx.ct(lambda ct: ct.locations.get(found.slug))
    refuse(_cannot(place))
    lines = [
        _online(place),
        "Its login pages go off: guests cannot log in until it is unarchived. Its boxes and settings stay.",
    ]
    title = f"Archive {t.bold(place.name)}?"
    return await ctx.ask(ARCHIVE, place_facts(place), title, lines, button="Archive", reason=args.reason)


def _online(place: Location) -> str:
    boxes = f" It has {t.boxes(place.boxes_count)}." if place.boxes_count is not None else ""
    if place.clients_online is None:
        return f"CT does not say how many people are online there now.{boxes}"
    return f"{t.people(place.clients_online) if place.clients_online else 'Nobody'} online there now.{boxes}"
