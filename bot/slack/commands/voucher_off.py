"""`/ct voucher off <batch> [in <location>]`: no code of the batch works any more; one question first."""

from functools import partial

from bot.ct import CTUser
from bot.errors import UserError
from bot.services.changes import Act
from bot.services.operation import Operation
from bot.services.vouchers import batch_facts, lost_switch, read_batch, switch
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.batches import BATCHES, BatchArgs, found_batch
from bot.slack.context import Context
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views import vouchers as views


async def _check(ct: CTUser, op: Operation) -> None:
    if not (await ct.vouchers.get(op.before.slug, op.params["voucher"])).is_active:
        raise UserError(f"{op.before.name} is switched off already.")


OFF = ActView(
    act=Act(
        kind="voucher_off", perform=partial(switch, active=False), lost=partial(lost_switch, active=False), check=_check
    ),
    done=lambda op: f"{t.bold(op.before.name)} is switched off: none of its codes works now.",
    announce=lambda op: (
        f"switched off the vouchers {t.bold(op.before.name)} at {t.bold(op.before.location_name or '')}"
    ),
    again=lambda op: f"voucher off {op.params['voucher']} in {op.before.slug}",
    buttons=lambda op: [parts.run("Switch On Again", f"voucher on {op.params['voucher']} in {op.before.slug}")],
)


@command(
    "voucher off",
    "Switch off a batch of vouchers: none of its codes works",
    group="Act",
    args=BatchArgs,
    example="day passes in harbour",
)
async def voucher_off(ctx: Context, args: BatchArgs) -> Reply:
    found = await found_batch(ctx, BATCHES, "voucher off", args)
    if isinstance(found, Reply):
        return found
    batch = await ctx.ct(lambda ct: read_batch(ct, found.place.slug, found.voucher.id))
    if not batch.voucher.is_active:
        return views.batch_card(batch, place=found.place, given=0, now=ctx.now)
    title = f"Switch off the vouchers {t.bold(batch.voucher.name)} at {t.bold(found.place.name, 60)}?"
    return await ctx.ask(
        OFF,
        batch_facts(found.place, batch.voucher.name),
        title,
        views.off_lines(batch),
        button="Switch Off",
        params={"voucher": found.voucher.id},
    )
