"""`/ct invite [e-mail] [to <location>] [as <role>]`: ask a colleague to a location. Their address is kept nowhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.ct import ROLES, CTUser, Location
from bot.errors import NotLinkedError, UsageError
from bot.services.act import Act
from bot.services.directory import AmbiguousError, NoMatchError
from bot.services.operation import Ending, Operation
from bot.services.targets import place_facts, same_location
from bot.services.team import (
    EMAIL,
    GIVEN,
    ROLE,
    colleagues_shown,
    look_for_invited,
    mark_for,
    send_invitation,
    with_address,
)
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, choice_field, pick_field, text_field
from bot.slack.grammar import after, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.roles import KNOWN, read_role, role_word
from bot.slack.views import parts

PLACE = "location"
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_NO_ADDRESS = "Give one whole e-mail address, such as colleague@example.com."


@dataclass(frozen=True)
class InviteArgs:
    email: str | None = rest("e-mail")
    location: str | None = after("to", PLACE)
    role: str | None = after("as", "role")


async def _check(ct: CTUser, op: Operation) -> None:
    await same_location(ct, op)


def _where(op: Operation) -> str:
    return f"{t.bold(op.before.name)} as {role_word(op.params[ROLE])}"


def _going(op: Operation) -> str:
    if op.broke_at:
        return "I look whether CT lists your colleague, and tell you. I will not send it again."
    return f"CT is inviting your colleague to {_where(op)}. I tell you when it lists them."


def _done(op: Operation) -> str:
    state = f" CT lists them as “{t.esc(op.params['state'], 30)}”." if op.params.get("state") else ""
    return f"Your colleague is invited to {_where(op)}.{state}"


INVITE = ActView(
    act=Act(kind="invite", perform=send_invitation, check=_check, follow=look_for_invited),
    done=_done,
    going=_going,
    announce=lambda op: f"invited a colleague to {_where(op)}",
    again=lambda op: f"invite to {op.before.slug} as {role_word(op.params[ROLE])}",
    buttons=lambda op: [parts.run("Who Is There", f"team {op.before.slug}")],
)


def _fields(filled: Filled) -> Sequence[Block]:
    place = filled.meta.get("name", "")
    where = f"to {t.bold(place)}" if place else "to one of your locations"
    fields: list[Block] = [parts.section(f"CT invites a colleague {where}. I keep their address nowhere.")]
    fields.append(text_field(EMAIL, "Their e-mail address", filled, longest=255, placeholder="colleague@example.com"))
    if not place:
        fields.append(pick_field(PLACE, "Location", filled))
    fields.append(choice_field(ROLE, "Role", filled, [(str(role), ROLES[role]) for role in GIVEN]))
    return [*fields, parts.context(KNOWN)]


async def _submit(ctx: Context, filled: Filled) -> Reply:
    email, role = filled.text(EMAIL), filled.text(ROLE)
    slug = filled.meta.get("slug") or filled.text(PLACE)
    problems = {} if _ADDRESS.fullmatch(email) else {EMAIL: _NO_ADDRESS}
    if role not in map(str, GIVEN):
        problems[ROLE] = "Choose a role."
    if not slug:
        problems[PLACE] = "Choose a location."
    if problems:
        raise FormProblems(problems)
    place = await ctx.ct(lambda ct: ct.locations.get(slug))
    there = await ctx.ct(lambda ct: colleagues_shown(ct, place.slug))
    if known := with_address(there, email):
        raise FormProblems({EMAIL: f"This person is there already, as {role_word(known.role_id)}."})
    params = {ROLE: int(role), **mark_for(email, there)}
    op = await ctx.perform(INVITE, place_facts(place), params=params, unkept={EMAIL: email})
    if op.ending is Ending.REFUSED:
        raise FormProblems(op.problems or {"": " ".join(op.messages) or "CT refused it and did not say why."})
    return await ctx.conclude(INVITE, op)


FORM = Form(name="invite", title="Invite a colleague", button="Invite", fields=_fields, submit=_submit)


@command(
    "invite",
    "Invite a colleague to a location, with a role",
    group="Act",
    args=InviteArgs,
    example="colleague@example.com to harbour hotel as editor",
    details=f"A form asks once more, and for what is missing. The address is shown to nobody and kept nowhere. {KNOWN}",
    unkept=True,
)
async def invite(ctx: Context, args: InviteArgs) -> Reply | None:
    if await ctx.services.sessions.account(ctx.who) is None:
        raise NotLinkedError("For that I need your CT account.")
    email, query = args.email or "", args.location
    if query is None and (first := _ADDRESS.match(email)) and first.end() < len(email):
        email, query = first[0], email[first.end() :].strip() or None  # “lee@x.example harbour”, without the “to”
    problems, values, meta = {}, {EMAIL: email}, {}
    if email and not _ADDRESS.fullmatch(email):
        problems[EMAIL] = _NO_ADDRESS
    if args.role is not None:
        try:
            values[ROLE] = str(read_role(args.role))
        except UsageError as error:
            problems[ROLE] = str(error)
    found = await _located(ctx, query) if query else None
    if isinstance(found, Location):
        meta = {"slug": found.slug, "name": t.name(found.name)}
    elif found:
        problems[PLACE] = found
    return await ctx.open(FORM, Filled(meta=meta, values=values, problems=problems))


async def _located(ctx: Context, query: str) -> Location | str:
    """The location that is meant, or what is wrong with what was typed."""
    try:
        return await ctx.location(query)
    except AmbiguousError as error:
        return f"{error.total:,} locations match “{t.clean(query, 60)}”. Which one?"
    except NoMatchError as error:
        alike = " or ".join(f"“{t.name(one.name, 40)}”" for one in error.suggestions[:2])
        return f"No location matches “{t.clean(query, 60)}”.{f' Did you mean {alike}?' if alike else ''}"
