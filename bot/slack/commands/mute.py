"""`/ct mute <box> [for <how long>] [because <reason>]`: leave a box out of CT's alerts for a while.

Harms nobody and ends by itself, so it is done at once; the channel sees who did it.
"""

from dataclasses import dataclass

from bot.ct import CTUser
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.spans import parse_span
from bot.slack.views import parts

LEAST, MOST, USUAL = 5 * t.MINUTE, 6 * t.DAY, 2 * t.HOUR  # the record that ends it lives 7 days


@dataclass(frozen=True)
class MuteArgs:
    box: str = rest("box", required=True, pick="box")
    span: str | None = after("for", "how long")
    reason: str | None = after("because", "reason")


async def _mute(ct: CTUser, op: Operation) -> None:
    await ct.boxes.mute(op.before.slug, True)


async def _unmute(ct: CTUser, op: Operation) -> None:
    await ct.boxes.mute(op.before.slug, False)


async def _shows(ct: CTUser, op: Operation) -> bool:
    return (await ct.boxes.get(op.before.slug)).ignored is True


def _told(op: Operation) -> str:
    return f"muted {t.bold(op.before.name)} for {t.span(op.params['seconds'])}"


MUTE = ActView(
    act=Act(
        kind="box_mute",
        perform=_mute,
        lost=until(_shows),
        undo=_unmute,
        undo_after=lambda op: float(op.params["seconds"]),
    ),
    done=lambda op: f"You {_told(op)}. CT sends no alerts of it until then; I unmute it by myself.",
    announce=_told,
    again=lambda op: f"mute {op.before.slug} for {op.params['seconds'] // 60} min",
    buttons=lambda op: [parts.run("Unmute Now", f"unmute {op.before.slug}")],
)


@command(
    "mute",
    "Leave a box out of CT's alerts for a while",
    group="Act",
    args=MuteArgs,
    example="ap-3 for 2h because it is being replaced",
    details="Without a time: 2 hours; 6 days at most. It ends by itself.",
)
async def mute(ctx: Context, args: MuteArgs) -> Reply:
    seconds = parse_span(args.span, least=LEAST, most=MOST) if args.span else USUAL
    box = await ctx.box(args.box)
    return await ctx.do(MUTE, facts(box), params={"seconds": seconds}, reason=args.reason)
