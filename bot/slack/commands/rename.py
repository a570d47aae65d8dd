"""`/ct rename <box> to <name>`: call a box something else; a form asks for a name that is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.ct import CTUser
from bot.errors import UsageError
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.grammar import after, compose, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts

SHORTEST, LONGEST = 5, 100


@dataclass(frozen=True)
class RenameArgs:
    box: str = rest("box", required=True, pick="box")
    name: str | None = after("to", "name")


async def _rename(ct: CTUser, op: Operation) -> None:
    await ct.boxes.rename(op.before.slug, op.params["description"])


async def _is_renamed(ct: CTUser, op: Operation) -> bool:
    return (await ct.boxes.get(op.before.slug)).name == str(op.params["description"])


def _named(op: Operation) -> str:
    return t.bold(str(op.params["description"]))


RENAME = ActView(
    act=Act(kind="box_rename", perform=_rename, lost=until(_is_renamed)),
    done=lambda op: f"{t.bold(op.before.name)} is called {_named(op)} now.",
    announce=lambda op: f"renamed {t.bold(op.before.name)} to {_named(op)}",
    again=lambda op: compose("rename", RenameArgs(op.before.slug, op.params["description"])),
    buttons=lambda op: [parts.run("Rename It Back", compose("rename", RenameArgs(op.before.slug, op.before.name)))],
)


def _fields(filled: Filled) -> Sequence[Block]:
    return [text_field("description", "Name", filled, shortest=SHORTEST, longest=LONGEST)]


async def _submit(ctx: Context, filled: Filled) -> Reply:
    name = filled.text("description")
    if problem := _problem(name):
        raise FormProblems({"description": problem})
    box = await ctx.ct(lambda ct: ct.boxes.get(filled.meta.get("box", "")))
    return await ctx.submit(RENAME, facts(box), params={"description": name})


FORM = Form(name="box-rename", title="Rename the box", button="Rename", fields=_fields, submit=_submit)


@command("rename", "Call a box something else", group="Act", args=RenameArgs, example="ap-3 to Lobby door")
async def rename(ctx: Context, args: RenameArgs) -> Reply | None:
    box = await ctx.box(args.box)
    if args.name is None:
        return await ctx.open(FORM, Filled(meta={"box": box.slug}, values={"description": box.name}))
    if problem := _problem(args.name):
        raise UsageError(f"“{args.name}” is no name for a box. {problem}")
    return await ctx.do(RENAME, facts(box), params={"description": args.name})


def _problem(name: str) -> str | None:
    return None if SHORTEST <= len(name) <= LONGEST else f"Give {SHORTEST} to {LONGEST} characters."
