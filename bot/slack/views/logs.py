"""What one sees of a box's log: the newest lines first, for the asker alone, for they name guests' devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextSectionElement,
)

from bot.ct import Box, LogLine
from bot.services.blanking import blanked
from bot.services.logs import MOST, Log
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.boxes import PER_PAGE, heard, in_dashboard, paging
from bot.slack.views.clients import ONLY_YOU

MOST_MESSAGE = 300
_SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
_SHORT = {"emerg": "emergency", "panic": "emergency", "crit": "critical", "err": "error", "warn": "warning"}
_TROUBLE = frozenset(_SEVERITIES[:5])
_FACILITIES = {"kern": "kernel", "user": "user", "daemon": "daemon", "auth": "sign-in", "authpriv": "sign-in"}


def severity(line: LogLine) -> str:
    """How grave, in words: syslog's numbers and short forms as words, anything else as it is."""
    told = (line.severity or "").strip().casefold()
    if told.isascii() and told.isdigit() and int(told) < len(_SEVERITIES):
        return _SEVERITIES[int(told)]
    return _SHORT.get(told, t.clean(told, 20))


def _facility(line: LogLine) -> str:
    told = (line.facility or "").strip().casefold()
    return _FACILITIES.get(told, t.clean(told, 20))


def _message(line: LogLine, limit: int) -> str:
    return t.clean(blanked(line.message[: limit * 4])[0], limit) or "(nothing that can be shown)"


@dataclass(frozen=True, slots=True)
class Ways:
    """The commands that show this very span, the one before it, now, and a whole hour; and that send it as a file.

    `last`: the last that it can have logged, of a box that has been silent since.
    """

    here: str
    earlier: str
    now: str
    hour: str
    file: str
    last: str | None = None


