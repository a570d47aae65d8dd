"""`/ct location unarchive <location>`: open an archived location again."""

from bot.services.targets import place_facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.archiving import ArchiveArgs, archive_act, place_to_be
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts

UNARCHIVE = ActView(
    act=archive_act(archived=False),
    done=lambda op: f"{t.bold(op.before.name)} is open again: its login pages and networks come back.",
    announce=lambda op: f"unarchived {t.bold(op.before.name)}: guests can log in there again",
    again=lambda op: f"location unarchive {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"location {op.before.slug}")],
    harms=False,
)


@command(
    "location unarchive",
    "Open an archived location again",
    group="Act",
    args=ArchiveArgs,
    example="café nord",
)
async def location_unarchive(ctx: Context, args: ArchiveArgs) -> Reply:
    place = await place_to_be(ctx, args, archived=False)
    lines = ["Its login pages and networks come back: guests can log in there again."]
    title = f"Unarchive {t.bold(place.name)}?"
    return await ctx.ask(UNARCHIVE, place_facts(place), title, lines, button="Unarchive", reason=args.reason)
