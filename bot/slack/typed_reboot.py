"""The confirmation of a guarded reboot: the box's name is typed, and compared with the record, not with the form."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.services.operation import State
from bot.services.reboot import WrongNameError
from bot.services.sending import ForeignQuestionError, SettledError
from bot.slack import text as t
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.reply import Reply
from bot.slack.typed_name import unsettled
from bot.slack.views import parts
from bot.slack.views import reboot as views


def _fields(filled: Filled) -> Sequence[Block]:
    return [
        parts.section(f"To go on, type {t.bold(filled.meta.get('wanted', ''))}."),
        text_field("typed", "What is rebooted", filled, longest=150),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply | None:
    try:
        op = await ctx.services.reboots.type_name(ctx.who, filled.meta.get("op", ""), filled.text("typed"))
    except WrongNameError as error:
        raise FormProblems({"typed": str(error)}) from None
    except (ForeignQuestionError, SettledError) as error:
        return unsettled(ctx, error)
    return views.waits(op) if op.state is State.AWAITING else views.not_sent(op)


TYPED_REBOOT = Form(name="typed-reboot", title="Are you sure?", button="Go On", fields=_fields, submit=_submit)
