"""Bolt, wired: one listener a kind of payload, our own authorize, no look at the environment, ack at once."""

import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StoreDownError
from bot.slack.inbox import Inbox
from bot.slack.installation import InstallationOfToken
from bot.slack.payloads import ODD, whole

log = structlog.get_logger(__name__)

ANY = re.compile("")
_PAYLOAD_MEMBER = re.compile(r"(?:^|&)payload=")


class CarefulApp(AsyncApp):
    """Bolt takes Slack's shapes for granted, in its error handling too: what it cannot read is counted (row S6)."""

    inbox: Inbox

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        try:
            req.body = whole(req.body)
            return await super().async_dispatch(req)
        except (*ODD, RecursionError) as error:
            return self.ignored(error)

    def ignored(self, error: Exception) -> BoltResponse:
        """The answer to what nobody here understands; Slack need not send it again."""
        self.inbox.odd("delivery")
        if not isinstance(error, BoltUnhandledRequestError):
            log.warning("a delivery could not be read", error=type(error).__name__)
        return BoltResponse(status=200, body="")


def bolt_app(
    *,
    inbox: Inbox,
    client: AsyncWebClient,
    token: str,
    installation: InstallationOfToken,
    acked: Callable[[str, float], None],
) -> CarefulApp:
    """The one AsyncApp. Signatures are checked by the door in front of it (or not needed, in Socket Mode).

    `acked` hears of every kind of delivery, and how long it took up to its ack (seconds).
    """

    @contextlib.contextmanager
    def timed(kind: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        acked(kind, time.perf_counter() - began)

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        home = installation.known
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=token,
            bot_user_id=home.bot_user_id if home else None,
        )

    app = CarefulApp(
        # Else its loggers take the root's level, and DEBUG tells what it answers.
        logger=logging.getLogger("slack_bolt"),
        client=client,
        authorize=authorize,
        signing_secret="not used: the door checks",  # noqa: S106
        request_verification_enabled=False,
        process_before_response=True,
        ignoring_self_events_enabled=False,
        ssl_check_enabled=True,
        url_verification_enabled=True,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        raise_error_for_unhandled_request=True,
    )
    app.inbox = inbox

    @app.error
    async def on_error(error: Exception) -> BoltResponse:
        if isinstance(error, (BoltUnhandledRequestError, *ODD)):
            return app.ignored(error)
        if isinstance(error, StoreDownError):
            log.warning("a delivery was sent back: the store is down")
        else:
            log.error("a delivery failed", exc_info=error)
        return BoltResponse(status=503, body="")  # Slack sends events again

    @app.command(ANY)
    async def on_command(ack: AsyncAck, body: dict[str, Any]) -> None:
        with timed("command"):
            await ack(await inbox.command(body) or "")

    @app.action(ANY)
    async def on_action(ack: AsyncAck, body: dict[str, Any]) -> None:
        with timed("action"):
            await inbox.action(body)
            await ack()

    @app.view(ANY)
    async def on_submission(ack: AsyncAck, body: dict[str, Any]) -> None:
        closed = body.get("type") == "view_closed"
        with timed("submission"):
            await ack(**({} if closed else await inbox.submission(body)))

    @app.options(ANY)
    async def on_options(ack: AsyncAck, body: dict[str, Any]) -> None:
        with timed("options"):
            await ack(options=await inbox.options(body))

    @app.event(ANY)
    async def on_event(ack: AsyncAck, body: dict[str, Any]) -> None:
        with timed("event"):
            await inbox.event(body)
            await ack()

    return app


class BoltDoor:
    """Bolt behind the ASGI door: raw body and headers in, status, headers and body out."""

    def __init__(self, app: CarefulApp) -> None:
        self._app = app

    async def __call__(self, body: str, headers: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        if not body.startswith("{") and not _PAYLOAD_MEMBER.search(body):
            # Bolt 1.30 takes any form that holds this word for an interaction, and then finds nothing in it.
            body = body.replace("payload", "%70ayload")
        try:
            request = AsyncBoltRequest(body=body, headers=dict(headers))
        except (*ODD, RecursionError) as error:
            answer = self._app.ignored(error)
        else:
            answer = await self._app.async_dispatch(request)
        return answer.status, {k: v[0] for k, v in answer.headers.items()}, answer.body.encode()
