"""Everything that leaves for Slack: answers by response_url, messages by the Web API. One shared session."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from slack_sdk.errors import SlackApiError, SlackClientError, SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StoreDownError
from bot.slack.charts import without_charts
from bot.slack.outbox import Message, Outbox, Waiting
from bot.slack.reply import Reply
from bot.slack.web_client import BAD_BLOCKS, NOT_THERE, TIMEOUT_SECONDS, PostFailedError, wait_of
from bot.stores.due import DueItem

__all__ = ["NOT_THERE", "Courier", "PostFailedError", "plain_text"]

log = structlog.get_logger(__name__)

_CALL_SECONDS = 30.0  # one call of the Web API, with its waits; slack_sdk's own timeout is not for shared sessions
MOST_TEXT = 750  # escaped at most five times as long: under the 4,000 that Slack advises
_SLACK_HOSTS = {("https", "hooks.slack.com"), ("https", "hooks.slack-gov.com")}
_SOON, _SELDOM = 1.0, 60.0  # seconds between two tries
_BUSY = 0.5  # seconds after which to look again whether another replica has done it
_WORK_SECONDS, _TRY_SECONDS = 6.0, 6.0  # of one turn at a destination, and of one message in it: due work has 18


class Courier:
    """Delivers replies."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        session: ClientSession,
        api_url: str,
        outbox: Outbox,
        observe: Callable[[str, str, float], None],
        timeout: float = TIMEOUT_SECONDS,
        call_timeout: float = _CALL_SECONDS,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._observe = observe
        self._session = session
        self._timeout = ClientTimeout(timeout)
        self._call_timeout = call_timeout
        self._hosts = _SLACK_HOSTS | {_host(api_url)}

    async def respond(self, url: str, reply: Reply, *, replace: bool = False, public: bool = False) -> bool:
        """Answer where somebody typed or clicked; False when Slack would not take it (used up, too late, down)."""
        if _host(url) not in self._hosts:
            log.warning("a response address that is not Slack's was refused")
            return False
        body = {
            "response_type": "in_channel" if public else "ephemeral",
            "replace_original": replace,
            "text": plain_text(reply),
        }
        refused = await self._hook(url, body | {"blocks": _drawn(reply.blocks)})
        if refused and BAD_BLOCKS in refused and (plain := without_charts(reply.blocks)):
            refused = await self._hook(url, body | {"blocks": _drawn(plain)})
        return refused is None

    async def _hook(self, url: str, body: dict[str, Any]) -> str | None:
        """One post to a response address; why it was not taken, or None."""
        began = time.perf_counter()
        refused = await self._posted(url, body)
        self._observe("response_url", "refused" if refused else "ok", time.perf_counter() - began)
        return refused

    async def _posted(self, url: str, body: dict[str, Any]) -> str | None:
        try:
            async with self._session.post(url, json=body, timeout=self._timeout, allow_redirects=False) as answer:
                if answer.status == 200:
                    return None
                reason = (await answer.content.read(200)).decode(errors="replace")
                log.warning("slack refused an answer", status=answer.status, reason=reason)
                return reason or str(answer.status)
        except (ClientError, TimeoutError, OSError) as error:
            log.warning("slack could not be reached", error=type(error).__name__)
            return type(error).__name__

    async def answer(self, url: str, user_id: str, reply: Reply, *, replace: bool = False) -> None:
        """Answer by response_url, else by direct message: nobody is left without an answer."""
        if not url or not await self.respond(url, reply, replace=replace):
            await self.tell(user_id, reply)

    async def post(self, channel: str, reply: Reply, *, thread_ts: str | None = None) -> tuple[str, str]:
        """A message that can be edited later: (channel, ts). Raises PostFailedError."""
        answer = await self._say("chat.postMessage", reply, channel=channel, thread_ts=thread_ts)
        return _told(answer, "channel"), _told(answer, "ts")

    async def update(self, channel: str, ts: str, reply: Reply) -> None:
        """Redraw a message. Raises PostFailedError."""
        await self._say("chat.update", reply, channel=channel, ts=ts)

    async def direct(self, user_id: str, reply: Reply) -> tuple[str, str] | None:
        """A direct message from the bot; None when Slack would not take it (logged)."""
        try:
            opened = await self._call("conversations.open", users=user_id)
            return await self.post(_told(opened.get("channel"), "id"), reply)
        except PostFailedError as error:
            log.warning("a direct message could not be delivered", error=error.code)
            return None

    # --- what must arrive -----------------------------------------------------------------------

    async def tell(self, user_id: str, reply: Reply) -> bool:
        """A direct message that arrives, if late: what Slack does not take now is sent as soon as it does.

        False where it never can, or where neither Slack nor the store took it.
        """
        return await self._surely(f"@{user_id}", _message(reply, reply.blocks))

    async def announce(self, channel: str, reply: Reply, *, thread_ts: str | None = None) -> bool:
        """A message in a channel, likewise; False where the bot cannot speak."""
        where = {"thread_ts": thread_ts} if thread_ts else {}
        return await self._surely(channel, {**_message(reply, reply.blocks), **where})

    async def _surely(self, to: str, message: Message) -> bool:
        """Now, or behind what waits for the same destination; False when it can never be delivered."""
        try:
            if await self._outbox.waits(to):
                await self._outbox.put(to, message, delay=_SOON)
                return True
        except StoreDownError:
            log.warning("a message goes past the outbox", to=to)
        try:
            async with asyncio.timeout(_TRY_SECONDS):  # due work has no more; who waits for Slack waits in the outbox
                await self._deliver(to, message)
        except TimeoutError:
            return await self._keep(to, message, PostFailedError("TimeoutError"))
        except PostFailedError as error:
            if error.final(direct=to.startswith("@")):
                log.warning("a message could not be delivered", to=to, error=error.code)
                return False
            return await self._keep(to, message, error)
        return True

    async def _keep(self, to: str, message: Message, error: PostFailedError) -> bool:
        log.warning("a message waits for Slack", to=to, error=error.code)
        try:
            await self._outbox.put(to, message, delay=error.retry_after or _SOON)
        except StoreDownError:
            log.exception("a message is lost: neither Slack nor the store took it", to=to)
            return False
        return True

    async def work_off(self, item: DueItem) -> float | None:
        """Due work: send what waits for one destination, oldest first; what fails for long is tried seldom."""
        to, until = item.id, time.monotonic() + _WORK_SECONDS
        async with self._outbox.turn(to) as mine:
            while time.monotonic() < until:
                if not await mine():
                    return _BUSY
                waiting = await self._outbox.head(to)
                if waiting is None:
                    return None
                if (again := await self._again(to, waiting)) is not None:
                    return again
        return 0.0

    async def _again(self, to: str, waiting: Waiting) -> float | None:
        """Try one message; None when it is done with, or the seconds to the next try."""
        taken = False
        try:
            if waiting.message is not None:
                async with asyncio.timeout(_TRY_SECONDS):
                    await self._deliver(to, waiting.message)
                taken = True
        except TimeoutError:
            return _later(await self._outbox.failing(to))
        except PostFailedError as error:
            failing = await self._outbox.failing(to)
            if not error.final(failing, direct=to.startswith("@")):
                return error.retry_after or _later(failing)
            log.warning("a message could not be delivered", to=to, error=error.code)
        await self._outbox.drop(to, waiting.sealed, taken=taken)
        return None

    async def _deliver(self, to: str, message: Message) -> None:
        channel = to
        if to.startswith("@"):
            opened = await self._call("conversations.open", users=to[1:])
            channel = _told(opened.get("channel"), "id")
        try:
            await self._call("chat.postMessage", channel=channel, **message)
        except PostFailedError as error:
            if not error.code.startswith(BAD_BLOCKS):
                raise
            # Charts are new to Slack, and refused in places; the text says the same.
            await self._call("chat.postMessage", channel=channel, **{**message, "blocks": []})

    async def publish_home(self, user_id: str, blocks: list[Block]) -> None:
        """The Home tab of one person."""
        view = {"type": "home", "blocks": _drawn(blocks)}
        try:
            await self._call("views.publish", user_id=user_id, view=view)
        except PostFailedError as error:
            log.warning("the home tab could not be published", error=error.code)

    async def open_view(self, trigger_id: str, view: View) -> str:
        """Open a modal; returns its id. Raises PostFailedError (`expired_trigger_id` after three seconds)."""
        answer = await self._call("views.open", trigger_id=trigger_id, view=view.to_dict())
        return _told(answer.get("view"), "id")

    async def update_view(self, view_id: str, view: View) -> None:
        """Draw a modal anew. Raises PostFailedError."""
        await self._call("views.update", view_id=view_id, view=view.to_dict())

    async def send_file(
        self, user_id: str, *, name: str, content: bytes, comment: str, within: float | None = None
    ) -> bool:
        """A file in the direct messages of one person; False when Slack would not take it (logged) `within` seconds."""
        try:
            opened = await self._call("conversations.open", users=user_id)
            channel = _told(opened.get("channel"), "id")
            async with asyncio.timeout(within or self._call_timeout):
                await self._client.files_upload_v2(
                    channel=channel, filename=name, title=name, content=content, initial_comment=comment
                )
        except PostFailedError as error:
            log.warning("a file could not be sent", error=error.code)
            return False
        except (SlackClientError, ClientError, TimeoutError, OSError, ValueError, AttributeError) as error:
            log.warning("a file could not be sent", error=type(error).__name__)
            return False
        return True

    async def _say(self, method: str, reply: Reply, **where: Any) -> dict[str, Any]:
        """A message; with text in place of its charts where Slack refuses them: then nothing was posted."""
        try:
            return await self._call(method, **where, **_message(reply, reply.blocks))
        except PostFailedError as error:
            plain = without_charts(reply.blocks)
            if not error.code.startswith(BAD_BLOCKS) or plain is None:
                raise
        return await self._call(method, **where, **_message(reply, plain))

    async def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        began, outcome = time.perf_counter(), "cancelled"
        try:
            answer = await self._called(method, arguments)
            outcome = "ok"
        except PostFailedError as error:
            outcome = error.code
            raise
        finally:
            self._observe(method, outcome, time.perf_counter() - began)
        return answer

    async def _called(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._call_timeout):
                answer = await self._client.api_call(method, json={k: v for k, v in arguments.items() if v is not None})
        except SlackApiError as error:
            wait = wait_of(getattr(error.response, "headers", None) or {})
            raise PostFailedError(str(_json(error.response).get("error") or "unreadable"), retry_after=wait) from None
        except (SlackClientError, ClientError, TimeoutError, OSError, ValueError, AttributeError) as error:
            # slack_sdk takes it for granted that JSON is an object: an AttributeError where it is not.
            raise PostFailedError(type(error).__name__) from None
        return _json(answer)


