"""`/ct location new [name] [at <address>]`: typed in one line, or asked for in a form."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from slack_sdk.models.blocks import Block

from bot.ct import CTUser, LocationForm, location_problems
from bot.services.changes import Act
from bot.services.operation import Facts, Operation
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.grammar import after, compose, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts

FIELDS = ("location_name", "location_address", "town", "postcode", "country")


@dataclass(frozen=True)
class LocationNewArgs:
    name: str | None = rest("name")
    address: str | None = after("at", "address")


async def _create(ct: CTUser, op: Operation) -> dict[str, str]:
    made = await ct.locations.create(msgspec.convert(op.params, LocationForm))
    return {"slug": made.slug}


CREATE = ActView(
    act=Act(kind="location_new", perform=_create),
    done=lambda op: f"{t.bold(op.before.name)} is made. Add its boxes with /ct box add.",
    announce=lambda op: f"made the location {t.bold(op.before.name)}",
    again=lambda op: compose("location new", LocationNewArgs(op.before.name, op.params["location_address"])),
    buttons=lambda op: [parts.run("Look", f"location {op.params.get('slug', op.before.name)}")],
    harms=False,
)


def _form_fields(filled: Filled) -> Sequence[Block]:
    return [
        text_field("location_name", "Name", filled, shortest=5, longest=100),
        text_field("location_address", "Address", filled, shortest=5, longest=200),
        text_field("town", "Town", filled, longest=100, optional=True),
        text_field("postcode", "Postcode", filled, longest=20, optional=True),
        text_field("country", "Country", filled, longest=2, optional=True, hint="Two letters, such as GB"),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply:
    params = {name: text for name in FIELDS if (text := filled.text(name))}
    if problems := location_problems({**dict.fromkeys(FIELDS[:2], ""), **params}):
        raise FormProblems(problems)
    name = params["location_name"]
    return await ctx.submit(CREATE, Facts(id="", slug="", name=name), params=params)


FORM = Form(name="location-new", title="New location", button="Make It", fields=_form_fields, submit=_submit)


@command(
    "location new",
    "Make a new location",
    group="Act",
    args=LocationNewArgs,
    example="Harbour Café at 1 Quay Street, Nordhaven",
    details="Without a name and an address, a form asks for them.",
)
async def location_new(ctx: Context, args: LocationNewArgs) -> Reply | None:
    typed = {"location_name": args.name, "location_address": args.address}
    params = {name: text for name, text in typed.items() if text}
    if len(params) < len(typed) or location_problems(params):
        return await ctx.open(FORM, Filled(values=params))
    lines = [f"At {t.esc(params['location_address'], 200)}."]
    target = Facts(id="", slug="", name=params["location_name"])
    return await ctx.ask(
        CREATE, target, f"Make the location {t.bold(target.name)}?", lines, button="Make It", params=params
    )
