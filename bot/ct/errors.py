"""Everything that can go wrong with a call to CT, by what the caller may do about it.

The text of an error names the call and the kind of failure. It never holds a secret, a query or CT's own body.
"""


class CTError(Exception):
    """A call to CT that did not give what was asked for.

    `maybe_acted` is True when CT may have done what it was asked to: then a call that changes anything is not repeated.
    `outcome` is one short word out of few, for counters.
    """

    maybe_acted: bool = False
    outcome: str = "error"


class CTRequestError(CTError, ValueError):
    """What was asked cannot be sent: an id that is no id, a token that is no token. Nothing left the process."""

    outcome = "unsendable"


class CTConnectionError(CTError):
    """No answer: CT was not reached, was too slow, or hung up."""

    def __init__(self, text: str, *, maybe_acted: bool, outcome: str = "disconnected") -> None:
        super().__init__(text)
        self.maybe_acted = maybe_acted
        self.outcome = outcome


class CTUnavailableError(CTConnectionError):
    """CT has failed everybody of late, and was not asked: a fast refusal. Nothing was sent."""

    def __init__(self, text: str) -> None:
        super().__init__(text, maybe_acted=False, outcome="resting")


class CTResponseError(CTError):
    """An answer we cannot read: not JSON, not the shape we know, too long, or a redirect."""

    maybe_acted = True
    outcome = "unreadable"


class CTOAuthError(CTError):
    """The token endpoint said why it refuses, in the JSON member `error` (ct-api 1.5), whatever the status was."""

    def __init__(self, text: str, *, error: str, description: str, status: int) -> None:
        super().__init__(f"{text}: {error}")
        self.error = error
        self.description = description
        self.status = status
        self.maybe_acted = status >= 500
        self.outcome = error if error in _OAUTH_ERRORS else "oauth_error"


class CTStatusError(CTError):
    """CT answered with an error status.

    `messages` are its own sentences, cleaned, few and short; `fields` are the same by the field they belong to, those
    of no field under "base" (ct-api 2.1).
    """

    def __init__(
        self,
        text: str,
        *,
        status: int,
        messages: list[str],
        fields: dict[str, list[str]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{text}: CT answered {status}")
        self.status = status
        self.messages = messages
        self.fields = fields or {}
        self.retry_after = retry_after
        self.maybe_acted = status >= 500
        self.outcome = str(status)


class CTAuthError(CTStatusError):
    """401: the access token is expired, revoked or unknown."""


class CTForbiddenError(CTStatusError):
    """403: this person may not do that."""


class CTNotFoundError(CTStatusError):
    """404 (or 405): there is no such thing for this person, or no such route."""


class CTConflictError(CTStatusError):
    """409: something else is going on with it."""


class CTInvalidError(CTStatusError):
    """400 or 422: CT refuses what was asked and says why."""


class CTRateLimitError(CTStatusError):
    """429: too much at once; `retry_after` in seconds where CT says so."""


class CTServerError(CTStatusError):
    """5xx: CT failed, perhaps after acting."""


_OAUTH_ERRORS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)

_BY_STATUS: dict[int, type[CTStatusError]] = {
    400: CTInvalidError,
    401: CTAuthError,
    403: CTForbiddenError,
    404: CTNotFoundError,
    405: CTNotFoundError,
    409: CTConflictError,
    422: CTInvalidError,
    429: CTRateLimitError,
}


def status_error(
    text: str,
    *,
    status: int,
    messages: list[str],
    fields: dict[str, list[str]] | None = None,
    retry_after: float | None = None,
) -> CTStatusError:
    """The error class for a status; an unlisted 4xx is a plain CTStatusError."""
    kind = CTServerError if status >= 500 else _BY_STATUS.get(status, CTStatusError)
    return kind(text, status=status, messages=messages, fields=fields, retry_after=retry_after)
