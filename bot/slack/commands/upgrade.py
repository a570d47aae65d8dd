"""`/ct upgrade <box> [tonight]`: put CT's next firmware on a box, now or at 02:00 of its own time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.ct import Box, CTUser
from bot.services.box_jobs import Look, before, begun, following
from bot.services.changes import Act, Step
from bot.services.lost_answers import until
from bot.services.operation import Ending, Operation
from bot.services.reboot import facts
from bot.services.targets import NotNowError, cannot_upgrade, refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest, shaped
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.on_box import how_it_stands, people_on

JOB = "upgrade"
LOOK_AGAIN, PATIENCE = 5.0, 900.0
NOT_BEGUN = 300.0  # CT took it, and shows nothing of it
NO_SIGN = 60.0  # its answer was lost, likewise
SETTLE = 60.0  # between CT's word that it is over and a box that reports what it runs
NIGHT = 2  # o'clock, as CT's dashboard plans it (`ct-api.md` 4.2)


@dataclass(frozen=True)
class UpgradeArgs:
    box: str = rest("box", required=True, pick="box")
    tonight: str | None = shaped("tonight$", "tonight")
    reason: str | None = after("because", "reason")


async def _upgrade(ct: CTUser, op: Operation) -> None:
    place = op.before.location_slug or ""
    await ct.boxes.upgrade(place, op.before.slug, version=op.params["version"], at=op.params.get("at"))


async def _check(ct: CTUser, op: Operation) -> Mapping[str, Any]:
    box = await _upgradable(ct, op)
    return {**await before(ct, box, JOB), "was": box.firmware_version}


async def _check_plan(ct: CTUser, op: Operation) -> None:
    await _upgradable(ct, op)
    if (await ct.boxes.details(op.before.slug)).upgrade_at == op.params["at"]:
        raise NotNowError(f"The upgrade of {op.before.name} is planned for that time already.")


async def _is_planned(ct: CTUser, op: Operation) -> bool:
    return (await ct.boxes.details(op.before.slug)).upgrade_at == int(op.params["at"])


async def _upgradable(ct: CTUser, op: Operation) -> Box:
    """The box again, which still takes the firmware that was asked for."""
    box = await same_box(ct, op)
    refuse(cannot_upgrade(box))
    if box.next_firmware != op.params["version"]:
        raise NotNowError(f"CT's next firmware for {box.name} is {box.next_firmware} now. Ask again.")
    return box


def judge(op: Operation, seen: Look, now: float) -> Step:
    """What one look means. CT may say that it is over before the box has reported which firmware it runs now."""
    box, busy = seen.box, begun(seen.box, JOB)
    if box.firmware_version == op.params["version"] and seen.up and not busy:
        return Step()
    if seen.failed and not busy:
        return Step(ending=Ending.FAILED, messages=(f"CT's record of it says so; {_how(box, now)}.",))
    began, over = busy or op.params.get("begun"), op.params.get("over")
    if not (began and seen.up and not busy):
        over = None
    elif over is None:
        over = {"at": now, "heard": box.last_heartbeat}
    elif now - over["at"] >= SETTLE and (box.last_heartbeat or 0) > (over["heard"] or 0):
        return Step(ending=Ending.FAILED, messages=(f"It is over, and {_how(box, now)}.",))
    if seen.waited <= (PATIENCE if began or not seen.up else NOT_BEGUN if seen.taken else NO_SIGN):
        return Step(again=LOOK_AGAIN, params=_news(op, begun=began, over=over))
    sign = "" if began else "CT shows no sign of it; "
    why = f"After {t.span(seen.waited)} {sign}{_how(box, now)}. Look at the box before you try once more."
    return Step(ending=Ending.UNKNOWN, messages=(why,))


def _news(op: Operation, **known: Any) -> Mapping[str, Any]:
    return {name: value for name, value in known.items() if op.params.get(name) != value}


def _how(box: Box, now: float) -> str:
    return f"{how_it_stands(box, now)}, with the firmware {box.firmware_version or 'that it does not name'}"


def _what(op: Operation) -> str:
    return f"{t.bold(op.before.name)} to {t.esc(op.params['version'], 40)}"


def _done(op: Operation) -> str:
    was = f" It had {t.esc(op.params['was'], 40)} before." if op.params.get("was") else ""
    return f"{t.bold(op.before.name)} has {t.esc(op.params['version'], 40)} now, and is online again.{was}"


UPGRADE = ActView(
    act=Act(kind="box_upgrade", perform=_upgrade, check=_check, follow=following(JOB, judge), restarts=True),
    done=_done,
    started=lambda op: f"started the upgrade of {_what(op)}, which takes its Wi-Fi away for some minutes",
    announce=lambda op: f"upgraded {_what(op)}: it is online again",
    again=lambda op: f"upgrade {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"box {op.before.slug}")],
)
PLAN = ActView(
    act=Act(
        kind="box_upgrade_plan",
        perform=_upgrade,
        check=_check_plan,
        lost=until(_is_planned, otherwise="CT does not show it as planned for that time."),
        restarts=True,
    ),
    done=lambda op: f"CT planned the upgrade of {_what(op)} for {t.day_and_time(op.params['at'])}.",
    announce=lambda op: f"planned the upgrade of {_what(op)} for {t.day_and_time(op.params['at'])}",
    again=lambda op: f"upgrade {op.before.slug} tonight",
    buttons=lambda op: [parts.run("Look", f"box {op.before.slug}")],
)


@command(
    "upgrade",
    "Put CT's next firmware on a box, now or tonight",
    group="Act",
    args=UpgradeArgs,
    example="ap-3 tonight",
    details="Tonight is the next 02:00 where the box is. I ask once, and tell you how it ends.",
)
async def upgrade(ctx: Context, args: UpgradeArgs) -> Reply:
    found = await ctx.box(args.box)
    box = await ctx.ct(lambda ct: ct.boxes.get(found.slug))
    refuse(cannot_upgrade(box))
    params: dict[str, object] = {"version": box.next_firmware}
    if args.tonight:
        params["at"] = at = next_night(ctx.now, box.timezone)
        line = f"At {t.day_and_time(at)}. Whoever is on it then loses Wi-Fi for some minutes."
    else:
        line = f"{people_on(box)} It sends no Wi-Fi for some minutes, and restarts."
    was = f"It has {t.esc(box.firmware_version or 'firmware that CT does not name', 40)} now."
    title = f"Upgrade {t.bold(box.name)} to {t.esc(box.next_firmware or '', 40)}{' tonight' if args.tonight else ''}?"
    button = "Upgrade Tonight" if args.tonight else "Upgrade Now"
    view = PLAN if args.tonight else UPGRADE
    asked = await ctx.ask(view, facts(box), title, [line, was], button=button, params=params, reason=args.reason)
    return asked if args.tonight else _or_tonight(asked, box)


def _or_tonight(asked: Reply, box: Box) -> Reply:
    return replace(asked, blocks=[*asked.blocks, parts.actions(parts.run("Tonight…", f"upgrade {box.slug} tonight"))])


def next_night(now: float, timezone: str | None) -> int:
    """The next 02:00 there, in epoch seconds; in UTC where CT does not say, or names no known time zone."""
    there = datetime.fromtimestamp(now, _zone(timezone))
    night = there.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return int((night if night > there else night + timedelta(days=1)).timestamp())


def _zone(timezone: str | None) -> tzinfo:
    try:
        return ZoneInfo(timezone) if timezone else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
