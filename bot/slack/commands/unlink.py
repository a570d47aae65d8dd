"""`/ct unlink`: forget the CT account, here first and then at CT."""

from bot.slack.context import Context
from bot.slack.grammar import NoArgs
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import account as views


@command(
    "unlink",
    "Disconnect your CT account",
    group="Account",
    details="Your tokens are deleted here at once, then given back to CT.",
)
async def unlink(ctx: Context, _args: NoArgs) -> Reply:
    return views.unlinked(await ctx.services.sessions.unlink(ctx.who))
