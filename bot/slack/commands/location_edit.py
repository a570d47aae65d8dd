"""`/ct location edit <location>`: change its name and address in a form that shows what they are now."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.ct import CTUser, Location, location_problems
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.targets import place_facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, shown, text_field
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts

WORDS = {
    "location_name": "name",
    "location_address": "address",
    "town": "town",
    "postcode": "postcode",
    "country": "country",
}
LONGEST = {"location_name": 100, "location_address": 200, "town": 100, "postcode": 20, "country": 2}


@dataclass(frozen=True)
class LocationEditArgs:
    location: str = rest("location", required=True, pick="location")


async def _edit(ct: CTUser, op: Operation) -> None:
    await ct.locations.edit(op.before.slug, **op.params["changes"])


def _known(place: Location) -> dict[str, str]:
    """The fields of the form as CT has them."""
    known = (place.name, place.address, place.town, place.postcode, place.country)
    return {field: (text or "").strip() for field, text in zip(WORDS, known, strict=True)}


async def _is_edited(ct: CTUser, op: Operation) -> bool:
    known = _known(await ct.locations.get(op.before.slug))
    return all(known[field] == text for field, text in op.params["changes"].items())


def _changed(op: Operation) -> str:
    return ", ".join(WORDS[field] for field in WORDS if field in op.params["changes"])


EDIT = ActView(
    act=Act(
        kind="location_edit",
        perform=_edit,
        lost=until(_is_edited, otherwise="CT does not show all of what you changed."),
    ),
    done=lambda op: f"{t.bold(op.before.name)} is changed: {_changed(op)}.",
    announce=lambda op: f"changed {t.bold(op.before.name)}: {_changed(op)}",
    again=lambda op: f"location edit {op.before.slug}",
    buttons=lambda op: [parts.run("Look", f"location {op.before.slug}")],
)


def _fields(filled: Filled) -> Sequence[Block]:
    return [
        text_field("location_name", "Name", filled, shortest=5, longest=LONGEST["location_name"]),
        text_field("location_address", "Address", filled, shortest=5, longest=LONGEST["location_address"]),
        text_field("town", "Town", filled, longest=LONGEST["town"], optional=True),
        text_field("postcode", "Postcode", filled, longest=LONGEST["postcode"], optional=True),
        text_field(
            "country",
            "Country",
            filled,
            longest=LONGEST["country"],
            optional=True,
            hint="Two letters, such as GB",
        ),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply:
    """Only what was changed in the form is sent, so that a colleague's change meanwhile is not undone."""
    changes = {field: text for field in WORDS if (text := filled.text(field)) != filled.meta.get(field, "")}
    if not changes:
        raise FormProblems({"": "Nothing is different yet. Change something, or cancel."})
    if problems := location_problems(changes):
        raise FormProblems(problems)
    place = await ctx.ct(lambda ct: ct.locations.get(filled.meta.get("location", "")))
    return await ctx.submit(EDIT, place_facts(place), params={"changes": changes})


FORM = Form(name="location-edit", title="Edit the location", button="Save", fields=_fields, submit=_submit)


@command(
    "location edit",
    "Change the name or address of a location",
    group="Act",
    args=LocationEditArgs,
    example="café nord",
)
async def location_edit(ctx: Context, args: LocationEditArgs) -> Reply | None:
    place = await ctx.location(args.location)
    values = {field: shown(text, LONGEST[field]) for field, text in _known(place).items()}
    return await ctx.open(FORM, Filled(meta={**values, "location": place.slug}, values=values))
