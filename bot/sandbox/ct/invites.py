"""Colleagues of a location: asked, listed, given another role (ct-api.md 3.1). CT carries it out a while afterwards."""

import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import body_json, forbidden, not_found
from bot.sandbox.ct.bearer import protected
from bot.sandbox.ct.forms import INVALID, TAKEN, Form, nested, refused_field
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.locations import find_location
from bot.sandbox.ct.outcomes import create
from bot.sandbox.ct.paging import Page
from bot.sandbox.ct.people import ADMINISTRATOR, EDITOR, OBSERVER, OWNER, SUPPORTER, Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.shelves import Kind

GIVEN = (ADMINISTRATOR, EDITOR, SUPPORTER, OBSERVER)  # roles that an invitation may give
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


@dataclass
class Invited:
    """Somebody who was asked and has not come yet."""

    email: str
    role_id: int
    created_at: int
    shows_at: float

    def as_json(self) -> dict[str, Any]:
        """CT knows no name of theirs yet."""
        return {
            "email": self.email,
            "username": None,
            "slug": None,
            "role_id": self.role_id,
            "primary": False,
            "state": "invited",
            "created_at": self.created_at,
        }


@dataclass
class NewRole:
    """A role that somebody is about to have."""

    email: str
    role_id: int
    at: float


INVITED = Kind("invited", Invited, lambda *_: [])
NEW_ROLES = Kind("new roles", NewRole, lambda *_: [])


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/locations/{location}/users", protected(practice, location_users), methods=["GET"]),
        Route("/invites", protected(practice, invite), methods=["POST"]),
        Route("/invites", protected(practice, change_role), methods=["PATCH"]),
    ]


async def location_users(practice: Practice, request: Request, person: Person) -> Response:
    """A bare array, one page of it."""
    place = find_location(practice, request, person)
    _carry_out(practice, place)
    shown = [one for one in practice.at(INVITED, place) if one.shows_at <= practice.clock()]
    rows = [_json(one) for one in _members(practice, place)]
    if practice.switches.invites == "listed":
        rows += [one.as_json() for one in shown]
    return JSONResponse(Page(rows, request, practice.switches).rows)


def _members(practice: Practice, place: Location) -> list[Person]:
    return [one for one in practice.world.people if one.account_id == place.account_id]


def _everybody(practice: Practice, place: Location) -> list[Person | Invited]:
    return [*_members(practice, place), *practice.at(INVITED, place)]


def _json(person: Person) -> dict[str, Any]:
    return {
        "email": person.email,
        "username": person.username,
        "slug": person.slug,
        "role_id": person.role_id,
        "primary": person.role_id == OWNER,
        "state": "active",
        "created_at": person.created_at,
    }


def _place(practice: Practice, person: Person, key: Any) -> Location:
    """By slug or numeric id, to those who may invite."""
    place = practice.world.location_of(person, str(key)) if isinstance(key, str | int) else None
    if place is None:
        raise not_found()
    if person.role_id not in (OWNER, ADMINISTRATOR):
        raise forbidden()
    return place


async def invite(practice: Practice, request: Request, person: Person) -> Response:
    """`{location_id, invite: {email, role_id}}`; the body of the answer is inferred."""
    place = _place(practice, person, (await body_json(request)).get("location_id"))
    form = Form(practice, await nested(practice, request, "invite"))
    form.text("email", 1, 255, required=True)
    form.whole("role_id", ADMINISTRATOR, OBSERVER, required=True)
    email = form.values.get("email", "")
    if email and not ADDRESS.fullmatch(email):
        form.fail("email", INVALID)
    if email.casefold() in (one.email.casefold() for one in _everybody(practice, place)):
        form.fail("email", TAKEN)
    values = form.done()
    if values["role_id"] not in GIVEN:
        raise refused_field(practice, "role_id", INVALID)

    def make() -> dict[str, Any]:
        now = practice.clock()
        if practice.switches.invites != "fail":
            row = Invited(email, values["role_id"], int(now), now + practice.switches.invite_seconds)
            practice.at(INVITED, place).append(row)
            practice.touched(INVITED, place)
        return {}

    return create(practice, request, "invite", make)


async def change_role(practice: Practice, request: Request, person: Person) -> Response:
    """`{location_id, email, role_id}`; an owner stays one."""
    body = await body_json(request)
    place = _place(practice, person, body.get("location_id"))
    email = str(body.get("email") or "").casefold()
    known = {one.email.casefold(): one.role_id for one in _everybody(practice, place)}
    if email not in known:
        raise not_found()
    if body.get("role_id") not in GIVEN or known[email] == OWNER:
        raise refused_field(practice, "role_id", INVALID)
    if practice.switches.invites != "fail":
        due = practice.clock() + practice.switches.invite_seconds
        practice.at(NEW_ROLES, place).append(NewRole(email, body["role_id"], due))
        practice.touched(NEW_ROLES, place)
    return JSONResponse({})


def _carry_out(practice: Practice, place: Location) -> None:
    """Roles whose time has come. A person of the account has one role at all of its locations (inferred)."""
    waiting, now = practice.at(NEW_ROLES, place), practice.clock()
    due = [one for one in waiting if one.at <= now]
    for change in due:
        for one in _everybody(practice, place):
            if one.email.casefold() == change.email:
                one.role_id = change.role_id
        waiting.remove(change)
    if due:
        practice.touched(NEW_ROLES, place)
        practice.touched(INVITED, place)
