"""What one sees of the codes themselves: only ever before the person who asked, or who is given one."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ConfirmObject,
    PlainTextObject,
)

from bot.ct import Code, CodeDetails, Listing, Location, Rules, Voucher
from bot.services.gifts import Gift
from bot.slack import text as t
from bot.slack import voucher_words as words
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.vouchers import links

MOST_IN_MESSAGE = 9_000  # characters: Slack takes about 13,000 in all
_LONGEST_CODE = 60


def copyable(codes: Sequence[str]) -> Block:
    """As they are, one a line, to be copied."""
    return parts.preformatted("\n".join(codes))


def _name(code: Code) -> str:
    return t.name(code.username, _LONGEST_CODE)


def few_codes(
    voucher: Voucher, codes: Listing[Code], *, place_slug: str, place_name: str, most: int, now: float
) -> Reply:
    """The first few that nobody used, CT's own files, and the way to give one away."""
    fresh = [one for one in codes.items if one.activated_at is None and one.active is not False]
    shown = fresh[:most]
    number = t.count(codes.total, "code")
    head = f"{number} of {t.bold(voucher.name)} at {t.bold(place_name, 60)}: each gives {words.grants(voucher.rules)}."
    if not shown:
        head += " Every one of them is used, or switched off."
    elif len(shown) < codes.total:
        head += f" The first {len(shown):,} that nobody used:"
    blocks: list[Block] = [parts.section(head), *([copyable([_name(one) for one in shown])] if shown else [])]
    where = f"{voucher.id} in {place_slug}"
    if not codes.complete:
        blocks.append(parts.context(f"I could read only {len(codes.items):,} of them; CT's own files have all."))
    give = [parts.run("Hand One Over…", f"hand over {where}", nth=2)] if shown else []
    blocks.append(parts.actions(*give, parts.run("Look", f"voucher {where}", nth=1), *links(voucher, now)))
    return Reply(t.plain(head), blocks, private=True)


def file_comment(codes: Listing[Code], place_name: str) -> str:
    """Beside the file; Slack reads it as mrkdwn."""
    return f"All {t.count(len(codes.items), 'code')} for {t.esc(place_name, 60)}, for a spreadsheet or for printing."


def all_codes(codes: Sequence[Code], voucher: Voucher) -> list[Reply]:
    """All of them in as few messages as Slack takes; for workspaces that do not let the bot send files."""
    sheets: list[list[str]] = [[]]
    size = 0
    for name in map(_name, codes):
        if size + len(name) + 1 > MOST_IN_MESSAGE:
            sheets.append([])
            size = 0
        sheets[-1].append(name)
        size += len(name) + 1
    found = []
    for number, sheet in enumerate(sheets, 1):
        head = f"All codes of {t.bold(voucher.name)}" + (f", part {number} of {len(sheets)}" if len(sheets) > 1 else "")
        found.append(Reply(t.plain(head), [parts.section(head), copyable(sheet)], private=True))
    return found


# --- one code ---------------------------------------------------------------------------------


def ends_at(details: CodeDetails) -> float | None:
    """When it ends, counted from its first use; None before that, and where its rules do not say."""
    rules, since = details.rules, details.code.activated_at
    minutes = rules.access_period if rules.period == "all" and rules.access_period else rules.validity_minutes
    if since is None or not minutes or rules.period in {"daily", "weekly", "monthly"}:
        return None
    return since + minutes * 60


def verdict(details: CodeDetails, now: float) -> str:
    """Does it work, and if not why: the first thing that one wants to know."""
    code, voucher = details.code, details.voucher
    if voucher and not voucher.is_active:
        return "does not work: its whole batch is switched off"
    if code.active is False:
        return "does not work: it is switched off"
    end = ends_at(details)
    if end is not None and end <= now:
        return f"has most likely run out: its time was over {t.ago(now - end)}"
    if code.activated_at is None:
        return "is valid, and nobody has used it yet"
    return "is valid and in use"


def code_card(details: CodeDetails, *, place: Location, gift: Gift | None, now: float, lead: str = "") -> Reply:
    """One code: whether it works, who may use it for how long, and its switch."""
    code, voucher = details.code, details.voucher
    head = f"{lead}The code {t.bold(code.username, _LONGEST_CODE)} {verdict(details, now)}."
    lines = [head, _used(details), f"It gives {_gives(details.rules)}."]
    if gift is not None:
        lines.append(f"<@{t.clean(gift.by, 20)}> handed it to <@{t.clean(gift.to, 20)}> {t.ago(now - gift.at)}.")
    blocks: list[Block] = parts.paragraphs("\n".join(line for line in lines if line))
    batch = f"Batch {t.esc(voucher.name, 60)} · " if voucher else ""
    blocks.append(parts.context(f"{batch}{t.esc(place.name, 60)} · as of {t.clock(now)}"))
    blocks.append(parts.actions(*_switches(details, place)))
    return Reply(t.plain(head), blocks, private=True)


