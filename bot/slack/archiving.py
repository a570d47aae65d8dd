"""Archiving a location and opening it again: one change, two directions."""

from dataclasses import dataclass

from bot.ct import CTUser, Location
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.targets import refuse, same_location
from bot.slack.context import Context
from bot.slack.grammar import after, rest


@dataclass(frozen=True)
class ArchiveArgs:
    location: str = rest("location", required=True, pick="location")
    reason: str | None = after("because", "reason")


def archive_act(*, archived: bool) -> Act:
    """What it is to be afterwards."""

    async def perform(ct: CTUser, op: Operation) -> None:
        await (ct.locations.archive if archived else ct.locations.unarchive)(op.before.slug)

    async def check(ct: CTUser, op: Operation) -> None:
        refuse(_cannot(await same_location(ct, op), archived))

    async def shows(ct: CTUser, op: Operation) -> bool:
        return (await ct.locations.get(op.before.slug)).archived is archived

    kind = "location_archive" if archived else "location_unarchive"
    return Act(kind=kind, perform=perform, check=check, lost=until(shows))


async def place_to_be(ctx: Context, args: ArchiveArgs, *, archived: bool) -> Location:
    """The location that is meant, read fresh. Raises NotNowError when it is so already."""
    found = await ctx.location(args.location)
    place = await ctx.ct(lambda ct: ct.locations.get(found.slug))
    refuse(_cannot(place, archived))
    return place


def _cannot(place: Location, archived: bool) -> str | None:
    if place.archived is not archived:
        return None
    return f"{place.name} is archived already." if archived else f"{place.name} is not archived."
