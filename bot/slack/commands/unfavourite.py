"""`/ct unfavourite <location>`: a location is one of your favourites no longer."""

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


@dataclass(frozen=True)
class UnfavouriteArgs:
    location: str = rest("location", required=True, pick="location")


async def _drop(ct: CTUser, op: Operation) -> None:
    await ct.locations.favourite(op.before.slug, False)


UNFAVOURITE = ActView(
    act=Act(kind="location_unfavourite", perform=_drop),
    done=lambda op: f"{t.bold(op.before.name)} is none of your favourites any more.",
    again=lambda op: f"unfavourite {op.before.slug}",
)


@command(
    "unfavourite", "Take a location out of your favourites", group="Act", args=UnfavouriteArgs, example="café nord"
)
async def unfavourite(ctx: Context, args: UnfavouriteArgs) -> Reply:
    return await ctx.do(UNFAVOURITE, place_facts(await ctx.location(args.location)))
