"""What one sees of locations: the whole account, a list, one location at a glance."""

from collections import Counter
from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import Box, Location, Overview
from bot.services.venues import Health, Trouble, Venue, Venues
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.boxes import PER_PAGE, choices, footing, mark, paging, row, state_word

MOST_TROUBLES = 10
MOST_STATES = 6


def counts(overview: Overview) -> str:
    """`412 boxes: 405 online, 5 offline, 2 rebooting`."""
    order = sorted(overview.boxes.items(), key=lambda kv: ({"online": 0, "offline": 1}.get(kv[0], 2), -kv[1]))
    found = [f"{number:,} {state_word(state)}" for state, number in order[:MOST_STATES] if number]
    if others := sum(number for _, number in order[MOST_STATES:]):
        found.append(f"{others:,} in other states")
    states = ", ".join(found)
    total = overview.total if overview.total is not None else sum(overview.boxes.values())
    return f"{t.boxes(total)}: {states}" if states else t.boxes(total)


def status(health: Health, now: float) -> Reply:
    """Everything on one screen: counts, then the locations with boxes offline."""
    overview = health.overview
    head = [t.count(overview.locations, "location")] if overview.locations is not None else []
    head.append(counts(overview))
    if overview.people_online is not None:
        head.append(f"{t.people(overview.people_online)} online")
    blocks: list[Block] = [parts.section(" · ".join(head))]
    for trouble in health.troubles[:MOST_TROUBLES]:
        look = parts.run("Look", f"boxes {trouble.slug}") if trouble.slug else None
        blocks.append(parts.section(_trouble(trouble, now), look))
    if not health.troubles:
        blocks.append(parts.section("Nothing is down."))
    hidden = len(health.troubles) - MOST_TROUBLES
    more = f" · and {t.count(hidden, 'more location')} with boxes offline: /ct boxes" if hidden > 0 else ""
    cut = "" if health.complete else " · the offline list is cut: CT has more"
    blocks.append(parts.context(f"as of {t.clock(now)}{more}{cut}"))
    blocks.append(parts.actions(parts.run("Refresh", "status", nth=1), parts.share("status")))
    return Reply(t.unescaped(" · ".join(head)), blocks)


def _trouble(trouble: Trouble, now: float) -> str:
    of = f"{trouble.offline:,} of {t.boxes(trouble.boxes)}" if trouble.boxes else t.boxes(trouble.offline)
    since = f" (longest {t.span(now - trouble.since)})" if trouble.since else " (never heard of)"
    return f"{mark('offline')} {t.bold(trouble.name, 60)} — {of} offline{since}"


def location_list(
    venues: Venues, *, search: str | None, page: int, now: float, again: str, noun: str = "location"
) -> Reply:
    """Ten locations a page, trouble first."""
    what = f"{t.count(len(venues.locations), noun)}" + (f" matching “{t.esc(search, 60)}”" if search else "")
    first, last, pages = parts.pages(len(venues.locations), page, PER_PAGE)
    blocks: list[Block] = [
        parts.section(f"*{what}*" if venues.locations else f"No location matches “{t.esc(search or '', 60)}”.")
    ]
    blocks += [
        parts.section(
            _row(place, venues.offline.get(place.slug, 0)), parts.run("Look", f"location {place.slug}", nth=nth)
        )
        for nth, place in enumerate(venues.locations[first:last])
    ]
    page = first // PER_PAGE + 1
    blocks.append(parts.context(footing(first, last, len(venues.locations), now, venues.complete)))
    if venues.locations:
        blocks.append(parts.actions(*paging(again, page, pages), parts.share(f"{again} page {page}")))
    return Reply(t.unescaped(what), blocks)


def _row(place: Location, offline: int) -> str:
    facts = []
    if place.archived:
        facts.append("archived")
    if place.is_favourite:
        facts.append("favourite")
    if place.boxes_count is not None:
        facts.append(f"{offline} of {t.boxes(place.boxes_count)} offline" if offline else t.boxes(place.boxes_count))
    elif offline:
        facts.append(f"{t.boxes(offline)} offline")
    if place.clients_online:
        facts.append(f"{t.people(place.clients_online)} online")
    address = t.esc(", ".join(part for part in (place.address, place.town) if part), 100)
    sign = mark("offline") if offline else "◌" if place.archived else mark("online")
    return f"{sign} {t.bold(place.name, 60)} — {' · '.join(facts) or 'no boxes yet'}" + (
        f"\n{address}" if address else ""
    )


def _changes(place: Location) -> list[tuple[str, str]]:
    """What the menu of a location's card leads to; archiving asks first."""
    favourite = ("Not a Favourite", "unfavourite") if place.is_favourite else ("Make It a Favourite", "favourite")
    opened = ("Unarchive…", "location unarchive") if place.archived else ("Archive…", "location archive")
    found = (("Edit…", "location edit"), ("Add a Box…", "box add"), favourite, opened)
    return [(label, f"{name} {place.slug}") for label, name in found]


def box_counts(boxes: Sequence[Box]) -> str:
    """`40 boxes: 37 online, 3 offline`."""
    states = Counter(box.state for box in boxes)
    return counts(Overview(boxes=dict(states), total=len(boxes))) if boxes else "no boxes yet"


def location_card(venue: Venue, *, now: float, dashboard: str) -> Reply:
    """One location at a glance: its people, its boxes, trouble first."""
    place = venue.location
    head = f"{t.bold(place.name)}{' — archived: guests cannot log in' if place.archived else ''}"
    address = t.esc(", ".join(p for p in (place.address, place.town, place.postcode, place.country) if p), 160)
    people = f"{t.people(place.clients_online)} online" if place.clients_online is not None else ""
    facts = " · ".join(part for part in (box_counts(venue.boxes), people) if part)
    story = "\n".join(line for line in (head, address, facts) if line)
    blocks: list[Block] = [parts.section(story, parts.menu(*_changes(place)))]
    blocks += [
        parts.section(row(box, now), parts.menu(*choices(box)))
        for box in venue.boxes
        if box.state not in {"online", "splash_only"}
    ][:PER_PAGE]
    blocks.append(parts.context(f"as of {t.clock(now)}"))
    blocks.append(
        parts.actions(
            parts.run("All Its Boxes", f"boxes {place.slug}", nth=1),
            parts.run("Its Numbers", f"report {place.slug}", nth=2),
            parts.open_page("Open in CT", parts.dashboard_page(dashboard, "locations", place.slug)),
            parts.share(f"location {place.slug}"),
        )
    )
    return Reply(t.unescaped(f"{t.esc(place.name) or '–'}: {facts}"), blocks)
