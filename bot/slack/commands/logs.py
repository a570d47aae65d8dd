"""`/ct logs <box> [for <how long>] [about <text>]`: what a box logged, newest first, for the asker alone."""

from bot.slack.box_logs import LogArgs, shown, ways
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import logs as views


@command(
    "logs",
    "What a box logged, newest first, for you alone",
    group="Look",
    args=LogArgs,
    example="lobby ap-3 for 30 min about dhcp",
    details="Without a time: 15 minutes; 5 minutes to an hour at once. Not to be shared: it names guests' devices.",
)
async def logs(ctx: Context, args: LogArgs) -> Reply:
    found = await shown(ctx, args)
    if isinstance(found, Reply):
        return found
    about, note = found.args.about, found.note
    return views.log_page(found.box, found.log, about=about, page=args.page, ways=ways(found), now=ctx.now, note=note)
