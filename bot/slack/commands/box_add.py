"""`/ct box add [mac] [named <name>] [at <location>]`: typed in one line, or asked for in a form."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.ct import CTRequestError, CTUser, Location, normal_mac
from bot.services.changes import Act, Step
from bot.services.operation import Ending, Operation
from bot.services.targets import place_facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.grammar import after, rest, shaped
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts

MAC = r"(?:[0-9a-f]{2}[:.\-]?){5}[0-9a-f]{2}"
SHORTEST, LONGEST = 5, 100


@dataclass(frozen=True)
class BoxAddArgs:
    mac: str | None = shaped(MAC, "mac")
    location: str | None = rest("location")
    name: str | None = after("named", "name")
    at: str | None = after("at", "place")


async def _add(ct: CTUser, op: Operation) -> dict[str, str]:
    fields = op.params
    made = await ct.boxes.add(op.before.slug, mac=fields["calledstationid"], name=fields["description"])
    return {"slug": made.slug}


async def _lost(ct: CTUser, op: Operation) -> Step:
    """A box with that hardware address at that location is the one that was added: CT takes each address once."""
    mac = op.params["calledstationid"]
    found = (await ct.boxes.list(q=mac, location=op.before.slug)).items
    for box in found:
        if box.mac.upper() == mac and box.name == op.params["description"]:
            return Step(params={"slug": box.slug})
    return Step(ending=Ending.UNKNOWN, messages=("CT does not list that box yet.",))


def _what(op: Operation) -> str:
    return f"{t.bold(op.params['description'])} to {t.bold(op.before.name)}"


ADD = ActView(
    act=Act(kind="box_add", perform=_add, lost=_lost),
    done=lambda op: f"You added {_what(op)}. Plug it in: it sets itself up as soon as it reaches the internet.",
    announce=lambda op: f"added the box {_what(op)}",
    again=lambda op: f"box add {op.params['calledstationid']} {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"box {op.params.get('slug', op.params['calledstationid'])}")],
    harms=False,
)


def _fields(filled: Filled) -> Sequence[Block]:
    hint = "On the label of the box, such as AA-BB-CC-DD-EE-FF"
    return [
        parts.section(f"At {t.bold(filled.meta.get('place', ''))}."),
        text_field("calledstationid", "MAC address", filled, longest=40, hint=hint),
        text_field("description", "Name", filled, shortest=SHORTEST, longest=LONGEST),
    ]


def _read(mac: str, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """What is sent, and what is wrong with it."""
    problems = {}
    try:
        mac = normal_mac(mac)
    except CTRequestError:
        problems["calledstationid"] = "That is no MAC address. Give twelve digits, such as AA-BB-CC-DD-EE-FF."
    if not SHORTEST <= len(name) <= LONGEST:
        problems["description"] = f"Give {SHORTEST} to {LONGEST} characters."
    return {"calledstationid": mac, "description": name}, problems


async def _submit(ctx: Context, filled: Filled) -> Reply:
    params, problems = _read(filled.text("calledstationid"), filled.text("description"))
    if problems:
        raise FormProblems(problems)
    place = await ctx.ct(lambda ct: ct.locations.get(filled.meta.get("location", "")))
    return await ctx.submit(ADD, place_facts(place), params=params)


FORM = Form(name="box-add", title="Add a box", button="Add It", fields=_fields, submit=_submit)


@command(
    "box add",
    "Add a box to a location by its MAC address",
    group="Act",
    args=BoxAddArgs,
    example="AA-BB-CC-DD-EE-FF named Terrace east at café nord",
    details="Without a MAC address or a name, a form asks for them.",
)
async def box_add(ctx: Context, args: BoxAddArgs) -> Reply | None:
    if not (query := args.location or args.at):
        typed = " ".join(part for part in ("box add", args.mac, "{}", args.name and f"named {args.name}") if part)
        return await ctx.pick("location", "At which location?", template=typed)
    place = await ctx.location(query)
    params, problems = _read(args.mac or "", args.name or "")
    if problems:
        return await _open(ctx, place, args)
    lines = [f"MAC address {params['calledstationid']}. It sets itself up once it is plugged in."]
    title = f"Add {t.bold(params['description'])} to {t.bold(place.name)}?"
    return await ctx.ask(ADD, place_facts(place), title, lines, button="Add It", params=params)


async def _open(ctx: Context, place: Location, args: BoxAddArgs) -> Reply | None:
    meta = {"location": place.slug, "place": t.name(place.name)}
    values = {"calledstationid": args.mac or "", "description": args.name or ""}
    return await ctx.open(FORM, Filled(meta=meta, values=values))
