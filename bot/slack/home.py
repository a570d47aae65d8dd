"""Publishes the Home tab when somebody opens it."""

import time
from typing import Any

from bot.ct import CTError
from bot.errors import BotError
from bot.identity import SlackUser
from bot.services.sessions import Sessions
from bot.services.venues import read_overview
from bot.slack.courier import Courier
from bot.slack.views import home as views
from bot.stores.asks import Asks


class HomeTab:
    """The Home tab of one person, drawn fresh each time it is opened."""

    def __init__(self, *, sessions: Sessions, courier: Courier, asks: Asks) -> None:
        self._sessions = sessions
        self._courier = courier
        self._asks = asks

    async def opened(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """`app_home_opened`; the Messages tab is not ours to draw."""
        user, team = event.get("user"), body.get("team_id")
        if event.get("tab", "home") != "home" or not isinstance(user, str) or not isinstance(team, str):
            return
        who = SlackUser(team, user, body.get("enterprise_id") or None)
        account, counts, trouble = None, None, None
        ask_id = ""
        try:
            ask_id = await self._asks.keep(who.key, "")
            account = await self._sessions.account(who)
            if account is not None:
                counts = await self._sessions.call(who, read_overview)
        except (CTError, BotError):
            trouble = "I can't read CT just now. Nothing was changed; try again in a minute."
        await self._courier.publish_home(who.user_id, list(views.tab(account, counts, ask_id, time.time(), trouble)))
