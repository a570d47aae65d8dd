"""`/ct code off <code> [in <location>]`: a guest's code no longer works."""

from functools import partial

from bot.services.changes import Act
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.guest_code import CodeArgs, perform, switch
from bot.slack.registry import command
from bot.slack.reply import Reply

OFF = ActView(
    act=Act(kind="code_off", perform=partial(perform, active=False)),
    done=lambda _op: "The code is switched off.",
    again=lambda _op: "code off",
)


@command(
    "code off",
    "Let a guest's code work no longer",
    group="Act",
    args=CodeArgs,
    example="k7m2p9 in harbour",
)
async def code_off(ctx: Context, args: CodeArgs) -> Reply:
    return await switch(ctx, OFF, "code off", args, lead="Switched off. ")
