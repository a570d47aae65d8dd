"""The span of a box's log that a command is about: typed, or as the buttons of a page say it."""

import re
from dataclasses import dataclass, replace

from bot.ct import Box, CTForbiddenError, CTInvalidError, CTNotFoundError
from bot.errors import UsageError
from bot.services.logs import LEAST, MOST, USUAL, Log, read_log, why_none
from bot.services.targets import refuse, unmanaged
from bot.slack import text as t
from bot.slack.context import Context
from bot.slack.grammar import after, compose, page, rest, shaped
from bot.slack.reply import Reply
from bot.slack.spans import parse_span
from bot.slack.views import logs as views

_SPAN_LAST = re.compile(r"(.+?)\s+for\s+((?:\d|an?\s).*)", re.IGNORECASE)


@dataclass(frozen=True)
class LogArgs:
    """`until` (epoch seconds) keeps the pages of one look apart from what is logged meanwhile."""

    box: str = rest("box", required=True, pick="box")
    until: str | None = shaped(r"until\s+[1-9]\d{8,9}", "moment", hidden=True)
    span: str | None = after("for", "how long")
    about: str | None = after("about", "text")
    page: int = page()


@dataclass(frozen=True, slots=True)
class Shown:
    """A log that was read, and the arguments that read just that again. `note`: why it is not the span asked for."""

    box: Box
    log: Log
    args: LogArgs
    note: str


async def shown(ctx: Context, args: LogArgs) -> Shown | Reply:
    """Read what is asked for; or the answer why there is nothing to read."""
    args = _apart(args)
    seconds, note = _seconds(args.span)
    box = await ctx.box(args.box)
    refuse(unmanaged(box, "log"))
    end = min(int(args.until.split()[-1]) if args.until else int(ctx.now), int(ctx.now))
    try:
        log = await ctx.ct(lambda ct: read_log(ct, box, end=end, seconds=seconds, about=args.about))
    except (CTForbiddenError, CTNotFoundError, CTInvalidError) as error:
        return views.kept_back(box, why_none(error, box), dashboard=ctx.services.dashboard)
    again = replace(args, box=box.slug, until=f"until {end}", span=_minutes(seconds), page=1)
    return Shown(box, log, again, note)


def ways(found: Shown) -> views.Ways:
    """The commands behind the buttons of a page."""
    args = found.args
    before = replace(args, until=f"until {found.log.before}")
    return views.Ways(
        here=compose("logs", args),
        earlier=compose("logs", before),
        now=compose("logs", replace(args, until=None)),
        hour=compose("logs", replace(args, span=_minutes(MOST))),
        file=compose("logs as file", args),
        last=compose("logs", replace(args, until=f"until {last}")) if (last := _fell_silent(found)) else None,
    )


def _fell_silent(found: Shown) -> int | None:
    """The end of what a box can have logged that is silent now: CT heard it last before this span."""
    heard = found.box.last_heartbeat
    return heard + t.MINUTE if heard and heard + t.MINUTE < found.log.start else None


def _apart(args: LogArgs) -> LogArgs:
    """`about dhcp for 30 min` is read like `for 30 min about dhcp`."""
    match = _SPAN_LAST.fullmatch(args.about or "") if args.span is None else None
    if match is None:
        return args
    try:
        parse_span(match[2], least=1, most=366 * t.DAY)
    except UsageError:
        return args
    return replace(args, about=match[1], span=match[2])


def _seconds(typed: str | None) -> tuple[int, str]:
    """As long as was asked for, or the nearest that CT gives out at once, and that in words. Raises UsageError."""
    if typed is None:
        return USUAL, ""
    seconds = parse_span(typed, least=1, most=366 * t.DAY)
    if seconds > MOST:
        return MOST, f"CT shows an hour of a log at once, not {t.span(seconds)}. Earlier leads further back."
    if seconds < LEAST:
        return LEAST, f"CT shows no less than 5 minutes of a log, not {t.span(seconds)}."
    return seconds, ""


def _minutes(seconds: int) -> str:
    return f"{seconds // t.MINUTE} min"
