"""What one sees of boxes: a row, a list, one box at a glance."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.ct import Box, Heartbeat, Location
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts

PER_PAGE = 10
STRIP_CELLS = 24

_CONNECTION = {
    "9": "OK",
    "6": "OK",
    "9.1": "OK, but the clock could not be set (NTP failed)",
    "4": "web check failed",
    "1": "web check and DNS failed",
    "0": "cannot be reached",
}
_STATES = {"new": "never set up", "initializing": "being set up", "splash_only": "login page only"}


def state_word(state: str) -> str:
    """CT's word for a state, in ours where we know a better one; an unknown word is shown raw."""
    return t.esc(_STATES.get(state, state), 30) or "unknown"


def connection(code: str) -> str:
    """CT's code for how the box reaches the internet, in words; an unknown one is shown raw."""
    return _CONNECTION.get(code, t.esc(code, 20))


def mark(state: str) -> str:
    """A sign that goes with the state word, never without it."""
    return {"online": "●", "offline": "○", "splash_only": "◌"}.get(state, "◐")


def row(box: Box, now: float) -> str:
    """One box in a list: state word, name, last heard, people online."""
    facts = [state_word(box.state)]
    if box.state != "splash_only":
        facts.append(heard(box, now))
    if box.clients_online and box.state == "online":
        facts.append(t.people(box.clients_online))
    if box.ignored:
        facts.append("muted")
    return f"{mark(box.state)} {t.bold(box.name, 60)} — {' · '.join(facts)}"


def heard(box: Box, now: float) -> str:
    """When CT last heard of it."""
    return f"heard {t.ago(now - box.last_heartbeat)}" if box.last_heartbeat else "never heard of"


def box_list(
    boxes: Sequence[Box],
    *,
    place: Location | None,
    page: int,
    now: float,
    at: float,
    again: str,
    complete: bool,
) -> Reply:
    """Ten boxes a page, trouble first. `again` is the command that shows this list."""
    where = f"{t.esc(place.name, 60)}" if place else "all locations"
    down = sum(box.state == "offline" for box in boxes)
    title = f"{t.boxes(len(boxes))} at {where}"
    summary = (
        f"{title}: {down:,} offline" if down else f"{title}, none offline" if boxes else f"No boxes at {where} yet"
    )
    first, last, pages = parts.pages(len(boxes), page, PER_PAGE)
    blocks: list[Block] = [parts.section(f"*{summary}*")]
    for box in boxes[first:last]:
        line = row(box, now) + ("" if place or not box.location_name else f"\n{t.esc(box.location_name, 60)}")
        blocks.append(parts.section(line, parts.menu(*choices(box))))
    page = first // PER_PAGE + 1
    blocks.append(parts.context(footing(first, last, len(boxes), at, complete)))
    blocks.append(
        parts.actions(
            *paging(again, page, pages),
            parts.run("Refresh", f"{again} page {page}", nth=9),
            parts.share(f"{again} page {page}"),
        )
    )
    return Reply(t.unescaped(summary), blocks)


def paging(again: str, page: int, pages: int) -> list[ButtonElement]:
    """*Previous* and *Next* where there are such pages."""
    found = []
    if page > 1:
        found.append(parts.run("Previous", f"{again} page {page - 1}", nth=1))
    if page < pages:
        found.append(parts.run("Next", f"{again} page {page + 1}", nth=2))
    return found


def footing(first: int, last: int, total: int, at: float, complete: bool) -> str:
    """What part of a list this is, how old, and whether CT has more."""
    shown = f"{first + 1}–{last} of {total:,}" if total else "nothing to show"
    cut = "" if complete else " · only a part: CT has more than I read at once"
    return f"{shown} · as of {t.clock(at)}{cut}"


def choices(box: Box) -> list[tuple[str, str]]:
    """What the menu of a box's row leads to."""
    found = [("Look", f"box {box.slug}")]
    if box.is_cucumber is not False and box.state != "splash_only":
        found.append(("Reboot…", f"reboot {box.slug}"))
    return [*found, _muting(box)]


def _muting(box: Box) -> tuple[str, str]:
    return ("Unmute", f"unmute {box.slug}") if box.ignored else ("Mute for 2 Hours", f"mute {box.slug}")


def _changes(box: Box) -> list[tuple[str, str]]:
    """What the menu of a box's card leads to; each asks first where it can hurt."""
    found = [_muting(box)]
    if box.is_cucumber is not False and box.state != "splash_only":
        found.append(("Resync…", f"resync {box.slug}"))
    if box.reset_confirmation:
        found += [("Reset…", f"reset {box.slug}"), ("Cancel the Reset", f"reset cancel {box.slug}")]
    return [*found, ("Rename…", f"rename {box.slug}")]


