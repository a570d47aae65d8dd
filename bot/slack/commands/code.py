"""`/ct code <code> [in <location>]`: does a guest's code work, and if not, why."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, pick_field, text_field
from bot.slack.grammar import after, rest
from bot.slack.guest_code import CodeArgs, find_code, shown
from bot.slack.registry import command
from bot.slack.reply import Reply


@dataclass(frozen=True)
class LookUpArgs:
    code: str | None = rest("code")
    location: str | None = after("in", "location")


def _fields(filled: Filled) -> Sequence[Block]:
    return [
        text_field("code", "The code, as the guest has it", filled, longest=60),
        pick_field("location", "At which location?", filled),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply:
    if not filled.text("code"):
        raise FormProblems({"code": "Type the code."})
    return await _look_up(ctx, CodeArgs(filled.text("code"), filled.text("location") or None))


FORM = Form(name="code", title="Look up a code", button="Look It Up", fields=_fields, submit=_submit)


async def _look_up(ctx: Context, args: CodeArgs) -> Reply:
    found = await find_code(ctx, "code", args)
    return found if isinstance(found, Reply) else await shown(ctx, found)


@command(
    "code",
    "Look a guest's code up: is it valid, used, until when",
    group="Look",
    args=LookUpArgs,
    example="k7m2p9 in harbour",
    details="Only you see the answer. It can be switched off or on from there.",
)
async def code(ctx: Context, args: LookUpArgs) -> Reply | None:
    if args.code is None:
        return await ctx.open(FORM, Filled())
    return await _look_up(ctx, CodeArgs(args.code, args.location))
