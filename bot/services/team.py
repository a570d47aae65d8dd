"""Who may use CT at a location; one more asked to it, at most once, and known again without keeping their address."""

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence

from bot.ct import (
    CTAuthError,
    CTError,
    CTForbiddenError,
    CTNotFoundError,
    CTUser,
    Location,
    LocationUser,
)
from bot.services import names
from bot.services.act import Step
from bot.services.operation import Ending, Facts, Operation
from bot.services.targets import NotNowError
from bot.services.trouble import NothingSentError
from bot.services.unkept import without

EMAIL, ROLE = "email", "role_id"
GIVEN = (110, 120, 130, 140)
"""Roles that can be given (`ct-api.md` 3.1). Nobody becomes the owner by an invitation."""
LOOK_AGAIN, PATIENCE = 3.0, 60.0
NOT_LISTED = "CT does not list that person there so far. It may list people only once they have come: look again later."
NOT_CHANGED = "CT still shows the role as it was before. Look again later."
HIDDEN = "CT does not show you who is there."
_MOST_PAGES, _PER, _FEWEST = 5, 100, 15


async def colleagues(ct: CTUser, loc: str) -> list[LocationUser]:
    """All of them, the first five hundred at most; CT counts no pages here, so a short or known one is the last."""
    found: dict[tuple[str, str | None], LocationUser] = {}
    for page in range(1, _MOST_PAGES + 1):
        rows = await ct.locations.users(loc, page=page, per=_PER)
        before = len(found)
        found.update({(row.slug, row.email): row for row in rows})
        if len(rows) < _FEWEST or len(found) == before:
            break
    return list(found.values())


async def colleagues_shown(ct: CTUser, loc: str) -> list[LocationUser]:
    """The same; nobody where CT does not let this person see who is there."""
    try:
        return await colleagues(ct, loc)
    except CTForbiddenError:
        return []


def with_address(there: Sequence[LocationUser], email: str) -> LocationUser | None:
    """Who has this address."""
    return next((one for one in there if one.email and _folded(one.email) == _folded(email)), None)


def mark_for(email: str, there: Sequence[LocationUser]) -> dict[str, str]:
    """What an invitation keeps in place of the address: nobody who is there has the same."""
    others = [one.email for one in there if one.email and _folded(one.email) != _folded(email)]
    while True:
        salt = secrets.token_hex(8)
        mark = _mark(email, salt)
        if all(_mark(other, salt) != mark for other in others):
            return {"salt": salt, "mark": mark}


def _mark(email: str, salt: str) -> str:
    """16 bits: they tell one new colleague from another, and fit far too many addresses to give one away."""
    return hashlib.blake2b(_folded(email).encode(), key=salt.encode(), digest_size=2).hexdigest()


def _folded(email: str) -> str:
    return email.strip().casefold()


async def send_invitation(ct: CTUser, op: Operation) -> None:
    """The one POST; the address is never written down."""
    email = op.params[EMAIL]
    await without(email, ct.invites.create(op.before.slug, email, op.params[ROLE]))


async def look_for_invited(ct: CTUser, op: Operation) -> Step:
    """CT invites after it has answered: is somebody there whom the mark fits?"""
    try:
        there = await colleagues(ct, op.before.slug)
    except (CTForbiddenError, CTNotFoundError):
        return Step(ending=Ending.UNKNOWN, messages=(HIDDEN,))
    for one in there:
        if one.email and _mark(one.email, op.params["salt"]) == op.params["mark"]:
            return Step(params={"state": one.state or ""})
    if time.time() - (op.sent_at or op.asked_at) < PATIENCE:
        return Step(again=LOOK_AGAIN)
    return Step(ending=Ending.UNKNOWN, messages=(NOT_LISTED,))


# --- another role ---------------------------------------------------------------------------------


def named(one: LocationUser) -> str:
    """A name that is no e-mail address; "" for who was only asked and has none yet."""
    return (one.username or ("" if "@" in one.slug else one.slug)).partition("@")[0]


def called(there: Sequence[LocationUser], query: str) -> list[LocationUser]:
    """Those who are meant by CT's id of a person, or by a name or a part of it."""
    known = [names.named(one, keys=(one.slug, one.username), name=named(one)) for one in there if named(one)]
    return names.exact(known, query) or names.containing(known, query)


def person_facts(place: Location, one: LocationUser) -> Facts:
    """A colleague as what is changed, by CT's id; records find them by the location."""
    return Facts(id=one.slug, slug=place.slug, name=named(one), location_name=place.name, location_slug=place.slug)


async def _person(ct: CTUser, op: Operation) -> LocationUser:
    found = next((one for one in await colleagues(ct, op.before.slug) if one.slug == op.before.id), None)
    if found is None or not found.email:
        raise NotNowError(f"CT does not list {op.before.name} there any more.")
    return found


def cannot_have(one: LocationUser, role_id: int) -> str | None:
    """Why this person does not get that role, or None."""
    if one.is_owner:
        return f"{named(one)} is the owner, and stays it."
    return f"{named(one)} has that role already." if one.role_id == role_id else None


async def check_person(ct: CTUser, op: Operation) -> None:
    """Raises NotNowError when they are gone, are the owner now, or have the role already."""
    if why := cannot_have(await _person(ct, op), op.params[ROLE]):
        raise NotNowError(why)


async def change_role(ct: CTUser, op: Operation) -> None:
    """The one PATCH. CT knows people by their address: it is read again here, and written nowhere."""
    try:
        email = (await _person(ct, op)).email or ""
    except CTAuthError:
        raise
    except (CTError, NotNowError) as error:
        raise NothingSentError("I could not read from CT whom it is about, so I sent nothing.") from error
    await without(email, ct.invites.change(op.before.slug, email, op.params[ROLE]))


async def look_for_role(ct: CTUser, op: Operation) -> Step:
    """CT changes it after it has answered."""
    try:
        there = await colleagues(ct, op.before.slug)
    except (CTForbiddenError, CTNotFoundError):
        return Step(ending=Ending.UNKNOWN, messages=(HIDDEN,))
    if any(one.slug == op.before.id and one.role_id == op.params[ROLE] for one in there):
        return Step()
    if time.time() - (op.sent_at or op.asked_at) < PATIENCE:
        return Step(again=LOOK_AGAIN)
    return Step(ending=Ending.UNKNOWN, messages=(NOT_CHANGED,))


# --- the list -------------------------------------------------------------------------------------


def by_role(there: Sequence[LocationUser]) -> list[LocationUser]:
    """The owner first, those who have not come yet last."""
    return sorted(there, key=lambda one: (not_yet(one), not one.is_owner, one.role_id or 999, one.slug.casefold()))


def not_yet(one: LocationUser) -> bool:
    """Were they only asked? CT's word for it is inferred; who has no name there yet was."""
    return one.state == "invited" or (one.username is None and "@" in one.slug)


def counts(there: Sequence[LocationUser]) -> Mapping[str, int]:
    """How many are there, and how many were asked."""
    asked = sum(not_yet(one) for one in there)
    return {"there": len(there) - asked, "asked": asked}