def _used(details: CodeDetails) -> str:
    code = details.code
    if code.activated_at is None:
        return ""
    used = f"First used {t.day_and_time(code.activated_at)}"
    if code.mac:
        used += f", by the device {t.esc(code.mac, 30)}; CT names no others"
    end = ends_at(details)
    return f"{used}. Counted from then it lasts until {t.day_and_time(end)}." if end else f"{used}."


def _gives(rules: Rules) -> str:
    use = words.use(rules)
    return words.grants(rules) + (f", {use}" if use else "")


def _switches(details: CodeDetails, place: Location) -> list[ButtonElement]:
    code, voucher = details.code, details.voucher
    found = []
    batch_off = voucher is not None and not voucher.is_active
    typed = f"{code.username} in {place.slug}"
    if batch_off and voucher:
        found.append(parts.run("Switch the Batch On", f"voucher on {voucher.id} in {place.slug}", nth=1))
    elif code.active is False:
        found.append(parts.run("Switch It On", f"code on {typed}", nth=1))
    else:
        found.append(_off(typed))
    if voucher:
        where = f"{voucher.id} in {place.slug}"
        found.append(parts.run("Hand Over Another…", f"hand over {where}", nth=2))
        found.append(parts.run("Its Batch", f"voucher {where}", nth=3))
    return found


def _off(typed: str) -> ButtonElement:
    """The one confirmation: Slack's own, so that the code stands in no record of a question."""
    sure = ConfirmObject(
        title="Switch this code off?",
        text=PlainTextObject(text="Whoever has it can log in with it no more. It can be switched on again."),
        confirm="Switch Off",
        deny="Leave It On",
    )
    return parts.button("Switch It Off", f"{parts.RUN}:1", f"code off {typed}", confirm=sure)


def no_code(code: str, place: Location) -> Reply:
    """CT knows none that is written so."""
    lead = f"{t.bold(place.name, 60)} has no code {t.bold(code, _LONGEST_CODE)}."
    advice = "Read it again: 0 and o, 1 and l look alike. It may belong to another location, or its batch was deleted."
    buttons = [
        parts.run("Another Location", f"code {code}", nth=1),
        parts.run("Batches Here", f"vouchers {place.slug}", nth=2),
        parts.run("Make New Codes", f"voucher new {place.slug}", nth=3),
    ]
    return Reply(
        t.plain(f"{lead} {advice}"), [parts.section(f"{lead}\n{advice}"), parts.actions(*buttons)], private=True
    )


# --- giving one away --------------------------------------------------------------------------


def gift(giver: str, place: Location, code: Code, rules: Rules) -> Reply:
    """What the person reads who is given a code."""
    lead = f"{giver} gives you a Wi-Fi code for {t.bold(place.name, 60)}. Type it on the login page:"
    blocks = [parts.section(lead), copyable([_name(code)]), parts.context(f"It gives {_gives(rules)}.")]
    return Reply(t.plain(f"You are given a Wi-Fi code for {t.esc(place.name, 60)}."), blocks, private=True)


def handed_over(to: str, voucher: Voucher, place: Location) -> Reply:
    """What the giver reads: that it went, not the code."""
    text = f"{to} has a code of {t.bold(voucher.name)} now, in a direct message. I remember that it is given."
    where = f"{voucher.id} in {place.slug}"
    buttons = parts.actions(
        parts.run("Hand Over Another…", f"hand over {where}", nth=1), parts.run("Look", f"voucher {where}", nth=2)
    )
    return Reply(f"A code of {t.clean(voucher.name)} is handed over.", [parts.section(text), buttons], private=True)


def none_left(voucher: Voucher, place: Location) -> Reply:
    """All are used, off or given."""
    text = f"{t.bold(voucher.name)} has no code left that is unused, on, and not given to anybody yet."
    make = parts.run("Make New Codes", f"voucher new {place.slug}")
    return Reply(t.plain(text), [parts.section(f"{text} Nobody was sent anything."), parts.actions(make)], private=True)


def sent(number: int, total: int, voucher: Voucher) -> Reply:
    """That the codes are in the asker's direct messages."""
    many = t.count(number, "code") if number == total else f"{number:,} of {t.count(total, 'code')}"
    text = f"{many} of {t.bold(voucher.name)} {'is' if number == 1 else 'are'} in your direct messages with me."
    return Reply(t.plain(text), [parts.section(text)], private=True)
