"""`/ct transfer <box> to <location>`: give a box to another location of the same account."""

from dataclasses import dataclass

from bot.ct import CTNotFoundError, CTUser
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import NotNowError, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import asking, parts
from bot.slack.views.on_box import people_on


@dataclass(frozen=True)
class TransferArgs:
    box: str = rest("box", required=True, pick="box")
    location: str | None = after("to", "location")


async def _transfer(ct: CTUser, op: Operation) -> None:
    await ct.boxes.transfer(op.before.slug, op.params["transfer_to"])


async def _check(ct: CTUser, op: Operation) -> None:
    await same_box(ct, op)
    try:
        place = await ct.locations.get(op.params["slug"])
    except CTNotFoundError:
        raise NotNowError(f"CT no longer shows you {op.params['name']}.") from None
    if place.unique_id != op.params["transfer_to"]:
        raise NotNowError(f"CT has another location under the name {op.params['name']} now.")


async def _is_there(ct: CTUser, op: Operation) -> bool:
    """It was elsewhere before: that is what `same_box` holds it to."""
    return (await ct.boxes.get(op.before.slug)).location_slug == str(op.params["slug"])


def _told(op: Operation) -> str:
    came = f" from {t.bold(op.before.location_name)}" if op.before.location_name else ""
    return f"transferred {t.bold(op.before.name)}{came} to {t.bold(op.params['name'])}"


TRANSFER = ActView(
    act=Act(
        kind="box_transfer",
        perform=_transfer,
        check=_check,
        lost=until(_is_there, otherwise="CT does not show the box at that location."),
    ),
    done=lambda op: f"You {_told(op)}. It takes over that location's networks.",
    announce=_told,
    again=lambda op: f"transfer {op.before.slug} to {op.params['slug']}",
    buttons=lambda op: [parts.run("Look", f"box {op.before.slug}")],
)


@command(
    "transfer",
    "Give a box to another location of the same account",
    group="Act",
    args=TransferArgs,
    example="ap-3 to harbour hotel",
    details="It leaves its zone and takes over the other location's networks and login page. Asked once.",
)
async def transfer(ctx: Context, args: TransferArgs) -> Reply:
    found = await ctx.box(args.box)
    if args.location is None:
        ask_id = await ctx.services.asks.keep(ctx.who.key, f"transfer {found.slug} to {{}}")
        return asking.picker("location", ask_id, f"To which location should {found.name} go?")
    place = await ctx.location(args.location)
    box = await ctx.ct(lambda ct: ct.boxes.get(found.slug))
    if place.slug == box.location_slug:
        raise NotNowError(f"{box.name} is at {place.name} already.")
    if not place.unique_id:
        raise NotNowError(f"CT does not say by what id a box can go to {place.name}. Do it in CT's dashboard.")
    lines = [
        f"From {t.bold(box.location_name or 'no location')}. It leaves its zone, and takes over the networks and the "
        "login page of the new location.",
        f"{people_on(box)} They lose its Wi-Fi while it changes over." if box.clients_online else people_on(box),
    ]
    if place.archived:
        lines.append("That location is archived: guests cannot log in there.")
    params = {"transfer_to": place.unique_id, "slug": place.slug, "name": place.name}
    title = f"Transfer {t.bold(box.name)} to {t.bold(place.name)}?"
    return await ctx.ask(TRANSFER, facts(box), title, lines, button="Transfer", params=params)
