"""CT's roles as people type and read them (`ct-api.md` 3.1)."""

from bot.ct import ROLES
from bot.errors import UsageError
from bot.services.team import GIVEN
from bot.slack import text as t

KNOWN = (
    "CT does not publish what each role may do. Its order is "
    f"{', '.join(ROLES[role] for role in GIVEN)}, and an Observer is meant to look only."
)
_SHORT = {"admin": 110, "support": 130}
_WORDS = {ROLES[role].casefold(): role for role in GIVEN} | _SHORT


def read_role(typed: str) -> int:
    """CT's number of a role that can be given. Raises UsageError for any other word."""
    word = typed.strip().casefold().removeprefix("an ").removeprefix("a ")
    if word == "owner":
        raise UsageError("I invite nobody as Owner: choose another role, or do that in CT's dashboard.")
    if word not in _WORDS:
        listed = ", ".join(ROLES[role] for role in GIVEN)
        raise UsageError(f"I don't know the role “{t.clean(typed, 40)}”. There are {listed}.")
    return _WORDS[word]


def role_word(role_id: int | None) -> str:
    """CT's word; its number for a role that we do not know."""
    return ROLES.get(role_id or 0) or (f"role {role_id}" if role_id is not None else "no role that CT tells")
