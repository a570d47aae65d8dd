"""`/ct logs as file <box> …`: all lines of a span of a box's log as a file, to the asker alone."""

from bot.services.names import fold
from bot.slack.box_logs import LogArgs, shown, ways
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import logs as views


@command(
    "logs as file",
    "What a box logged, as a file to you alone",
    group="Look",
    args=LogArgs,
    example="lobby ap-3 for 30 min about dhcp",
    hidden=True,
)
async def logs_as_file(ctx: Context, args: LogArgs) -> Reply:
    found = await shown(ctx, args)
    if isinstance(found, Reply):
        return found
    box, log = found.box, found.log
    if not log.lines:
        return views.log_page(box, log, about=found.args.about, page=1, ways=ways(found), now=ctx.now)
    went = await ctx.services.courier.send_file(
        ctx.who.user_id,
        name=f"{fold(box.name).replace(' ', '-')[:60]}-log.txt",
        content=views.as_file(log),
        comment=views.file_comment(box, log),
    )
    return views.sent(box, log) if went else views.not_sent()
