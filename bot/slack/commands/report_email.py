"""`/ct report email <location> [24h | 7d | 30d] [about …]`: CT e-mails its own report to whoever asks; one question."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.ct import CTUser, ReportType
from bot.errors import UsageError
from bot.services.act import Act, Step
from bot.services.figures import Span
from bot.services.operation import Ending, Operation
from bot.services.targets import place_facts, same_location
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, compose, rest, shaped
from bot.slack.periods import LOOKS, PERIOD, read_period
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.figures import PERIODS, WORDS

KINDS: Mapping[str, ReportType] = {"logins": "radius", "people": "people", "devices": "client", "orders": "order"}
"""Our words for CT's types of report; what each holds is CT's own affair."""
USUAL = "logins"
TO_LOOK_AT = "Nothing at CT shows whether it was sent: look into your mailbox before you ask again."


@dataclass(frozen=True)
class ReportEmailArgs:
    location: str = rest("location", required=True, pick="location")
    period: str | None = shaped(LOOKS, PERIOD)
    kind: str | None = after("about", " | ".join(KINDS))


async def _check(ct: CTUser, op: Operation) -> None:
    await same_location(ct, op)


async def _send(ct: CTUser, op: Operation) -> None:
    await ct.reports.email(KINDS[op.params["kind"]], op.before.id, start=op.params["start"], end=op.params["end"])


async def _nothing_to_see(_ct: CTUser, _op: Operation) -> Step:
    return Step(ending=Ending.UNKNOWN, messages=(TO_LOOK_AT,))


def _what(op: Operation) -> str:
    period = op.params["end"] - op.params["start"]
    return f"the report of {op.params['kind']} at {t.bold(op.before.name)}, {WORDS[period]}"


def _again(op: Operation) -> str:
    period = PERIODS[op.params["end"] - op.params["start"]]
    return f"report email {op.before.slug} for {period} about {op.params['kind']}"


EMAIL = ActView(
    act=Act(kind="report_email", perform=_send, check=_check, lost=_nothing_to_see),
    done=lambda op: f"CT sends you {_what(op)}. It goes to the address of your CT account and may take a while.",
    again=_again,
    harms=False,
)


def _kind(typed: str | None) -> str:
    word = (typed or USUAL).casefold()
    found = next((kind for kind, type_ in KINDS.items() if word in {kind, type_}), None)
    if found is None:
        raise UsageError(f"CT has no report about “{word}”. Type about {', '.join(KINDS)}, or leave it out.")
    return found


@command(
    "report email",
    "Have CT e-mail you its own report of a location",
    group="Act",
    args=ReportEmailArgs,
    example="harbour hotel 7d",
    details=f"About {', '.join(KINDS)}: {USUAL} unless you say otherwise. It goes to the address of your CT account.",
)
async def report_email(ctx: Context, args: ReportEmailArgs) -> Reply:
    kind, seconds = _kind(args.kind), read_period(args.period, "7d")
    place = await ctx.location(args.location)
    span = Span.until(ctx.now, seconds, place)
    title = f"Have CT e-mail you the report of {kind} at {t.bold(place.name)}, {WORDS[seconds]}?"
    lines = ["It goes to the address of your CT account, and to nobody else. What is in it, CT decides."]
    params = {"kind": kind, "start": span.start, "end": span.end}
    asked = await ctx.ask(EMAIL, place_facts(place), title, lines, button="Send It", params=params)
    asked_again = replace(args, location=place.slug, period=f"for {PERIODS[seconds]}")
    others = [
        parts.run(f"{other.capitalize()} Instead", compose("report email", asked_again, kind=other), nth=nth)
        for nth, other in enumerate(KINDS)
        if other != kind
    ]
    return replace(asked, blocks=[*asked.blocks, parts.actions(*others)])
