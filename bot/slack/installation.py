"""The workspace, or organisation, that the bot is installed in; asked from Slack once, not per request."""

import asyncio
import time
from dataclasses import dataclass

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.identity import SlackUser

log = structlog.get_logger(__name__)

_ASK_AGAIN_SECONDS = 5.0
_ASK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the bot token belongs to."""

    team_id: str
    team_name: str
    enterprise_id: str | None
    whole_enterprise: bool
    bot_user_id: str


class InstallationOfToken:
    """Knows the installation of the one bot token, and who belongs to it."""

    def __init__(self, *, client: AsyncWebClient, allowed_teams: tuple[str, ...] = ()) -> None:
        self._client = client
        self._allowed = allowed_teams
        self._known: Installation | None = None
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    @property
    def known(self) -> Installation | None:
        """The installation, once Slack has told."""
        return self._known

    async def ask(self) -> Installation | None:
        """Ask Slack (auth.test) unless it is known; None while Slack does not answer. At most once in five seconds."""
        async with self._asking:
            if self._known is None and time.monotonic() - self._asked_at > _ASK_AGAIN_SECONDS:
                self._asked_at = time.monotonic()
                await self._ask()
        return self._known

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                answer = await self._client.auth_test()
        except (SlackClientError, ClientError, TimeoutError, OSError, ValueError, AttributeError) as error:
            # The last two are how slack_sdk meets an answer that is no JSON object.
            log.warning("slack did not say who we are", error=type(error).__name__)
            return
        self._known = Installation(
            team_id=answer.get("team_id") or "",
            team_name=answer.get("team") or "",
            enterprise_id=answer.get("enterprise_id"),
            whole_enterprise=bool(answer.get("is_enterprise_install")),
            bot_user_id=answer.get("user_id") or "",
        )

    async def alone(self) -> bool:
        """True for an installation in one workspace; a whole organisation, or an unknown one, is not."""
        home = await self.ask()
        return home is not None and not home.whole_enterprise

    async def admits(self, who: SlackUser) -> bool:
        """True for members of the installation, and of the teams that the policy lists (row S4)."""
        home = await self.ask()
        if home is None:
            return False
        if home.whole_enterprise and home.enterprise_id and who.enterprise_id == home.enterprise_id:
            return True
        return who.team_id == home.team_id or who.team_id in self._allowed
