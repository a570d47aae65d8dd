"""What stopped a change, for the person who asked for it. A CTError's own text names calls and classes: for the log."""

from bot.ct import (
    CTAuthError,
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
from bot.errors import StoreDownError, TooFewCopiesError
from bot.services.rotation import RenewalError

NOT_SHOWN = "CT no longer knows it, or does not show it to you."
UNREADABLE = "CT answered something that I cannot read."


class NothingSentError(CTRequestError):
    """What had to be read before the one call could not be; the text is a sentence for people."""


def sentence(error: Exception) -> str:
    """One sentence, of CT's own words where it gave some; our own errors are sentences already."""
    match error:
        case NothingSentError() | TooFewCopiesError():
            return str(error)
        case StoreDownError():  # its text names what Redis or the way to it did: for the log
            return "My own store did not answer."
        case RenewalError():
            return "CT has not renewed your link yet."
        case CTUnavailableError():
            return "CT answers nobody at the moment."
        case CTConnectionError():
            return "CT did not answer in time." if error.maybe_acted else "CT could not be reached."
        case CTServerError():
            return f"CT itself failed ({error.status})."
        case CTRateLimitError():
            return "CT asks us to slow down."
        case CTAuthError():
            return "CT did not accept your link."
        case CTStatusError():
            return " ".join(error.messages) or _refusal(error)
        case CTRequestError():
            return "CT has nothing that is called so."
        case CTOAuthError():
            return "CT does not accept this bot's own credentials."
        case _:
            return UNREADABLE if isinstance(error, CTError) else str(error)


def _refusal(error: CTStatusError) -> str:
    match error:
        case CTForbiddenError():
            return "CT says that your account may not do this."
        case CTNotFoundError():
            return NOT_SHOWN
        case CTInvalidError():
            return "CT did not accept that and did not say why."
        case _:
            return f"CT refused this ({error.status})."
