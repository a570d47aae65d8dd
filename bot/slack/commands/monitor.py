"""`/ct monitor <box> on|off`: whether CT alerts about a box at all."""

from dataclasses import dataclass

from bot.ct import Box, CTUser
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest, shaped
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts


@dataclass(frozen=True)
class MonitorArgs:
    box: str = rest("box", required=True, pick="box")
    word: str | None = shaped("(?:on|off)$", "on|off")
    reason: str | None = after("because", "reason")


async def _monitor(ct: CTUser, op: Operation) -> None:
    await ct.boxes.monitor(op.before.slug, op.params["on"])


async def _check(ct: CTUser, op: Operation) -> None:
    refuse(_cannot(await same_box(ct, op), on=op.params["on"]))


def _cannot(box: Box, *, on: bool) -> str | None:
    return f"Monitoring of {box.name} is {_word(on)} already." if box.is_monitored is on else None


def _word(on: bool) -> str:
    return "on" if on else "off"


async def _is_switched(ct: CTUser, op: Operation) -> bool:
    return (await ct.boxes.get(op.before.slug)).is_monitored is op.params["on"]


def _told(op: Operation) -> str:
    return f"switched monitoring of {t.bold(op.before.name)} {_word(op.params['on'])}"


def _done(op: Operation) -> str:
    if op.params["on"]:
        return f"You {_told(op)}. CT alerts about it again."
    return f"You {_told(op)}. CT sends no alerts about it until somebody switches it on."


MONITOR = ActView(
    act=Act(
        kind="box_monitor",
        perform=_monitor,
        check=_check,
        lost=until(_is_switched, otherwise="CT does not show its monitoring switched so."),
    ),
    done=_done,
    announce=_told,
    again=lambda op: f"monitor {op.before.slug} {_word(op.params['on'])}",
    buttons=lambda op: [] if op.params["on"] else [parts.run("Switch It On", f"monitor {op.before.slug} on")],
)


@command(
    "monitor",
    "Switch CT's alerts about a box on or off",
    group="Act",
    args=MonitorArgs,
    example="ap-3 off because the bar is closed",
    details="Off has no end; for a while, /ct mute is better. Without on or off, I show how it is.",
)
async def monitor(ctx: Context, args: MonitorArgs) -> Reply:
    box = await ctx.box(args.box)
    if args.word is None:
        return _how_it_is(box.name, box.slug, box.is_monitored)
    on = args.word.casefold() == "on"
    return await ctx.do(MONITOR, facts(box), params={"on": on}, reason=args.reason)


def _how_it_is(name: str, slug: str, monitored: bool | None) -> Reply:
    word = "not told by CT" if monitored is None else _word(monitored)
    line = f"Monitoring of {t.bold(name)} is {word}."
    buttons = [
        parts.run(label, f"monitor {slug} {to}", nth=nth)
        for nth, (label, to, hidden) in enumerate((("Switch On", "on", True), ("Switch Off", "off", False)))
        if monitored is not hidden
    ]
    return Reply(t.plain(line), [parts.section(line), parts.actions(*buttons)])
