"""The one door to the person: every error becomes a sentence in one `match`.

What happened; was anything done; what next; a reference when it is our fault.
"""

import structlog

from bot import log as logs
from bot.ct import (
    CTConnectionError,
    CTError,
    CTForbiddenError,
    CTInvalidError,
    CTNotFoundError,
    CTOAuthError,
    CTRateLimitError,
    CTRequestError,
    CTServerError,
    CTStatusError,
    CTUnavailableError,
)
from bot.errors import BotError, NotLinkedError, StoreDownError, UserError
from bot.services.directory import AmbiguousError, NoMatchError
from bot.services.guards import FrozenError
from bot.services.reboot import UnderWayError
from bot.services.sessions import RenewalError
from bot.services.trouble import NOT_SHOWN, sentence
from bot.slack.context import Context
from bot.slack.reply import Reply
from bot.slack.text import span
from bot.slack.views import account as account_views
from bot.slack.views import asking
from bot.slack.views import freeze as freeze_views
from bot.slack.views import reboot as reboot_views

log = structlog.get_logger(__name__)

NOTHING = "Nothing was changed."
UNSURE = "Look whether it was done before you try again."
STORE_DOWN = "My own store does not answer."
STORE_DOWN_THEN = (
    "I send nothing to CT while it is away. Try again in a minute; CT's dashboard works meanwhile. "
    "/ct doctor says more."
)
STORE_DOWN_IN_WORDS = f"{STORE_DOWN} {NOTHING} {STORE_DOWN_THEN}"


def store_down(again: str | None = None) -> Reply:
    """Redis is away: nothing dangerous happens."""
    return asking.trouble(STORE_DOWN, NOTHING, STORE_DOWN_THEN, again=again)


async def explain(error: Exception, ctx: Context, template: str) -> Reply:
    """The sentence for an error; never raises. `template` is the command with `{}` where a picked value goes.

    Without a command (`ctx.text`) there is none to repeat, and a fault of ours may have come after what was asked for.
    """
    try:
        return await _explained(error, ctx, template, ctx.text or None)
    except StoreDownError:  # a question needs the store
        return store_down(ctx.text or None)
    except Exception as second:
        return ours(second, ctx.text or None)


async def _explained(error: Exception, ctx: Context, template: str, again: str | None) -> Reply:
    match error:
        case NotLinkedError():
            ask_id = await ctx.services.asks.keep(ctx.who.key, ctx.text)
            return account_views.connect("For that I need your CT account.", ask_id, ended=error.ended)
        case AmbiguousError():
            ask_id = await ctx.services.asks.keep(ctx.who.key, template)
            return asking.which(error.noun, error.query, ask_id, error.candidates, error.total, template)
        case NoMatchError():
            ask_id = await ctx.services.asks.keep(ctx.who.key, template)
            return asking.did_you_mean(error.noun, error.query, ask_id, error.suggestions, template)
        case UnderWayError():
            return reboot_views.under_way(error.running, ctx.now)
        case FrozenError():
            return freeze_views.refused(error.freeze)
        case UserError():
            return asking.trouble(str(error), NOTHING, "")
        case StoreDownError():
            return store_down(again)
        case CTError():
            return ct_trouble(error, again)
        case _:
            return ours(error, again)


def ct_trouble(error: CTError, again: str | None) -> Reply:
    """CT failed, or refused."""
    match error:
        case CTForbiddenError():
            return asking.trouble(sentence(error), NOTHING, "Ask the owner of the CT account for the right role.")
        case CTNotFoundError():
            return asking.trouble(NOT_SHOWN, NOTHING, "Look it up again.")
        case CTRateLimitError():
            wait = span(max(1, error.retry_after)) if error.retry_after else "a minute"
            return asking.trouble(sentence(error), NOTHING, f"Try again in {wait}.", again=again)
        case CTInvalidError():
            return asking.trouble(sentence(error), NOTHING, "Change it and try again.")
        case CTUnavailableError():
            return asking.trouble(
                "CT answers nobody at the moment. I ask it every second, and go on as soon as it does.",
                NOTHING,
                "Try again in a minute, or look at CT's own status page.",
                ref=noted(error),
                again=again,
            )
        case RenewalError():
            return asking.trouble(sentence(error), NOTHING, "Try again in a minute.", ref=noted(error), again=again)
        case CTConnectionError():
            return asking.trouble(
                sentence(error),
                NOTHING,
                "Try again, or look at CT's own status page.",
                ref=noted(error),
                again=again,
            )
        case CTServerError():
            return asking.trouble(
                sentence(error),
                NOTHING,
                "Try again in a minute.",
                ref=noted(error),
                again=again,
            )
        case CTStatusError():
            return asking.trouble(sentence(error), NOTHING, "Try again, or do it in CT's dashboard.", again=again)
        case CTRequestError():
            return asking.trouble(sentence(error), NOTHING, "Look for it by its name.")
        case CTOAuthError():
            return asking.trouble(
                sentence(error),
                NOTHING,
                "Tell whoever runs the bot.",
                ref=reference(error),
            )
        case _:
            return asking.trouble(sentence(error), NOTHING, "Try again.", ref=reference(error), again=again)


def ours(error: Exception, again: str | None) -> Reply:
    """A fault of the bot."""
    what = str(error) if isinstance(error, BotError) else "Something went wrong here: a fault of mine."
    done = NOTHING if again else UNSURE
    return asking.trouble(
        what, done, "If it happens again, tell whoever runs the bot.", ref=reference(error), again=again
    )


def reference(error: Exception) -> str:
    """Log a fault of ours, or one that nobody knows, with the id that also stands in the message."""
    ref = logs.reference()
    log.error("answered with a reference", ref=ref, exc_info=error)
    return ref


def noted(error: CTError) -> str:
    """The same for CT's own trouble, which needs no traceback."""
    ref = logs.reference()
    log.warning("answered with CT's trouble", ref=ref, error=str(error))
    return ref
