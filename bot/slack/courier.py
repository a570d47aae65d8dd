"""Everything that leaves for Slack: answers by response_url, messages by the Web API. One shared session."""

from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.reply import Reply

log = structlog.get_logger(__name__)

_TIMEOUT_SECONDS = 10
MOST_TEXT = 3_000
_SLACK_HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}
NOT_THERE = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}


class PostFailedError(Exception):
    """Slack did not take a message; `.code` is Slack's word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def web_client(token: str, api_url: str, session: ClientSession) -> AsyncWebClient:
    """The one client, with waiting for rate limits (`slack-facts.md` 2.6); a 5xx is not retried: it may have posted."""
    return AsyncWebClient(
        token=token,
        base_url=f"{api_url.rstrip('/')}/",
        session=session,
        timeout=_TIMEOUT_SECONDS,
        retry_handlers=[AsyncConnectionErrorRetryHandler(), AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
    )


class Courier:
    """Delivers replies."""

    def __init__(self, *, client: AsyncWebClient, session: ClientSession, api_url: str) -> None:
        self._client = client
        self._session = session
        self._hosts = _SLACK_HOSTS | {urlsplit(api_url).netloc}

    async def respond(self, url: str, reply: Reply, *, replace: bool = False, public: bool = False) -> bool:
        """Answer where somebody typed or clicked; False when Slack would not take it (used up, too late, down)."""
        if urlsplit(url).netloc not in self._hosts:
            log.warning("a response address that is not Slack's was refused")
            return False
        body = {
            "response_type": "in_channel" if public else "ephemeral",
            "replace_original": replace,
            "text": plain_text(reply),
            "blocks": _blocks(reply),
        }
        try:
            async with self._session.post(url, json=body, timeout=ClientTimeout(_TIMEOUT_SECONDS)) as answer:
                taken = answer.status == 200
                if not taken:
                    log.warning("slack refused an answer", status=answer.status, reason=(await answer.text())[:200])
                return taken
        except (ClientError, TimeoutError, OSError) as error:
            log.warning("slack could not be reached", error=type(error).__name__)
            return False

    async def answer(self, url: str, user_id: str, reply: Reply, *, replace: bool = False) -> None:
        """Answer by response_url, else by direct message: nobody is left without an answer."""
        if not url or not await self.respond(url, reply, replace=replace):
            await self.direct(user_id, reply)

    async def post(self, channel: str, reply: Reply, *, thread_ts: str | None = None) -> tuple[str, str]:
        """A message that can be edited later: (channel, ts). Raises PostFailedError."""
        answer = await self._call("chat.postMessage", channel=channel, thread_ts=thread_ts, **_message(reply))
        return answer["channel"], answer["ts"]

    async def update(self, channel: str, ts: str, reply: Reply) -> None:
        """Redraw a message. Raises PostFailedError."""
        await self._call("chat.update", channel=channel, ts=ts, **_message(reply))

    async def direct(self, user_id: str, reply: Reply) -> tuple[str, str] | None:
        """A direct message from the bot; None when Slack would not take it (logged)."""
        try:
            opened = await self._call("conversations.open", users=user_id)
            return await self.post(opened["channel"]["id"], reply)
        except PostFailedError as error:
            log.warning("a direct message could not be delivered", error=error.code)
            return None

    async def publish_home(self, user_id: str, blocks: list[Block]) -> None:
        """The Home tab of one person."""
        view = {"type": "home", "blocks": [block.to_dict() for block in blocks]}
        try:
            await self._call("views.publish", user_id=user_id, view=view)
        except PostFailedError as error:
            log.warning("the home tab could not be published", error=error.code)

    async def _call(self, method: str, **arguments: Any) -> Any:
        try:
            return await self._client.api_call(method, json={k: v for k, v in arguments.items() if v is not None})
        except SlackApiError as error:
            raise PostFailedError(str(error.response.get("error", "unknown"))) from None
        except (SlackClientError, ClientError, TimeoutError, OSError, ValueError) as error:
            raise PostFailedError(type(error).__name__) from None


def plain_text(reply: Reply) -> str:
    """The top-level text: Slack reads it as mrkdwn, so nothing in it may be a mention or a link."""
    return reply.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[:MOST_TEXT]


def _blocks(reply: Reply) -> list[dict[str, Any]]:
    return [block.to_dict() for block in reply.blocks]


def _message(reply: Reply) -> dict[str, Any]:
    return {"text": plain_text(reply), "blocks": _blocks(reply), "unfurl_links": False, "unfurl_media": False}
