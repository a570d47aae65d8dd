"""What one sees of vouchers: the batches of a location, one batch, the question before one is made."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.ct import Listing, Location, Voucher, VoucherForm
from bot.services.vouchers import LINK_SECONDS, Batch, trouble_first
from bot.slack import text as t
from bot.slack import voucher_words as words
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.boxes import PER_PAGE, footing, paging

_MOST_URL = 3_000


def state(voucher: Voucher) -> str:
    """Off before anything else: then no code works."""
    if not voucher.is_active:
        return "switched off"
    return "on" if voucher.completed else "being made"


def facts(voucher: Voucher, now: float) -> str:
    """`50 codes · 1 day each · made 12 days ago`; no markup."""
    found = [] if voucher.is_active and voucher.completed else [state(voucher)]
    if voucher.quantity is not None:
        found.append(t.count(voucher.quantity, "code"))
    found.append(f"{words.grants(voucher.rules)} each")
    if voucher.created_at:
        found.append(f"made {t.ago(now - voucher.created_at)}")
    return " · ".join(found)


def no_batches(place: Location) -> Reply:
    """A location without vouchers, and the way to some."""
    text = f"{t.bold(place.name, 60)} has no vouchers yet."
    return Reply(t.plain(text), [parts.section(text), parts.actions(_make(place))])


def _make(place: Location, *, style: str | None = None) -> ButtonElement:
    return parts.run("Make New Codes", f"voucher new {place.slug}", nth=7, style=style)


def batch_list(listing: Listing[Voucher], *, place: Location, page: int, now: float, again: str) -> Reply:
    """Ten batches a page: those being made and those that are off first, then the newest."""
    vouchers = trouble_first(listing.items)
    off = sum(not one.is_active for one in vouchers)
    number = t.count(listing.total, "batch", "batches")
    title = f"{number} of vouchers at {t.esc(place.name, 60)}" + (f", {off:,} switched off" if off else "")
    first, last, pages = parts.pages(len(vouchers), page, PER_PAGE)
    blocks: list[Block] = [parts.section(f"*{title}*")]
    blocks += [_row(one, place, now) for one in vouchers[first:last]]
    blocks.append(parts.context(footing(first, last, len(vouchers), now, listing.complete)))
    buttons = [*paging(again, first // PER_PAGE + 1, pages), _make(place)]
    blocks.append(parts.actions(*buttons))
    return Reply(t.unescaped(title), blocks, private=True)


def _row(voucher: Voucher, place: Location, now: float) -> Block:
    sign = "○" if not voucher.is_active else "●" if voucher.completed else "◐"
    where = f"{voucher.id} in {place.slug}"
    choices = [("Look", f"voucher {where}"), ("Send Me the Codes", f"voucher codes {where}")]
    if voucher.is_active:
        choices += [("Hand One Over…", f"hand over {where}"), ("Switch Off…", f"voucher off {where}")]
    else:
        choices.append(("Switch On", f"voucher on {where}"))
    return parts.section(f"{sign} {t.bold(voucher.name, 60)} — {t.esc(facts(voucher, now), 120)}", parts.menu(*choices))


def batch_card(batch: Batch, *, place: Location, given: int, now: float) -> Reply:
    """One batch: how many codes are left, what each gives, and what can be done with it."""
    voucher = batch.voucher
    head = f"{t.bold(voucher.name)} — {state(voucher)}. {t.esc(place.name, 60)}"
    made = batch.used + batch.unused
    total = t.count(voucher.quantity if voucher.quantity is not None else made, "code")
    handed = f", {given:,} handed over from Slack" if given else ""
    left = f"{total}: {batch.unused:,} unused, {batch.used:,} used{handed}"
    if not voucher.completed:
        left = f"{total}: CT has made {made:,} so far"
    each = f"Each gives {words.grants(voucher.rules)}" + (f", {use}" if (use := words.use(voucher.rules)) else "")
    about = t.esc(voucher.description or "", 300)
    blocks: list[Block] = parts.paragraphs("\n".join(line for line in (head, left, each, about) if line))
    blocks.append(parts.context(_age(voucher, now)))
    blocks.append(parts.actions(*_buttons(voucher, place), *links(voucher, now)))
    return Reply(t.plain(f"{head} {left}"), blocks, private=True)


def _age(voucher: Voucher, now: float) -> str:
    made = f"Made {t.ago(now - voucher.created_at)}. " if voucher.created_at else ""
    if not (voucher.pdf_link or voucher.csv_link):
        return f"{made}CT gives no files of it{'' if voucher.completed else ' yet'}."
    if links(voucher, now):
        ends = f" until {t.day_and_time(voucher.created_at + LINK_SECONDS)}" if voucher.created_at else " for 30 days"
        return f"{made}CT's files open without a password{ends}: pass their addresses on with care."
    return f"{made}CT's files were there for 30 days; I can still send you the codes."


def links(voucher: Voucher, now: float) -> list[ButtonElement]:
    """CT's own files, as long as they are there (`ct-api.md` 3.6)."""
    if voucher.created_at and now > voucher.created_at + LINK_SECONDS:
        return []
    files = (("CT's PDF", voucher.pdf_link), ("CT's CSV", voucher.csv_link))
    return [
        parts.open_page(label, link, nth=nth)
        for nth, (label, link) in enumerate(files)
        if link and len(link) <= _MOST_URL
    ]


def _buttons(voucher: Voucher, place: Location) -> list[ButtonElement]:
    where = f"{voucher.id} in {place.slug}"
    found = [parts.run("Send Me the Codes", f"voucher codes {where}", nth=1)]
    if voucher.is_active:
        found.append(parts.run("Hand One Over…", f"hand over {where}", nth=2))
        found.append(parts.run("Switch Off…", f"voucher off {where}", nth=3))
    else:
        found.append(parts.run("Switch On", f"voucher on {where}", nth=3))
    return [*found, parts.run("All Batches", f"vouchers {place.slug}", nth=4)]


def new_batch_lines(form: VoucherForm, login_page: str) -> Sequence[str]:
    """What the question before a new batch says below its title."""
    return [
        f"For the login page {t.bold(login_page, 60)}. {each_gives(form)}",
        f"Name: {t.esc(form.batch_name, 100)}",
        "Only you get the codes, in a direct message.",
    ]


def each_gives(form: VoucherForm) -> str:
    """What each code of a batch to be made gives."""
    rules = words.rules_of(form)
    return f"Each gives {words.grants(rules)}, {words.use(rules)}."


def off_lines(batch: Batch) -> Sequence[str]:
    """What switching a batch off does to whom."""
    known = "Whether guests who are online with one are logged out, CT does not say."
    return [
        f"{t.count(batch.unused, 'unused code')} and {t.count(batch.used, 'used one')} stop working. {known}",
        "It can be switched on again.",
    ]
