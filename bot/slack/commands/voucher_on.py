"""`/ct voucher on <batch> [in <location>]`: the codes of a batch work again."""

from functools import partial

from bot.services.changes import Act
from bot.services.vouchers import batch_facts, lost_switch, switch
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.batches import BATCHES, BatchArgs, found_batch
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts

ON = ActView(
    act=Act(kind="voucher_on", perform=partial(switch, active=True), lost=partial(lost_switch, active=True)),
    done=lambda op: (
        f"{t.bold(op.before.name)} is on: its codes work again, but those that were switched off one by one."
    ),
    announce=lambda op: f"switched on the vouchers {t.bold(op.before.name)} at {t.bold(op.before.location_name or '')}",
    again=lambda op: f"voucher on {op.params['voucher']} in {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"voucher {op.params['voucher']} in {op.before.slug}")],
)


@command(
    "voucher on", "Let the codes of a batch work again", group="Act", args=BatchArgs, example="day passes in harbour"
)
async def voucher_on(ctx: Context, args: BatchArgs) -> Reply:
    found = await found_batch(ctx, BATCHES, "voucher on", args)
    if isinstance(found, Reply):
        return found
    target = batch_facts(found.place, found.voucher.name)
    return await ctx.do(ON, target, params={"voucher": found.voucher.id})
