"""The confirmation that is typed: for changes that a wrong tap must never make."""

import time
from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.services.names import fold
from bot.services.reboot import UnderWayError
from bot.services.sending import ForeignQuestionError, SettledError
from bot.slack import text as t
from bot.slack.context import Context, Services, again_of, conclude
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.reply import Reply
from bot.slack.views import parts, settled
from bot.slack.views.reboot import under_way

UNSETTLED = (UnderWayError, ForeignQuestionError, SettledError)


def _fields(filled: Filled) -> Sequence[Block]:
    name = filled.meta.get("name", "")
    return [
        parts.section(f"To go on, type the name {t.bold(name)}."),
        text_field("name", "Its name", filled, longest=150),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply | None:
    if fold(filled.text("name")) != fold(filled.meta.get("name", "")):
        raise FormProblems({"name": f"That is not its name. Type {filled.meta.get('name', '')}, or cancel."})
    try:
        op = await ctx.services.changes.confirm(ctx.who, filled.meta.get("op", ""))
    except UNSETTLED as error:
        return unsettled(ctx.services, error)
    return await conclude(ctx.services, ctx.services.registry.acts[op.kind], op)


def unsettled(services: Services, error: UnderWayError | ForeignQuestionError | SettledError) -> Reply:
    """This click or submission did not settle the question: why."""
    if isinstance(error, UnderWayError):
        return under_way(error.running, time.time())
    if isinstance(error, ForeignQuestionError):
        return settled.foreign(error.op, again_of(services, error.op.but(reason=None)))
    if error.why in {"expired", "gone"}:
        return settled.expired(again_of(services, error.op) if error.op else None)
    return settled.settled()


TYPED_NAME = Form(name="typed-name", title="Are you sure?", button="Do It", fields=_fields, submit=_submit)
