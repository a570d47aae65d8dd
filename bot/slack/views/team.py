"""What one sees of the people who may use CT at a location: names and roles, no addresses; for the asker alone."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import ROLES, Location, LocationUser
from bot.services.team import GIVEN, by_role, counts, named, not_yet
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.roles import role_word
from bot.slack.views import parts
from bot.slack.views.boxes import PER_PAGE, footing, paging

ONLY_YOU = "Only you can see this."


def team(place: Location, there: Sequence[LocationUser], *, page: int, now: float) -> Reply:
    """Ten people a page, by role."""
    number = counts(there)
    asked = f", {number['asked']:,} invited" if number["asked"] else ""
    title = f"{t.people(number['there'])} may use CT at {t.bold(place.name, 60)}{asked}"
    first, last, pages = parts.pages(len(there), page, PER_PAGE)
    blocks: list[Block] = [parts.section(title)]
    blocks += [_person(one, place, now) for one in by_role(there)[first:last]]
    blocks.append(parts.context(f"{ONLY_YOU} {footing(first, last, len(there), now, True)}"))
    again = f"team {place.slug}"
    page = first // PER_PAGE + 1
    buttons = [*paging(again, page, pages), parts.run("Refresh", f"{again} page {page}", nth=9)]
    blocks.append(parts.actions(*buttons, parts.run("Invite a Colleague…", f"invite to {place.slug}", nth=8)))
    return Reply(t.plain(title), blocks, private=True)


def _person(one: LocationUser, place: Location, now: float) -> Block:
    """Who has a name can be given another role from here."""
    choices = [
        (f"Make {ROLES[role]}…", f"team role {one.slug} in {place.slug} as {ROLES[role].casefold()}")
        for role in GIVEN
        if role != one.role_id
    ]
    fit = all(len(command) <= parts.MOST_OPTION_VALUE for _, command in choices)
    changeable = fit and named(one) and not one.is_owner
    return parts.section(_row(one, now), parts.menu(*choices) if changeable else None)


def _row(one: LocationUser, now: float) -> str:
    sign = "○" if not_yet(one) else "●"
    facts = ["Owner" if one.is_owner else t.esc(role_word(one.role_id), 40)]
    state = t.esc(one.state or ("invited" if not_yet(one) else ""), 30)
    if state and state != "active":
        when = f" {t.ago(now - one.created_at)}" if not_yet(one) and one.created_at else ""
        facts.append(f"{state}{when}")
    return f"{sign} {t.bold(named(one) or 'Not there yet', 60)} — {' · '.join(facts)}"
