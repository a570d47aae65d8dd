"""`/ct upgrade <box> [tonight]`: put CT's next firmware on a box, now or at 02:00 of its own time."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.ct import Box, CTUser
from bot.services.changes import Act
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import NotNowError, cannot_upgrade, refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest, shaped
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.on_box import people_on

NIGHT = 2  # o'clock, as CT's dashboard plans it (`ct-api.md` 4.2)


@dataclass(frozen=True)
class UpgradeArgs:
    box: str = rest("box", required=True, pick="box")
    tonight: str | None = shaped("tonight$", "tonight")
    reason: str | None = after("because", "reason")


async def _upgrade(ct: CTUser, op: Operation) -> None:
    place = op.before.location_slug or ""
    await ct.boxes.upgrade(place, op.before.slug, version=op.params["version"], at=op.params.get("at"))


async def _check(ct: CTUser, op: Operation) -> None:
    box = await same_box(ct, op)
    refuse(cannot_upgrade(box))
    if box.next_firmware != op.params["version"]:
        raise NotNowError(f"CT's next firmware for {box.name} is {box.next_firmware} now. Ask again.")


def _done(op: Operation) -> str:
    what = f"the upgrade of {t.bold(op.before.name)} to {t.esc(op.params['version'], 40)}"
    if at := op.params.get("at"):
        return f"CT planned {what} for {t.day_and_time(at)}."
    return f"CT took {what}. It takes some minutes, then the box restarts."


def _announced(op: Operation) -> str:
    what = f"{t.bold(op.before.name)} to {t.esc(op.params['version'], 40)}"
    return (
        f"planned the upgrade of {what} for {t.day_and_time(op.params['at'])}"
        if "at" in op.params
        else f"upgrades {what}"
    )


UPGRADE = ActView(
    act=Act(kind="box_upgrade", perform=_upgrade, check=_check),
    done=_done,
    announce=_announced,
    again=lambda op: f"upgrade {op.before.slug}{' tonight' if 'at' in op.params else ''}",
    buttons=lambda op: [parts.run("Look", f"box {op.before.slug}")],
)


@command(
    "upgrade",
    "Put CT's next firmware on a box, now or tonight",
    group="Act",
    args=UpgradeArgs,
    example="ap-3 tonight",
    details="Tonight is the next 02:00 where the box is. I ask once.",
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
    asked = await ctx.ask(UPGRADE, facts(box), title, [line, was], button=button, params=params, reason=args.reason)
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
