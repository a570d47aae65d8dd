"""`/ct code on <code> [in <location>]`: a guest's code works again."""

from functools import partial

from bot.services.changes import Act
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.guest_code import CodeArgs, perform, switch
from bot.slack.registry import command
from bot.slack.reply import Reply

ON = ActView(
    act=Act(kind="code_on", perform=partial(perform, active=True)),
    done=lambda _op: "The code is switched on.",
    again=lambda _op: "code on",
)


@command(
    "code on",
    "Let a guest's code work again",
    group="Act",
    args=CodeArgs,
    example="k7m2p9 in harbour",
)
async def code_on(ctx: Context, args: CodeArgs) -> Reply:
    return await switch(ctx, ON, "code on", args, lead="Switched on. ")
