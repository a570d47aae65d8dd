"""`/ct team role <person> [in <location>] [as <role>]`: give a colleague another role; one question first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.ct import ROLES, Location, LocationUser
from bot.services.act import Act
from bot.services.operation import Operation
from bot.services.targets import refuse
from bot.services.team import (
    GIVEN,
    ROLE,
    called,
    cannot_have,
    change_role,
    check_person,
    colleagues,
    look_for_role,
    named,
    person_facts,
)
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, compose, rest
from bot.slack.pickers import Choice, Picker
from bot.slack.places import located
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.roles import KNOWN, read_role, role_word
from bot.slack.views import parts


@dataclass(frozen=True)
class TeamRoleArgs:
    person: str | None = rest("colleague")
    location: str | None = after("in", "location")
    role: str | None = after("as", "role")


async def _choices(ctx: Context, scope: str) -> Sequence[Choice]:
    there = await ctx.ct(lambda ct: colleagues(ct, scope))
    return [Choice(one.slug, named(one), role_word(one.role_id)) for one in _changeable(there)]


COLLEAGUES = Picker("colleague", _choices)


def _changeable(there: Sequence[LocationUser]) -> list[LocationUser]:
    return [one for one in there if named(one) and not one.is_owner]


def _told(op: Operation) -> str:
    return f"{t.bold(op.before.name)} {role_word(op.params[ROLE])} at {t.bold(op.before.location_name or '')}"


def _going(op: Operation) -> str:
    if op.broke_at:
        return "I look whether CT shows the new role, and tell you. I will not send it again."
    return f"CT is making {_told(op)}. I tell you when it shows."


CHANGE = ActView(
    act=Act(kind="team_role", check=check_person, perform=change_role, follow=look_for_role),
    done=lambda op: f"You made {_told(op)}.",
    going=_going,
    announce=lambda op: f"made {_told(op)}",
    again=lambda op: f"team role {op.before.id} in {op.before.slug} as {role_word(op.params[ROLE])}",
    buttons=lambda op: [parts.run("Who Is There", f"team {op.before.slug}")],
)


@command(
    "team role",
    "Give a colleague another role at a location",
    group="Act",
    args=TeamRoleArgs,
    example="lee in harbour hotel as observer",
    details=f"Whether the role counts there alone, CT does not say. {KNOWN}",
)
async def team_role(ctx: Context, args: TeamRoleArgs) -> Reply:
    role = read_role(args.role) if args.role is not None else None
    place = await located(ctx, "team role", args)
    if isinstance(place, Reply):
        return place
    there = await ctx.ct(lambda ct: colleagues(ct, place.slug))
    hits = called(there, args.person) if args.person else _changeable(there)
    if not args.person or len(hits) != 1:
        return await _which(ctx, args, place, len(hits))
    person = hits[0]
    if role is None:
        return _which_role(person, place)
    refuse(cannot_have(person, role))
    title = f"Make {t.bold(named(person))} {role_word(role)} at {t.bold(place.name)}?"
    lines = [f"{role_word(person.role_id)} now. {KNOWN}"]
    return await ctx.ask(
        CHANGE, person_facts(place, person), title, lines, button=f"Make {ROLES[role]}", params={ROLE: role}
    )


async def _which(ctx: Context, args: TeamRoleArgs, place: Location, hits: int) -> Reply:
    where = t.clean(place.name, 60)
    lead = f"Whose role at {where}?"
    if args.person:
        many = f"{hits:,} people at {where} match" if hits else f"Nobody at {where} matches"
        lead = f"{many} “{t.clean(args.person, 60)}”. Who is meant?"
    template = compose("team role", replace(args, location=place.slug), person="{}")
    return await ctx.pick(COLLEAGUES, lead, template=template, scope=place.slug)


def _which_role(person: LocationUser, place: Location) -> Reply:
    line = f"{t.bold(named(person))} is {t.esc(role_word(person.role_id), 40)} at {t.bold(place.name)}. Which role?"
    if person.is_owner:
        line = f"{t.bold(named(person))} is the owner of {t.bold(place.name)}, and stays it."
    buttons = [
        parts.run(f"{ROLES[role]}…", f"team role {person.slug} in {place.slug} as {ROLES[role].casefold()}", nth=nth)
        for nth, role in enumerate(GIVEN)
        if role != person.role_id and not person.is_owner
    ]
    blocks = [parts.section(line), *([parts.actions(*buttons)] if buttons else [])]
    return Reply(t.plain(line), blocks, private=True)
