"""`/ct doctor`: whether all that I depend on works; for whoever is on call when I do not.

Everybody who may use the bot may ask: whoever is awake is the one who needs to know, and no answer holds a secret. It
is shown to the asker alone, cannot be shared, and needs neither a link nor the store.
"""

import asyncio
from dataclasses import dataclass

from bot import __version__
from bot.ct import CTError
from bot.doctor.findings import About, Finding, Group
from bot.errors import BotError, NotLinkedError, StoreDownError, UsageError
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import doctor as views

LINK = About(Group.YOU, "Your link")
_SECONDS = 10.0


@dataclass(frozen=True)
class DoctorArgs:
    how: str | None = rest("all")


@command(
    "doctor", "Whether all that I depend on works", group="Account", args=DoctorArgs, example="all", needs_store=False
)
async def doctor(ctx: Context, args: DoctorArgs) -> Reply:
    whole = (args.how or "").casefold()
    if whole not in {"", "all"}:
        raise UsageError("Type /ct doctor for what is wrong, or /ct doctor all for every check.")
    examination, yours = await asyncio.gather(ctx.services.doctor.examine(), _link(ctx))
    view = views.everything if whole else views.problems
    return view([*examination.findings, yours], examination.at, __version__)


async def _link(ctx: Context) -> Finding:
    """Whether CT takes the asker's own link: the cheapest call that needs it."""
    try:
        async with asyncio.timeout(_SECONDS):
            await ctx.ct(lambda ct: ct.me())
    except NotLinkedError as error:
        if error.ended:
            return LINK.warning("CT ended it", "Type /ct link to connect again.")
        return LINK.warning("you have none", "Type /ct link to connect your CT account.")
    except StoreDownError:
        return LINK.unknown("it is kept in Redis, which does not answer", "See Redis.")
    except (CTError, BotError, TimeoutError) as error:
        why = error.outcome if isinstance(error, CTError) else "no answer in time"
        return LINK.wrong(f"CT did not take it just now ({why})", "It is kept. See what else is wrong, and look again.")
    return LINK.fine("CT takes it")
