"""`/ct favourite <location>`: make a location one of your favourites at CT."""

from dataclasses import dataclass

from bot.ct import CTUser
from bot.services.changes import Act
from bot.services.operation import Operation
from bot.services.targets import place_facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts


@dataclass(frozen=True)
class FavouriteArgs:
    location: str = rest("location", required=True, pick="location")


async def _favour(ct: CTUser, op: Operation) -> None:
    await ct.locations.favourite(op.before.slug, True)


FAVOURITE = ActView(
    act=Act(kind="location_favourite", perform=_favour),
    done=lambda op: f"{t.bold(op.before.name)} is one of your favourites.",
    again=lambda op: f"favourite {op.before.slug}",
    buttons=lambda op: [parts.run("Take It Out", f"unfavourite {op.before.slug}")],
)


@command("favourite", "Make a location one of your favourites", group="Act", args=FavouriteArgs, example="café nord")
async def favourite(ctx: Context, args: FavouriteArgs) -> Reply:
    return await ctx.do(FAVOURITE, place_facts(await ctx.location(args.location)))
