"""`/ct reset <box>`: set a box up anew, as out of its carton. Its name is typed; a resync comes first."""

from dataclasses import dataclass

from bot.ct import Box, CTUser
from bot.services.changes import Act
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import refuse, same_box, unmanaged
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.on_box import people_on


@dataclass(frozen=True)
class ResetArgs:
    box: str = rest("box", required=True, pick="box")
    reason: str | None = after("because", "reason")


async def _reset(ct: CTUser, op: Operation) -> None:
    await ct.boxes.reset(op.before.slug)


async def _check(ct: CTUser, op: Operation) -> None:
    refuse(unmanaged(await same_box(ct, op), "reset"))


def _done(op: Operation) -> str:
    when = "It does so at its next start." if op.before.state == "offline" else "It comes back in a few minutes."
    return f"CT took the reset of {t.bold(op.before.name)}: it is set up anew. {when}"


RESET = ActView(
    act=Act(kind="box_reset", perform=_reset, check=_check, restarts=True),
    done=_done,
    announce=lambda op: f"reset {t.bold(op.before.name)}: CT sets it up anew",
    again=lambda op: f"reset {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"box {op.before.slug}")],
    typed=True,
)


@command(
    "reset",
    "Set a box up anew, as out of its carton",
    group="Act",
    args=ResetArgs,
    example="ap-3 because a resync did not help",
    details="Try /ct resync first: it keeps everything. I ask you to type the box's name.",
)
async def reset(ctx: Context, args: ResetArgs) -> Reply:
    found = await ctx.box(args.box)
    box = await ctx.ct(lambda ct: ct.boxes.get(found.slug))
    refuse(unmanaged(box, "reset"))
    title = f"Reset {t.bold(box.name)} at {t.esc(box.location_name or 'no location')}?"
    return await ctx.ask(RESET, facts(box), title, _lines(box), button="Reset", reason=args.reason)


def _lines(box: Box) -> list[str]:
    if box.state == "offline":
        effect = "It is offline: at its next start it forgets what it has and CT sets it up anew."
    else:
        effect = f"{people_on(box)} It forgets what it has and CT sets it up anew: no Wi-Fi from it for some minutes."
    lines = [effect, "A resync comes first: it often helps and keeps everything (/ct resync)."]
    if box.reset_confirmation:
        lines.append("Somebody held its reset button: this confirms that. /ct reset cancel withdraws it.")
    return lines
