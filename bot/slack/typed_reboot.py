"""The confirmation of guarded reboots: a box's name, or how many, is typed, and compared with the record."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.services.operation import Operation, State
from bot.services.reboot import WrongNameError
from bot.services.sweep import KIND as SWEEP
from bot.slack import text as t
from bot.slack.cards import not_sent
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.reply import Reply
from bot.slack.typed_name import UNSETTLED, unsettled
from bot.slack.views import parts
from bot.slack.views import reboot as views
from bot.slack.views import sweep as sweep_views


def _fields(filled: Filled) -> Sequence[Block]:
    return [
        parts.section(f"To go on, type {t.bold(filled.meta.get('wanted', ''))}."),
        text_field("typed", filled.meta.get("label", "Its name"), filled, longest=150),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply | None:
    try:
        op = await _typed(ctx, filled.meta.get("op", ""), filled.text("typed"))
    except WrongNameError as error:
        raise FormProblems({"typed": str(error)}) from None
    except UNSETTLED as error:
        return unsettled(ctx.services, error)
    if op.state is State.AWAITING:
        return views.waits(op)
    return sweep_views.begun(op) if op.state is State.WATCHING else not_sent(op)


async def _typed(ctx: Context, op_id: str, typed: str) -> Operation:
    op = await ctx.services.reboots.load(op_id)
    if op is not None and op.kind == SWEEP:
        return await ctx.services.sweeps.type_count(ctx.who, op_id, typed)
    return await ctx.services.reboots.type_name(ctx.who, op_id, typed)


TYPED_REBOOT = Form(name="typed-reboot", title="Are you sure?", button="Go On", fields=_fields, submit=_submit)
