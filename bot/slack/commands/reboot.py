"""`/ct reboot <box> [because <reason>]`: leads to the one question; nothing is sent before it is answered."""

from dataclasses import dataclass

from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import reboot as views


@dataclass(frozen=True)
class RebootArgs:
    box: str = rest("box", required=True, pick="box")
    reason: str | None = after("because", "reason")


@command(
    "reboot",
    "Restart a box and watch it come back",
    group="Act",
    args=RebootArgs,
    example="lobby ap because guests cannot log in",
    details="I show who is on the box and ask once. Then the channel sees who did it and why, and how it ends.",
)
async def reboot(ctx: Context, args: RebootArgs) -> Reply:
    box = await ctx.box(args.box)
    asked = await ctx.services.reboots.ask(ctx.who, box.slug, reason=args.reason, channel_id=ctx.channel_id)
    return views.question(asked, ctx.now)
