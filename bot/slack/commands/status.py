"""`/ct status`: everything on one screen, trouble first."""

from bot.services.venues import read_health
from bot.slack.context import Context
from bot.slack.grammar import NoArgs
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import locations


@command("status", "What is up and what is down, over all locations", group="Look")
async def status(ctx: Context, _args: NoArgs) -> Reply:
    return locations.status(await ctx.ct(read_health), ctx.now)
