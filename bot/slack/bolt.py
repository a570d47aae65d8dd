"""Bolt, wired: one listener a kind of payload, our own authorize, no look at the environment, ack at once."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.inbox import Inbox
from bot.slack.installation import InstallationOfToken

ANY = re.compile("")


def bolt_app(*, inbox: Inbox, client: AsyncWebClient, token: str, installation: InstallationOfToken) -> AsyncApp:
    """The one AsyncApp. Signatures are checked by the door in front of it (or not needed, in Socket Mode)."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        home = installation.known
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=token,
            bot_user_id=home.bot_user_id if home else None,
        )

    app = AsyncApp(
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
    )

    @app.command(ANY)
    async def on_command(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(await inbox.command(body) or "")

    @app.action(ANY)
    async def on_action(ack: AsyncAck, body: dict[str, Any]) -> None:
        await inbox.action(body)
        await ack()

    @app.view(ANY)
    async def on_submission(ack: AsyncAck, body: dict[str, Any]) -> None:
        closed = body.get("type") == "view_closed"
        await ack(**({} if closed else await inbox.submission(body)))

    @app.options(ANY)
    async def on_options(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(options=await inbox.options(body))

    @app.event(ANY)
    async def on_event(ack: AsyncAck, body: dict[str, Any]) -> None:
        await inbox.event(body)
        await ack()

    return app


class BoltDoor:
    """Bolt behind the ASGI door: raw body and headers in, status, headers and body out."""

    def __init__(self, app: AsyncApp) -> None:
        self._app = app

    async def __call__(self, body: str, headers: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        answer = await self._app.async_dispatch(AsyncBoltRequest(body=body, headers=dict(headers)))
        return answer.status, {k: v[0] for k, v in answer.headers.items()}, answer.body.encode()
