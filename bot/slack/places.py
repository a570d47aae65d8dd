"""The location that a command is about, where it is named at the end (`in harbour`) or may be left out."""

from typing import Any

from bot.ct import Location
from bot.slack.context import Context
from bot.slack.grammar import compose
from bot.slack.reply import Reply
from bot.slack.views import asking


async def located(ctx: Context, name: str, args: Any, *, lead: str = "Which location?") -> Location | Reply:
    """The location of `args`; the only one that there is; or the question which. `name` is the command's."""
    if args.location is not None:
        return await ctx.location(args.location)
    first = await ctx.ct(lambda ct: ct.locations.list(per=2))
    if first.total_entries == len(first.items) == 1:
        return first.items[0]
    ask_id = await ctx.services.asks.keep(ctx.who.key, compose(name, args, location="{}"))
    return asking.picker("location", ask_id, lead)
