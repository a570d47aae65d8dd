"""`/ct location archive <location>`: close a location; guests cannot log in there until it is unarchived."""

from bot.ct import Location
from bot.services.targets import place_facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.archiving import ArchiveArgs, archive_act, place_to_be
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts

ARCHIVE = ActView(
    act=archive_act(archived=True),
    done=lambda op: f"{t.bold(op.before.name)} is archived: guests cannot log in there any more.",
    announce=lambda op: f"archived {t.bold(op.before.name)}: guests cannot log in there any more",
    again=lambda op: f"location archive {op.before.slug}",
    buttons=lambda op: [parts.run("Unarchive…", f"location unarchive {op.before.slug}")],
)


@command(
    "location archive",
    "Close a location: its guests cannot log in any more",
    group="Act",
    args=ArchiveArgs,
    example="café nord because it is being rebuilt",
    details="I show who is online there and ask once. /ct location unarchive opens it again.",
)
async def location_archive(ctx: Context, args: ArchiveArgs) -> Reply:
    place = await place_to_be(ctx, args, archived=True)
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
