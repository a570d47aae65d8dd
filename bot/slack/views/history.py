"""What one sees of the past: a timeline, newest first."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import Box, Change, Location
from bot.services.history import Entry, Missing
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.asking import MOST_SECTION
from bot.slack.views.boxes import PER_PAGE, footing, paging

MOST_CHANGES = 4
_JOBS = {
    "speedtest": "Speed test",
    "upgrade": "Firmware upgrade",
    "upgrade_plan": "Planned firmware upgrade",
    "diagnose": "Diagnostic command",
}
_PARTS = {
    "voucher_new": "New vouchers",
    "voucher_on": "Vouchers switched on",
    "voucher_off": "Vouchers switched off",
    "code_on": "A voucher's code switched on",
    "code_off": "A voucher's code switched off",
    "network_on": "Network switched on",
    "network_off": "Network switched off",
    "network_edit": "Network changed",
    "network_share": "Wi-Fi details shared",
    "splash_on": "Login page switched on",
    "splash_off": "Login page switched off",
}
"""What is done to parts of a location; the part's name comes behind a colon."""
_OUTCOMES = {
    # CT's words for its jobs
    "NEW": "not sent to the box yet",
    "PENDING": "under way",
    "SUCCESS": "done",
    "FAIL": "failed",
    # the bot's own
    "intent": "sending",
    "accepted": "CT took it",
    "done": "done",
    "unknown": "how it ended is not known",
    "failed": "it did not work",
    "refused": "CT refused",
    "not_sent": "was not sent",
    "back": "it came back",
    "back_unproved": "it came back, without proof of a restart",
    "never_restarted": "it never restarted",
    "not_back": "it did not come back in time",
    "unwatched": "nobody could watch it",
    "undone": "ended by itself",
    "undo_failed": "could not be undone",
}
_FIELDS = {
    "description": "name",
    "location_name": "name",
    "location_address": "address",
    "ignored": "muted",
    "is_monitored": "monitored",
    "zone_id": "zone",
    "location_id": "location",
    "next_firmware": "next firmware",
}


def history(
    thing: Box | Location,
    entries: Sequence[Entry],
    *,
    missing: Sequence[Missing],
    complete: bool,
    page: int,
    now: float,
    again: str,
) -> Reply:
    """Ten entries a page. `again` is the command that shows this."""
    title = f"History of {t.bold(thing.name)}"
    newest = f"last: {_when(entries[0], now)}" if entries else "nothing is on record"
    first, last, pages = parts.pages(len(entries), page, PER_PAGE)
    blocks: list[Block] = [parts.section(f"{title} — {newest}")]
    blocks += [parts.section(_line(entry, now)) for entry in entries[first:last]]
    blocks += [parts.context(*(_gap(gone) for gone in missing))] if missing else []
    page = first // PER_PAGE + 1
    blocks.append(parts.context(footing(first, last, len(entries), now, complete)))
    look = f"{'box' if isinstance(thing, Box) else 'location'} {thing.slug}"
    buttons = [*paging(again, page, pages), parts.run(f"Look at {t.name(thing.name, 50)}", look, nth=3)]
    blocks.append(parts.actions(*buttons, parts.share(f"{again} page {page}")))
    return Reply(t.plain(f"{title} — {newest}"), blocks)


def _when(entry: Entry, now: float) -> str:
    return t.ago(now - entry.at) if entry.at else "at a time that CT does not say"


def _line(entry: Entry, now: float, *, brief: bool = False) -> str:
    """What, how it ended, why; then when and by whom. Changes that would not fit into a block are only counted."""
    what = f"*{_what(entry)}*" + (f": {t.esc(entry.detail, 60)}" if entry.detail else "")
    of = f"{':' if entry.kind in _PARTS else ' of'} {t.esc(entry.thing, 60)}" if entry.thing else ""
    outcome = f" — {_OUTCOMES.get(entry.outcome, t.esc(entry.outcome, 40))}" if entry.outcome else ""
    changes = t.count(len(entry.changes), "field") if brief else _changes(entry.changes)
    changed = f": {changes}" if entry.changes else ""
    because = f"\n“{t.esc(entry.reason, 200)}”" if entry.reason else ""
    at = f" ({t.day_and_time(entry.at)})" if entry.at else ""
    line = f"{what}{of}{outcome}{changed}{because}\n{_when(entry, now)}{at} · {_who(entry)}"
    return line if brief or len(line) <= MOST_SECTION else _line(entry, now, brief=True)


def _what(entry: Entry) -> str:
    if not entry.kind:
        return "Changed"
    kind = entry.kind.removeprefix("box_")
    return _PARTS.get(kind) or _JOBS.get(kind) or t.esc(kind.replace("_", " ").capitalize(), 40) or "Something"


def _who(entry: Entry) -> str:
    if entry.slack_user:
        return f"<@{t.esc(entry.slack_user, 30)}>, through me"
    return f"{t.esc(entry.who, 60)}, in CT" if entry.who else "CT does not say who"


def _changes(changes: Sequence[Change]) -> str:
    told = [_change(change) for change in changes[:MOST_CHANGES]]
    more = len(changes) - len(told)
    return "; ".join([*told, *([f"{more} more"] if more > 0 else [])])


def _change(change: Change) -> str:
    field = t.esc(_FIELDS.get(change.field, change.field.replace("_", " ")), 40)
    if change.hidden:
        return f"{field} (not shown)"
    return f"{field} from {_value(change.before)} to {_value(change.after)}"


def _value(value: str | None) -> str:
    return {"true": "yes", "false": "no", "": "nothing", None: "nothing"}.get(value) or f"“{t.esc(value or '', 60)}”"


def _gap(gone: Missing) -> str:
    why = "your role may not see them" if gone.refused else "CT did not answer"
    return f"Without {gone.what}: {why}."
