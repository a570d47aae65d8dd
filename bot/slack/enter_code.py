"""The form that takes the code of a connect page: where the operator chose that people show so who they are."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.services.link_exchange import Outcome
from bot.services.typed_code import Refused, Why
from bot.slack import text as t
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.reply import Reply
from bot.slack.views import account as views
from bot.slack.views import parts

_LONGEST = 40  # blanks and dashes between the eight do no harm


def _fields(filled: Filled) -> Sequence[Block]:
    """What was typed is not drawn again: a code leaves the bot on its page, and nowhere else."""
    lead = (
        "Type the 8 letters and digits that your connect page shows, if you opened that page yourself. "
        "Nobody from support ever asks for a code, or gives you one."
    )
    hint = "Capital or small, with the dash or without it. O counts as 0, I and L as 1."
    empty = Filled(problems=filled.problems)
    return [
        parts.section(lead),
        text_field("code", "The code", empty, hint=hint, longest=_LONGEST, placeholder="XXXX-XXXX"),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply | None:
    typed_code = ctx.services.linking.typed_code
    ask_id = await ctx.services.asks.keep(ctx.who.key, "")
    if typed_code is None:
        return views.no_code_wanted(ask_id)
    ended = await typed_code.enter(ctx.who, filled.text("code"))
    if isinstance(ended, Refused):
        if ended.why is Why.BURNT:
            return views.code_burnt(ask_id)
        raise FormProblems({"code": _problem(ended)})
    return None if ended is Outcome.DONE else views.not_linked(ended, ask_id)


def _problem(refused: Refused) -> str:
    match refused.why:
        case Why.UNREADABLE:
            return "A code is 8 letters and digits, such as 7K2M-Q9XD. This was not counted as a try."
        case Why.NOTHING_WAITS:
            return (
                "I am not waiting for a code from you. Go through the connect page first; if it has shown you one "
                "already, that is over: a code lives 5 minutes. Type /ct link for a new page."
            )
        case _:
            return f"That is not the code on your page. You have {t.count(refused.left, 'more try', 'more tries')}."


ENTER_CODE = Form(name="enter-code", title="Enter the code", button="Connect", fields=_fields, submit=_submit)
