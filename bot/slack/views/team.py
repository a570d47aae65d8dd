"""What one sees of the people who may use CT at a location: names and roles, no addresses; for the asker alone."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import Location, LocationUser
from bot.services.team import by_role, counts, not_yet
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.roles import role_word
from bot.slack.views import parts
from bot.slack.views.boxes import PER_PAGE, footing, paging

ONLY_YOU = "Only you can see this."


def called(one: LocationUser) -> str:
    """A name that is no e-mail address; CT has none for who was only asked."""
    return (one.username or ("" if "@" in one.slug else one.slug)).partition("@")[0] or "Not there yet"


def team(place: Location, there: Sequence[LocationUser], *, page: int, now: float) -> Reply:
    """Ten people a page, by role."""
    number = counts(there)
    asked = f", {number['asked']:,} invited" if number["asked"] else ""
    title = f"{t.people(number['there'])} may use CT at {t.bold(place.name, 60)}{asked}"
    first, last, pages = parts.pages(len(there), page, PER_PAGE)
    blocks: list[Block] = [parts.section(title)]
    blocks += [parts.section(_row(one, now)) for one in by_role(there)[first:last]]
    blocks.append(parts.context(f"{ONLY_YOU} {footing(first, last, len(there), now, True)}"))
    again = f"team {place.slug}"
    page = first // PER_PAGE + 1
    buttons = [*paging(again, page, pages), parts.run("Refresh", f"{again} page {page}", nth=9)]
    blocks.append(parts.actions(*buttons, parts.run("Invite a Colleague…", f"invite to {place.slug}", nth=8)))
    return Reply(t.plain(title), blocks, private=True)


def _row(one: LocationUser, now: float) -> str:
    sign = "○" if not_yet(one) else "●"
    facts = ["Owner" if one.is_owner else t.esc(role_word(one.role_id), 40)]
    if one.state and one.state != "active":
        facts.append(t.esc(one.state, 30))
    if not_yet(one) and one.created_at:
        facts.append(f"asked {t.ago(now - one.created_at)}")
    return f"{sign} {t.bold(called(one), 60)} — {' · '.join(facts)}"
