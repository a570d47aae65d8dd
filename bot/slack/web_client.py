"""Slack's Web API: one client for the process, how long it waits, and what its refusals mean."""

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientSession, TCPConnector
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

TIMEOUT_SECONDS = 10
KEEP_ALIVE = 4.0  # seconds that a connection waits for its next call; few servers close theirs before five
BAD_BLOCKS = "invalid_blocks"  # with or without `_format` behind it
NOT_THERE = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}
# What trying again does not mend.
_FINAL = NOT_THERE | {
    *(
        "user_not_found",
        "user_disabled",
        "users_not_found",
        "cannot_dm_bot",
        "user_not_visible",
        "messages_tab_disabled",
    ),
    *("no_text", "msg_too_long", "msg_blocks_too_long", "invalid_arguments", "missing_scope", "ekm_access_denied"),
}
# Whoever runs the bot may be about to set a new token; after an uninstall none comes.
_REVOKED = {"token_revoked", "token_expired", "account_inactive", "invalid_auth", "not_authed"}
_PASSES_SECONDS = 30.0
_LONGEST_WAIT = 5  # seconds that a call waits for a rate limit while somebody waits for it


class PostFailedError(Exception):
    """Slack did not take a message; `.code` is Slack's word for why, `.retry_after` seconds where it says when."""

    def __init__(self, code: str, *, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after

    def final(self, failing: float = 0.0, *, direct: bool = False) -> bool:
        """True when the same message will never be taken there; nothing was for the last `failing` seconds.

        `direct`: the conversation was opened a moment ago, so Slack is only late to know of it.
        """
        if self.code in _REVOKED or (direct and self.code == "channel_not_found"):
            return failing > _PASSES_SECONDS
        return self.code in _FINAL or self.code.startswith(BAD_BLOCKS)


class _ShortWaits(AsyncRateLimitErrorRetryHandler):
    """Waits for a rate limit where that takes no longer than a person would."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        return (
            response is not None and response.status_code == 429 and (wait_of(response.headers) or 1) <= _LONGEST_WAIT
        )


def slack_session(*, keep_alive: float = KEEP_ALIVE) -> ClientSession:
    """Connections to Slack. What is sent on one that Slack is just closing may have arrived, and is not repeated."""
    return ClientSession(connector=TCPConnector(keepalive_timeout=keep_alive))


def web_client(token: str, api_url: str, session: ClientSession) -> AsyncWebClient:
    """The one client, with waiting for rate limits (`slack-facts.md` 2.6); a 5xx is not retried: it may have posted."""
    return AsyncWebClient(
        token=token,
        base_url=f"{api_url.rstrip('/')}/",
        session=session,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=[AsyncConnectionErrorRetryHandler(), _ShortWaits(max_retry_count=2)],
    )


def wait_of(headers: Mapping[str, Any]) -> float | None:
    """Seconds of a `Retry-After`, as Slack writes it; slack_sdk gives a header's values as a list."""
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    text = str(found[0] if isinstance(found, list) and found else found)
    return float(text) if text.isdigit() else None
