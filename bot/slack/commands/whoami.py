"""`/ct whoami`: whose CT account acts for me, checked with CT."""

from bot.ct import CTUser, Me
from bot.slack.context import Context
from bot.slack.grammar import NoArgs
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import account as views


@command("whoami", "Which CT account acts for you", group="Account")
async def whoami(ctx: Context, _args: NoArgs) -> Reply:
    async def ask(ct: CTUser) -> Me:
        return await ct.me()

    me = await ctx.ct(ask)
    return views.whoami(me, await ctx.services.sessions.account(ctx.who))
