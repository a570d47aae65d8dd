"""What one sees of QuickCodes: the one password that everybody at a login page shares for a while."""

import json
from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import Location, Page, SplashCode, SplashPage
from bot.slack import text as t
from bot.slack.forms import Filled, choice_field, number_field, text_field
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.boxes import paging

PER_PAGE = 10
PERIODS = {"daily": "Anew every day", "all": "Once"}
_MOST_PAGES = 20


def works(code: SplashCode) -> bool:
    """As far as CT tells."""
    return code.valid is True


def standing(code: SplashCode, now: float) -> str:
    """Does it work, and until when; no markup but Slack's dates."""
    if code.active is False:
        return "switched off"
    if code.started is False and code.starts_at:
        return f"works from {t.day_and_time(code.starts_at)}"
    if works(code):
        return f"works until {t.day_and_time(code.expires_at)}" if code.expires_at else "works now"
    over = code.expires_at is not None and code.expires_at <= now
    return f"was over {t.ago(now - (code.expires_at or now))}" if over else "does not work now"


def listed(found: Page[SplashCode], *, place: Location, now: float) -> Reply:
    """Ten a page, as CT orders them; with their passwords, so never shared."""
    where = t.bold(place.name, 60)
    number = t.count(found.total_entries, "shared password")
    head = f"{number} at {where}" if found.items else f"{where} has no shared passwords."
    blocks: list[Block] = [parts.section(head)]
    blocks += [_row(code, place, now) for code in found.items]
    blocks.append(parts.context(f"Only you see this · as of {t.clock(now)}"))
    more = paging(f"quickcode {place.slug}", found.current_page, found.total_pages)
    blocks.append(parts.actions(*more, parts.run("New Password", f"quickcode new {place.slug}", nth=7)))
    return Reply(t.plain(head), blocks, private=True)


def _row(code: SplashCode, place: Location, now: float) -> Block:
    sign = "●" if works(code) else "○"
    shown = t.bold(code.password, 40) if code.password else "A password that CT does not show"
    about = [standing(code, now), t.esc(code.splash_name or "", 60)]
    about.append(f"made by {t.esc(code.created_by, 40)}" if code.created_by else "")
    text = f"{sign} {shown} — {' · '.join(part for part in about if part)}"
    return parts.section(text, parts.menu(("Delete…", f"quickcode delete {code.id} in {place.slug}")))


def delete_lines(code: SplashCode, place: Location, now: float) -> Sequence[str]:
    """What deleting does to whom."""
    hurt = "Nobody can log in with it any more" if works(code) else f"It {standing(code, now)}"
    return [
        f"{t.bold(place.name, 60)}, login page {t.bold(code.splash_name or 'that CT does not name', 60)}.",
        f"{hurt}. Whether guests who are online with it are logged out, CT does not say.",
        "It cannot be brought back; a new one can be made.",
    ]


def no_page(place: Location) -> Reply:
    """A location whose login pages all ask for something else."""
    lead = f"{t.bold(place.name, 60)} has no login page that takes a shared password."
    advice = "Give one the access type QuickCode in CT's dashboard first. Vouchers need no such page."
    buttons = parts.actions(parts.run("Vouchers", f"vouchers {place.slug}"))
    return Reply(t.plain(lead), [parts.section(f"{lead}\n{advice}"), buttons], private=True)


def fitting(pages: Sequence[SplashPage]) -> list[SplashPage]:
    """Those of the QuickCode access type; all, where CT does not tell the types."""
    on = [page for page in pages if page.active is not False]
    if any(page.access for page in on):
        on = [page for page in on if page.access and "quick" in page.access.casefold()]
    return on[:_MOST_PAGES]


def packed(pages: Sequence[SplashPage]) -> str:
    """The login pages, as a form carries them."""
    return json.dumps([[page.id, t.name(page.name, 50)] for page in pages])


def fields(filled: Filled) -> Sequence[Block]:
    """The form of a new one."""
    pages = [(str(id_), str(name)) for id_, name in json.loads(filled.meta.get("pages", "[]"))]
    return [
        choice_field("splash_page_id", "Login page", filled, pages),
        text_field("password", "Password", filled, longest=20, shortest=3, hint="3 to 20 characters; guests type it"),
        text_field("expires", "Works for", filled, longest=30, hint="From now on: 8 h, 1 day, 2 weeks"),
        text_field("volume", "Each guest gets", filled, longest=30, hint="10 min to 30 days"),
        choice_field("period", "How often", filled, list(PERIODS.items())),
        number_field("simultaneous_use", "Devices at a time", filled, low=1, high=100),
    ]
