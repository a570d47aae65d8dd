"""Words on their way to Slack: foreign text made harmless, times and spans in words."""

import re
import unicodedata
from datetime import UTC, datetime

_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "ˋ"})  # look-alikes
_EDGE_UNDERSCORES = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_TOKENS = re.compile(r"<(?:!date[^|>]*\|([^>]*)|[@#!][^>]*)>")
_SPACES = re.compile(r"\s+")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # colours and the like, as programs send them to terminals
# Format characters that turn text around or hide it (bidi controls, zero-width, tags) are of category Cf.
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
_LOOKS_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that show nothing
_MARKS = {"Mn", "Mc", "Me"}

MINUTE, HOUR, DAY = 60, 3600, 86_400


def clean(text: str, limit: int = 80) -> str:
    """Foreign text as one harmless line for plain_text: no control or bidi characters, bounded in length."""
    kept = "".join(" " if _shows_nothing(c) else c for c in text[: limit * 4])
    line = _SPACES.sub(" ", kept).strip()
    while line and unicodedata.category(line[0]) in _MARKS:  # it would sit on our own markup
        line = line[1:].lstrip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def lines(text: str) -> str:
    """Foreign text of several lines with its columns as they are, for plain text and files: nothing unseen in it."""
    kept = (line.expandtabs() for line in re.split(r"\r\n|\r|\n", _ESCAPES.sub("", text)))
    return "\n".join("".join(c for c in line if not _shows_nothing(c)).rstrip() for line in kept).strip("\n")


def _shows_nothing(char: str) -> bool:
    return unicodedata.category(char) in _DROPPED or char in _LOOKS_BLANK


def name(text: str, limit: int = 80) -> str:
    """What a thing is called, for plain_text; a dash where nothing of it can be shown."""
    return clean(text, limit) or "–"


def esc(text: str, limit: int = 80) -> str:
    """Foreign text for mrkdwn: cleaned, and unable to become a mention, a link, a quote or formatting."""
    safe = clean(text, limit).translate(_MARKUP)
    if safe.startswith("&gt;"):
        safe = "›" + safe[4:]
    return _EDGE_UNDERSCORES.sub(lambda run: "ˍ" * len(run[0]), safe)


def plain(text: str) -> str:
    """mrkdwn of ours as the plain text of a notification: no bold, no escapes, mentions as words."""
    return unescaped(_TOKENS.sub(lambda m: m[1] or "somebody", text.replace("*", "")))


def unescaped(text: str) -> str:
    """Text made for mrkdwn, as the plain text of a notification."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def bold(text: str, limit: int = 80) -> str:
    """Foreign text in bold; a dash where there is none."""
    return f"*{esc(text, limit) or '–'}*"


def span(seconds: float) -> str:
    """A length of time in at most two units: `41 days`, `3 h 12 min`, `1 min 34 s`, `20 s`."""
    s = max(0, round(seconds))
    if s < MINUTE:
        return f"{s} s"
    if s < HOUR:
        return f"{s // MINUTE} min {s % MINUTE} s" if s < 10 * MINUTE and s % MINUTE else f"{s // MINUTE} min"
    if s < DAY:
        return f"{s // HOUR} h {s % HOUR // MINUTE} min" if s % HOUR >= MINUTE else f"{s // HOUR} h"
    days = s // DAY
    return f"{days} day{'s' if days != 1 else ''}"


def ago(seconds: float) -> str:
    """How long ago."""
    return "just now" if seconds < 2 else f"{span(seconds)} ago"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 box`, `2 boxes`, `1,930 people`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def boxes(number: int) -> str:
    """A number of boxes in words."""
    return count(number, "box", "boxes")


def people(number: int) -> str:
    """A number of guests online in words."""
    return count(number, "person", "people")


def clock(at: float, *, seconds: bool = False) -> str:
    """A moment as a Slack date token, in the reader's own time zone; UTC for whoever cannot render it."""
    form = "{time_secs}" if seconds else "{time}"
    return f"<!date^{int(at)}^{form}|{_utc(at)}>"


def day_and_time(at: float) -> str:
    """A moment with its day, likewise."""
    utc = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at)}^{{date_short_pretty}}, {{time}}|{utc}>"


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M UTC")
