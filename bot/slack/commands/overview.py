"""Bare `/ct`: who you are, what is down, what to do first."""

from bot.services.venues import read_overview
from bot.slack.context import Context
from bot.slack.grammar import NoArgs
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import home


@command("", "What is going on, and where to start", group="Look", hidden=True)
async def overview(ctx: Context, _args: NoArgs) -> Reply:
    account = await ctx.services.sessions.account(ctx.who)
    if account is None:
        return home.welcome(await ctx.services.asks.keep(ctx.who.key, ""))
    return home.overview(account, await ctx.ct(read_overview))
