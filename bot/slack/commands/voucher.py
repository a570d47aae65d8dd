"""`/ct voucher <batch> [in <location>]`: one batch of vouchers."""

from bot.services.vouchers import read_batch
from bot.slack.batches import BATCHES, BatchArgs, found_batch
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import vouchers as views


@command(
    "voucher",
    "One batch of vouchers: how many codes are left",
    group="Look",
    args=BatchArgs,
    example="day passes in harbour",
)
async def voucher(ctx: Context, args: BatchArgs) -> Reply:
    found = await found_batch(ctx, BATCHES, "voucher", args)
    if isinstance(found, Reply):
        return found
    batch = await ctx.ct(lambda ct: read_batch(ct, found.place.slug, found.voucher.id))
    given = await ctx.services.gifts.given(ctx.who, found.place.id, found.voucher.id)
    return views.batch_card(batch, place=found.place, given=len(given), now=ctx.now)
