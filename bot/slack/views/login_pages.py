"""What one sees of login pages, which CT calls splash pages."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import Location, SplashPage
from bot.services.login_pages import Views
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.figures import BEFORE, WORDS, against
from bot.slack.views.report import views_chart

MOST = 20


def state(page: SplashPage) -> str:
    """On or off, and how guests get in."""
    on = "off" if page.active is False else "on"
    return f"{on} · guests log in by {page.access}" if page.access else on


def listed(
    pages: Sequence[SplashPage], *, place: Location, now: float, dashboard: str, views: Views | None = None
) -> Reply:
    """The login pages of a location, those that are off first; how often they were seen, all together."""
    where = t.esc(place.name, 60)
    off = sum(page.active is False for page in pages)
    title = f"{t.count(len(pages), 'login page')} at {where}" + (f", {off:,} off" if off else "")
    seen = _seen(views, len(pages)) if views else ""
    head = f"*{title}*" if pages else f"No login pages at {where} yet."
    blocks: list[Block] = [parts.section("\n".join(line for line in (head, seen) if line))]
    off_first = sorted(pages, key=lambda page: (page.active is not False, page.name.casefold()))
    blocks += [_row(page, place) for page in off_first[:MOST]]
    blocks += views_chart(place, views.now, views.span) if views else []
    more = f" · and {len(pages) - MOST:,} more in CT" if len(pages) > MOST else ""
    blocks.append(parts.context(f"as of {t.clock(now)}{more}"))
    open_ct = parts.open_page("Open in CT", parts.dashboard_page(dashboard, "locations", place.slug, "splash_pages"))
    numbers = parts.run("All Numbers", f"report {place.slug}", nth=2)
    blocks.append(parts.actions(parts.run("Refresh", f"splash {place.slug}", nth=1), numbers, open_ct))
    return Reply(t.plain(f"{title}. {seen}" if seen else title), blocks)


def _seen(views: Views, pages: int) -> str:
    """The key number; CT does not tell one page from another."""
    if views.now.total is None:
        return f"How often guests see them: {t.esc(views.now.why, 300)}"
    more = against(views.now.total, views.before.total, BEFORE[views.span.seconds])
    times = f"Seen *{round(views.now.total):,}* times in the {WORDS[views.span.seconds]}" + (
        f", {more}" if more else ""
    )
    return f"{times}. CT counts them all together." if pages > 1 else f"{times}."


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
