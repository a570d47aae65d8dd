"""`/ct code on <code> [in <location>]`: a guest's code works again."""

from bot.slack.context import Context
from bot.slack.guest_code import CodeArgs, switch, switch_view
from bot.slack.registry import command
from bot.slack.reply import Reply

ON = switch_view(active=True)


@command(
    "code on",
    "Let a guest's code work again",
    group="Act",
    args=CodeArgs,
    example="k7m2p9 in harbour",
)
async def code_on(ctx: Context, args: CodeArgs) -> Reply:
    return await switch(ctx, ON, args, active=True)
