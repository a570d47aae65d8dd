"""`/ct voucher codes <batch> [in <location>]`: the codes of a batch, to the asker alone."""

from bot.slack.after import After
from bot.slack.batches import BATCHES, BatchArgs, found_batch
from bot.slack.code_sheets import send_codes
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import asking
from bot.slack.views import codes as views


@command(
    "voucher codes",
    "Send the codes of a batch to you, as text and as a file",
    group="Look",
    args=BatchArgs,
    example="day passes in harbour",
    details="They come in a direct message and are shown to nobody else.",
)
async def voucher_codes(ctx: Context, args: BatchArgs) -> Reply:
    found = await found_batch(ctx, BATCHES, "voucher codes", args)
    if isinstance(found, Reply):
        return found
    after = After(ctx.services.courier, ctx.services.sessions)
    sent = await send_codes(after, ctx.who, found.place, found.voucher.id, now=ctx.now)
    if sent is None:
        return asking.trouble("Slack did not let me write to you.", "Nothing was sent.", "Open a chat with me first.")
    return views.sent(sent.number, sent.total, found.voucher)
