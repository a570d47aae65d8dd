"""`/ct unfreeze`: boxes may be rebooted again."""

from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import freeze as views


@command("unfreeze", "Let people reboot boxes again", group="Act", details="For the admins whom the policy file names.")
async def unfreeze(ctx: Context, _args: object) -> Reply:
    freeze = await ctx.services.guards.unfreeze(ctx.who)
    if freeze is None:
        return views.not_frozen()
    await ctx.services.courier.announce(ctx.channel_id, views.ended(ctx.who, freeze, ctx.now))
    return views.thawed()
