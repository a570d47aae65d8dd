"""`/ct tag <box> as <tags>`: a box's tags; without them, a form shows those that it has."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.ct import Box, CTUser
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.grammar import after, compose, rest
from bot.slack.registry import command
from bot.slack.reply import Reply


@dataclass(frozen=True)
class TagArgs:
    box: str = rest("box", required=True, pick="box")
    tags: str | None = after("as", "tags")


def split(text: str) -> list[str]:
    """The tags in what was typed, each once, in their order."""
    return list(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))


async def _tag(ct: CTUser, op: Operation) -> None:
    await ct.boxes.tag(op.before.slug, op.params["tags"])


async def _check(ct: CTUser, op: Operation) -> None:
    refuse(_cannot(await same_box(ct, op), op.params["tags"]))


def _cannot(box: Box, tags: list[str]) -> str | None:
    """Their order means nothing."""
    if set(box.tags) != set(tags):
        return None
    return f"{box.name} has just these tags already." if tags else f"{box.name} has no tags."


async def _is_tagged(ct: CTUser, op: Operation) -> bool:
    return set((await ct.boxes.get(op.before.slug)).tags) == set(op.params["tags"])


def _told(op: Operation) -> str:
    if not op.params["tags"]:
        return f"took all tags off {t.bold(op.before.name)}"
    return f"tagged {t.bold(op.before.name)}: {t.esc(', '.join(op.params['tags']), 200)}"


TAG = ActView(
    act=Act(
        kind="box_tag",
        perform=_tag,
        check=_check,
        lost=until(_is_tagged, otherwise="CT does not show the box with just these tags."),
    ),
    done=lambda op: f"You {_told(op)}.",
    announce=_told,
    again=lambda op: compose("tag", TagArgs(op.before.slug, ", ".join(op.params["tags"]) or None)),
)


def _fields(filled: Filled) -> Sequence[Block]:
    return [text_field("tags", "Tags", filled, optional=True, hint="With commas between them; empty for none")]


async def _submit(ctx: Context, filled: Filled) -> Reply:
    box = await ctx.ct(lambda ct: ct.boxes.get(filled.meta.get("slug", "")))
    tags = split(filled.text("tags"))
    if _cannot(box, tags):
        raise FormProblems({"tags": "Nothing is different yet. Change something, or cancel."})
    return await ctx.submit(TAG, facts(box), params={"tags": tags}, at="tags")


FORM = Form(name="box-tag", title="Tags of a box", button="Save the Tags", fields=_fields, submit=_submit)


@command(
    "tag",
    "Give a box tags in place of those that it has",
    group="Act",
    args=TagArgs,
    example="ap-3 as guests, ground floor",
)
async def tag(ctx: Context, args: TagArgs) -> Reply | None:
    box = await ctx.box(args.box)
    if args.tags is None or not (tags := split(args.tags)):
        return await ctx.open(FORM, Filled(meta={"slug": box.slug}, values={"tags": ", ".join(box.tags)}))
    return await ctx.do(TAG, facts(box), params={"tags": tags})