def _later(failing: float) -> float:
    """Seconds to the next try: a tenth of how long Slack has taken nothing there."""
    return min(_SELDOM, max(_SOON, failing / 10))


def plain_text(reply: Reply) -> str:
    """The top-level text: Slack reads it as mrkdwn, so nothing in it may be a mention or a link."""
    return reply.text[:MOST_TEXT].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _host(url: str) -> tuple[str, str]:
    """Scheme and host; of no host at all for an address that is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _json(answer: Any) -> dict[str, Any]:
    """What Slack answered; nothing where that was no JSON."""
    data = getattr(answer, "data", None)
    return data if isinstance(data, dict) else {}


def _told(answer: Any, name: str) -> str:
    """What Slack's answer must say; raises PostFailedError when it does not."""
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str):
        raise PostFailedError("unreadable")
    return value


def _drawn(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """The blocks as JSON; none, rather than no answer at all, where a view went over Slack's limits."""
    try:
        return [block.to_dict() for block in blocks]
    except SlackObjectFormationError:
        log.exception("a view is over Slack's limits: only its text is sent")
        return []


def _message(reply: Reply, blocks: Sequence[Block]) -> dict[str, Any]:
    return {"text": plain_text(reply), "blocks": _drawn(blocks), "unfurl_links": False, "unfurl_media": False}
