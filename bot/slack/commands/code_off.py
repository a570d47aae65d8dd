"""`/ct code off <code> [in <location>]`: a guest's code no longer works."""

from bot.slack.context import Context
from bot.slack.guest_code import CodeArgs, switch, switch_view
from bot.slack.registry import command
from bot.slack.reply import Reply

OFF = switch_view(active=False)


@command(
    "code off",
    "Let a guest's code work no longer",
    group="Act",
    args=CodeArgs,
    example="k7m2p9 in harbour",
)
async def code_off(ctx: Context, args: CodeArgs) -> Reply:
    return await switch(ctx, OFF, args, active=False)
