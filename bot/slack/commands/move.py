"""`/ct move <box> to <zone>`: put a box into another zone of its location."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import Box, CTUser, Zone
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.names import fold
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import NotNowError, refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.pickers import Choice, Picker
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views.on_box import people_on


@dataclass(frozen=True)
class MoveArgs:
    box: str = rest("box", required=True, pick="box")
    zone: str | None = after("to", "zone")


async def _move(ct: CTUser, op: Operation) -> None:
    await ct.boxes.move(op.before.slug, op.params["zone_id"])


async def _check(ct: CTUser, op: Operation) -> None:
    box = await same_box(ct, op)
    refuse(_there_already(box, op.params["zone_id"], op.params["zone_name"]))
    if not any(zone.id == op.params["zone_id"] for zone in await ct.zones.list(box.location_slug or "")):
        raise NotNowError(f"The zone {op.params['zone_name']} is gone.")


def _there_already(box: Box, zone_id: str, zone_name: str) -> str | None:
    return f"{box.name} is in the zone {zone_name} already." if box.zone_id == zone_id else None


async def _is_moved(ct: CTUser, op: Operation) -> bool:
    return (await ct.boxes.get(op.before.slug)).zone_id == str(op.params["zone_id"])


def _told(op: Operation) -> str:
    return f"moved {t.bold(op.before.name)} to the zone {t.bold(op.params['zone_name'])}"


MOVE = ActView(
    act=Act(
        kind="box_move",
        perform=_move,
        check=_check,
        lost=until(_is_moved, otherwise="CT does not show the box in that zone."),
    ),
    done=lambda op: f"You {_told(op)}. It takes over that zone's networks.",
    announce=_told,
    again=lambda op: f"move {op.before.slug} to {op.params['zone_id']}",
)


async def _choices(ctx: Context, slug: str) -> Sequence[Choice]:
    zones = await ctx.ct(lambda ct: ct.zones.list(slug))
    return [Choice(zone.id, zone.name, _size(zone)) for zone in zones]


def _size(zone: Zone) -> str:
    return t.boxes(zone.boxes) if zone.boxes is not None else ""


ZONE = Picker("zone", _choices)


@command(
    "move",
    "Move a box to another zone of its location",
    group="Act",
    args=MoveArgs,
    example="pool house to Public areas",
    details="A zone decides which networks a box sends. To another location: /ct transfer.",
)
async def move(ctx: Context, args: MoveArgs) -> Reply:
    found = await ctx.box(args.box)
    box, zones = await ctx.ct(lambda ct: _read(ct, found.slug))
    if not zones:
        raise NotNowError(f"{box.location_name or 'Its location'} has no zones.")
    if args.zone is None:
        return await _pick(ctx, box, f"To which zone of {box.location_name}?")
    wanted = fold(args.zone)
    zone = next((zone for zone in zones if args.zone == zone.id or wanted == fold(zone.name)), None)
    if zone is None:
        return await _pick(ctx, box, f"No zone of {box.location_name} is called so. Which one?")
    refuse(_there_already(box, zone.id, zone.name))
    lines = [f"{people_on(box)} Wi-Fi drops for a moment while it takes over that zone's networks."]
    if box.zone_name:
        lines.insert(0, f"It is in {t.bold(box.zone_name)} now.")
    title = f"Move {t.bold(box.name)} to the zone {t.bold(zone.name)}?"
    params = {"zone_id": zone.id, "zone_name": zone.name}
    return await ctx.ask(MOVE, facts(box), title, lines, button="Move", params=params)


async def _read(ct: CTUser, slug: str) -> tuple[Box, list[Zone]]:
    box = await ct.boxes.get(slug)
    return box, await ct.zones.list(box.location_slug) if box.location_slug else []


async def _pick(ctx: Context, box: Box, lead: str) -> Reply:
    return await ctx.pick(ZONE, lead, template=f"move {box.slug} to {{}}", scope=box.location_slug or "")