def box_card(box: Box, heartbeats: Sequence[Heartbeat], *, now: float, dashboard: str) -> Reply:
    """One box at a glance, and what can be done with it."""
    headline = f"{t.bold(box.name)} — {state_word(box.state)}"
    where = t.esc(", ".join(part for part in (box.location_name, box.zone_name) if part) or "no location", 120)
    blocks: list[Block] = [
        parts.section(f"{mark(box.state)} {headline}\n{where}", parts.menu(*_changes(box))),
        parts.section(" · ".join(_facts(box, now))),
    ]
    if hint := _hint(box, now):
        cancel = parts.run("Cancel the Reset", f"reset cancel {box.slug}", nth=3)
        blocks.append(parts.section(hint, cancel if box.reset_confirmation else None))
    if strip := heartbeat_strip(heartbeats, now):
        blocks.append(parts.context(strip))
    blocks.append(
        parts.context(
            f"{t.esc(box.mac, 20)} · {t.esc(box.machine_type or 'unknown hardware', 40)} · as of {t.clock(now)}"
        )
    )
    buttons = []
    if box.is_cucumber is not False and box.state == "online":
        buttons.append(parts.run(f"Reboot {t.name(box.name, 60)}", f"reboot {box.slug}", nth=1))
    buttons.append(parts.run("Refresh", f"box {box.slug}", nth=2))
    if url := in_dashboard(box, dashboard):
        buttons.append(parts.open_page("Open in CT", url))
    blocks.append(parts.actions(*buttons, parts.share(f"box {box.slug}")))
    blocks.append(parts.actions(*more(box)))
    return Reply(f"{t.name(box.name)} is {t.unescaped(state_word(box.state))}", blocks)


def more(box: Box) -> list[ButtonElement]:
    """The other pages about a box, but the one that is being shown; a box without CT's firmware has only two."""
    managed = [("Health", "box health"), ("Radio", "box radio"), ("Firmware", "box firmware"), ("Logs", "logs")]
    pages = [("History", "history"), ("Usage", "usage")]
    shown = [*managed, *pages] if box.is_cucumber is not False else pages
    return [parts.run(label, f"{name} {box.slug}", nth=20 + nth) for nth, (label, name) in enumerate(shown)]


def _facts(box: Box, now: float) -> list[str]:
    found = [heard(box, now).capitalize()]
    if box.uptime_seconds is not None and box.state == "online":
        found.append(f"up {t.span(box.uptime_seconds)}")
    if box.clients_online is not None:
        found.append(t.people(box.clients_online))
    if box.wan_ip or box.public_ip:
        found.append(f"WAN {t.esc(box.wan_ip or box.public_ip or '', 45)}")
    if box.firmware_version:
        found.append(f"firmware {t.esc(box.firmware_version, 40)}")
    if box.connection_status:
        found.append(f"connection {connection(box.connection_status)}")
    if box.ignored:
        found.append("muted")
    return found


def _hint(box: Box, now: float) -> str | None:
    if box.last_heartbeat is None and box.state != "splash_only":
        return "It has never checked in: look at its MAC address and its internet line."
    if box.state == "offline" and box.last_heartbeat and now - box.last_heartbeat < 60:
        return (
            "It is alive but its command channel is cut off: a firewall may block port 8443. Reboots will not reach it."
        )
    if box.reset_confirmation:
        return "Somebody held its reset button: CT waits for that to be confirmed or cancelled."
    return None


def heartbeat_strip(beats: Sequence[Heartbeat], now: float) -> str | None:
    """The last 24 hours in one line: an hour a sign, and the gaps in words. None without an entry from that time."""
    opening = int(now - t.DAY)
    recent = [beat for beat in beats if opening < beat.at <= now]
    if not recent:
        return None
    if before := [beat for beat in beats if beat.at <= opening]:
        # Each entry holds until the next one (`ct-api.md` 3.13), so the last earlier one is how the day began.
        recent.insert(0, Heartbeat(at=opening, heard=before[-1].heard))
    gaps = [
        (a.at, b.at)
        for a, b in zip(recent, [*recent[1:], Heartbeat(at=int(now), heard=True)], strict=True)
        if not a.heard
    ]
    cells = []
    for cell in range(STRIP_CELLS):
        start = opening + cell * t.DAY / STRIP_CELLS
        end = start + t.DAY / STRIP_CELLS
        missing = sum(max(0.0, min(b, end) - max(a, start)) for a, b in gaps)
        cells.append("▇" if missing == 0 else "▄" if missing < (end - start) / 2 else "▁")
    told = f"{t.count(_runs(recent), 'gap')}, {t.span(sum(b - a for a, b in gaps))}" if gaps else "no gaps"
    return f"Last 24 h  {''.join(cells)}  {told}"


def _runs(beats: Sequence[Heartbeat]) -> int:
    previous = True
    found = 0
    for beat in beats:
        found += previous and not beat.heard
        previous = beat.heard
    return found


def in_dashboard(box: Box, dashboard: str) -> str | None:
    """The box's page in CT's dashboard, where it has one."""
    if not box.location_slug:
        return None
    return parts.dashboard_page(dashboard, "locations", box.location_slug, "devices", box.slug)