def log_page(box: Box, log: Log, *, about: str | None, page: int, ways: Ways, now: float, note: str = "") -> Reply:
    """Ten lines a page, and what else there is to see. `note`: why it is not the span that was asked for."""
    title = _title(box, log, about, now)
    first, last, pages = parts.pages(len(log.lines), page, PER_PAGE)
    silent = f"It is silent: {heard(box, now)}." if ways.last and not log.lines else ""
    blocks: list[Block] = [parts.section("\n".join(text for text in (title, note, silent, _cut(log)) if text))]
    blocks += [_row(line) for line in log.lines[first:last]]
    shown = f"{first + 1}–{last} of {len(log.lines):,}, newest first · as" if log.lines else "As"
    blocks.append(parts.context(f"{ONLY_YOU} {shown} of {t.clock(now)}"))
    buttons = [*paging(ways.here, first // PER_PAGE + 1, pages), *_buttons(box, log, ways, now)]
    blocks.append(parts.actions(*buttons))
    return Reply(t.plain(title), blocks, private=True)


def _title(box: Box, log: Log, about: str | None, now: float) -> str:
    span = t.span(log.end - log.start)
    until = f"last {span}" if _is_newest(log, now) else f"{span} until {t.day_and_time(log.end)}"
    searched = f", about “{t.esc(about, 60)}”" if about else ""
    if not log.lines:
        return f"Log of {t.bold(box.name)}, {until}{searched}: CT has no lines."
    grave = sum(severity(line) in _TROUBLE for line in log.lines)
    of_them = f", *{t.count(grave, 'warning or error', 'warnings or errors')}*" if grave else ""
    return f"Log of {t.bold(box.name)}, {until}{searched}: {t.count(len(log.lines), 'line')}{of_them}"


def _is_newest(log: Log, now: float) -> bool:
    return now - log.end <= t.MINUTE


def _cut(log: Log) -> str:
    """What is missing, and how to come by it."""
    shorter = log.end - log.start < log.asked
    if not shorter and log.complete:
        return ""
    what = f"{t.span(log.asked)} had more lines than I read at once"
    known = [line.at for line in log.lines if line.at is not None]
    here = f"these are from {t.clock(min(known), seconds=True)} to {t.clock(max(known), seconds=True)}" if known else ""
    then = "Ask for less time, or about something." if not log.complete else ""
    return " ".join(part for part in (f"{what}{': ' if here else ''}{here}.", then) if part)


def _row(line: LogLine) -> Block:
    """When, how grave, from what; then what it says. Nothing in rich text is markup, or leads anywhere."""
    word, facility = severity(line), _facility(line)
    found: list[RichTextElement] = []
    if line.at is not None:
        found.append(
            RichTextElementParts.Date(
                timestamp=int(line.at), format="{time_secs}", fallback=_utc(line.at, "%H:%M:%S UTC")
            )
        )
    if word:
        style = RichTextElementParts.TextStyle(bold=True) if word in _TROUBLE else None
        found += [*_dot(found), RichTextElementParts.Text(text=word, style=style)]
    if facility:
        found += [*_dot(found), RichTextElementParts.Text(text=facility)]
    message = _message(line, MOST_MESSAGE)
    found.append(RichTextElementParts.Text(text=f"\n{message}" if found else message))
    return RichTextBlock(elements=[RichTextSectionElement(elements=found)])


def _dot(before: Sequence[RichTextElement]) -> list[RichTextElement]:
    return [RichTextElementParts.Text(text=" · ")] if before else []


def _utc(at: float, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)


def _buttons(box: Box, log: Log, ways: Ways, now: float) -> list[ButtonElement]:
    newest = _is_newest(log, now)
    if ways.last and not log.lines:
        last = parts.run("Before It Went Silent", ways.last, nth=3, style="primary")
        return [last, parts.run("Refresh", ways.now, nth=5), parts.run("Whole Box", f"box {box.slug}", nth=8)]
    found = [parts.run("Earlier", ways.earlier, nth=3)]
    if log.asked < MOST and log.complete:
        found.append(parts.run("A Whole Hour", ways.hour, nth=4))
    found.append(parts.run("Refresh" if newest else "Newest", ways.now, nth=5))
    if log.lines:
        found.append(parts.run("Send as a File", ways.file, nth=6))
    if box.state == "online":
        found.append(parts.run("Diagnose…", f"diagnose {box.slug}", nth=7))
    return [*found, parts.run("Whole Box", f"box {box.slug}", nth=8)]


def kept_back(box: Box, why: str, *, dashboard: str) -> Reply:
    """CT gives no log: why, and where to look instead."""
    text = f"{t.esc(why, 350)} Nothing was changed. Look at it in CT's dashboard."
    blocks: list[Block] = [parts.section(text)]
    if url := in_dashboard(box, dashboard):
        blocks.append(parts.actions(parts.open_page("Open in CT", url), parts.run("Whole Box", f"box {box.slug}")))
    return Reply(t.plain(text), blocks, private=True)


# --- as a file ------------------------------------------------------------------------------------


def as_file(log: Log) -> bytes:
    """All lines, oldest first as logs are read, in UTC."""
    rows = (
        f"{_utc(line.at, '%Y-%m-%d %H:%M:%S UTC') if line.at is not None else 'no time':23}  {severity(line):9}  "
        f"{_facility(line):8}  {_message(line, 10_000)}"
        for line in reversed(log.lines)
    )
    return "\n".join([*rows, ""]).encode()


def file_comment(box: Box, log: Log) -> str:
    """Beside the file; Slack reads it as mrkdwn."""
    span = f"{t.day_and_time(log.start)} to {t.clock(log.end)}"
    cut = "" if log.complete else " CT has more of that time than I read at once."
    return f"Log of {t.bold(box.name)}, {t.count(len(log.lines), 'line')}, {span}.{cut}"


def sent(box: Box, log: Log) -> Reply:
    """That the file is in the asker's direct messages."""
    text = f"{t.count(len(log.lines), 'line')} of the log of {t.bold(box.name)} are in your direct messages with me."
    return Reply(t.plain(text), parts.paragraphs(text), private=True)


def not_sent() -> Reply:
    """Slack takes no file from the bot."""
    text = "Slack did not let me send you the file. Nothing else was lost: the log is at CT, and here page by page."
    return Reply(text, parts.paragraphs(text), private=True)
