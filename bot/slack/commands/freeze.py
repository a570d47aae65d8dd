"""`/ct freeze [because <reason>]`: nobody reboots anything until an admin lifts it. No question: it is for haste."""

from dataclasses import dataclass

from bot.slack.context import Context
from bot.slack.grammar import after
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import freeze as views


@dataclass(frozen=True)
class FreezeArgs:
    reason: str | None = after("because", "reason")


@command(
    "freeze",
    "Let nobody reboot anything, for now",
    group="Act",
    args=FreezeArgs,
    example="because the core switch is being replaced",
    details="For the admins whom the policy file names. Nobody can reset or upgrade a box either. "
    "What CT was sent already goes on; /ct unfreeze lifts it.",
)
async def freeze(ctx: Context, args: FreezeArgs) -> Reply:
    freeze, mine = await ctx.services.guards.freeze(ctx.who, args.reason)
    if not mine:
        return views.frozen_already(freeze)
    await ctx.services.courier.announce(ctx.channel_id, views.began(freeze))
    return views.frozen_now()
