"""`/ct diagnose <box> [command]`: have a box run a command that only looks, and send its answer to the asker.

Nothing is changed by it, so it is done at once; the channel is told nothing, the audit which command it was.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import Box, BoxCommand
from bot.services.changes import Act
from bot.services.diagnoses import PATIENCE, WORDS, cannot_run, follow, meant, only_looks, plan, read_commands, run
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import refuse
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.box_answers import send_answer
from bot.slack.context import Context
from bot.slack.grammar import compose, rest, shaped
from bot.slack.pickers import Choice, Picker
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import answers as views

# How commands are called at the end of what people type, those among them that are refused; or by id, as buttons do.
_MORE = r"list|table|config(?:uration)?|check|usage|space|log|leases"
_REFUSED = r"config(?:uration)?\s+dump|login\s+screens?(?:\s+o(?:n|ff))?"
_CALLED = rf"(?:run:\S.*|(?:run\s+)?(?:(?:{'|'.join(WORDS)})(?:\s+(?:{_MORE}))?|{_REFUSED}))$"


@dataclass(frozen=True)
class DiagnoseArgs:
    box: str = rest("box", required=True, pick="box")
    command: str | None = shaped(_CALLED, "command")


def _again(op: Operation) -> str:
    return compose("diagnose", DiagnoseArgs(op.before.slug, f"run:{op.params['command']}"))


def _what(op: Operation) -> str:
    return t.esc(op.params["detail"], 60)


def _going(op: Operation) -> str:
    if op.broke_at:
        return "I look whether CT has it. I tell you in a direct message."
    return (
        f"Asked {t.bold(op.before.name)} for: {_what(op)}. I send you its answer in a direct message, in a few seconds "
        f"as a rule, and tell you if there is none after {t.span(PATIENCE)}."
    )


DIAGNOSE = ActView(
    act=Act(kind="box_diagnose", perform=run, follow=follow),
    done=lambda op: f"{t.bold(op.before.name)} has answered: {_what(op)}.",
    going=_going,
    again=_again,
    finish=send_answer,
    buttons=views.then,
)


async def _choices(ctx: Context, _scope: str) -> Sequence[Choice]:
    commands = await ctx.ct(read_commands)
    return [Choice(one.id, one.name) for one in commands if only_looks(one)]


COMMANDS = Picker("command", _choices)


@command(
    "diagnose",
    "Have a box run a diagnostic command, and see what it answers",
    group="Act",
    args=DiagnoseArgs,
    example="lobby ap-3 routes",
    details="Only commands that look: nothing changes and nobody notices. What the box answers is sent to you alone. "
    'A box that is itself called radio: /ct diagnose "radio".',
)
async def diagnose(ctx: Context, args: DiagnoseArgs) -> Reply:
    found = await ctx.box(args.box)
    box = await ctx.ct(lambda ct: ct.boxes.get(found.slug))
    refuse(cannot_run(box))
    commands = await ctx.ct(read_commands)
    chosen = await _chosen(ctx, box, commands, _typed(args))
    if isinstance(chosen, Reply):
        return chosen
    params = await ctx.ct(lambda ct: plan(ct, box, chosen))
    return await ctx.do(DIAGNOSE, facts(box), params=params)


def _typed(args: DiagnoseArgs) -> str | None:
    return re.sub(r"^run(?::|\s+)", "", args.command, flags=re.IGNORECASE) if args.command else None


async def _chosen(ctx: Context, box: Box, commands: Sequence[BoxCommand], typed: str | None) -> BoxCommand | Reply:
    """The one command that is meant, or the question which, or why it is not run."""
    dashboard = ctx.services.dashboard
    offered = [one for one in commands if only_looks(one)]
    left = [one for one in commands if not only_looks(one)]
    hits = meant(offered, typed) if typed else []
    if len(hits) == 1:
        return hits[0]
    if typed and not hits and (refused := meant(left, typed)):
        return views.only_in_ct(box, refused[0], dashboard=dashboard)
    if not offered:
        return views.nothing_to_run(box, left, dashboard=dashboard)
    template = compose("diagnose", DiagnoseArgs(box.slug, "run:{}"))
    picker = await ctx.pick(COMMANDS, views.question(box, typed, hits), template=template)
    return views.not_offered(picker, box, left, dashboard=dashboard)
