"""What one sees of login pages, which CT calls splash pages."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import Location, SplashPage
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts

MOST = 20


def state(page: SplashPage) -> str:
    """On or off, and how guests get in."""
    on = "off" if page.active is False else "on"
    return f"{on} · guests log in by {page.access}" if page.access else on


def listed(pages: Sequence[SplashPage], *, place: Location, now: float, dashboard: str) -> Reply:
    """The login pages of a location, those that are off first."""
    where = t.esc(place.name, 60)
    off = sum(page.active is False for page in pages)
    title = f"{t.count(len(pages), 'login page')} at {where}" + (f", {off:,} off" if off else "")
    blocks: list[Block] = [parts.section(f"*{title}*" if pages else f"No login pages at {where} yet.")]
    off_first = sorted(pages, key=lambda page: (page.active is not False, page.name.casefold()))
    blocks += [_row(page, place) for page in off_first[:MOST]]
    more = f" · and {len(pages) - MOST:,} more in CT" if len(pages) > MOST else ""
    blocks.append(parts.context(f"as of {t.clock(now)}{more}"))
    open_ct = parts.open_page("Open in CT", parts.dashboard_page(dashboard, "locations", place.slug, "splash_pages"))
    blocks.append(parts.actions(parts.run("Refresh", f"splash {place.slug}", nth=1), open_ct))
    return Reply(t.unescaped(title), blocks)


def _row(page: SplashPage, place: Location) -> Block:
    sign = "○" if page.active is False else "●"
    where = f"{page.id} in {place.slug}"
    choice = ("Switch On", f"splash on {where}") if page.active is False else ("Switch Off…", f"splash off {where}")
    return parts.section(f"{sign} {t.bold(page.name, 60)} — {t.esc(state(page), 80)}", parts.menu(choice))


def off_lines(page: SplashPage, others: int) -> list[str]:
    """What switching a login page off does to whom."""
    rest = (
        f"{t.count(others, 'other login page is', 'other login pages are')} on at this location."
        if others
        else "It is the only one that is on here: nobody new gets in."
    )
    how = f" They log in by {t.esc(page.access, 40)}." if page.access else ""
    return [f"Guests do not see it any more, so nobody can log in by it.{how} {rest}", "It can be switched on again."]
