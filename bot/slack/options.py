"""Typeahead: what a picker offers, inside Slack's three seconds or with nothing."""

import asyncio
from typing import Any

import structlog
from slack_sdk.models.blocks import Option

from bot.identity import SlackUser
from bot.services.directory import EITHER
from bot.services.names import search
from bot.slack.context import Context, Services
from bot.slack.pickers import matching
from bot.slack.views import asking

log = structlog.get_logger(__name__)

MOST_OPTIONS = 100
SECONDS = 2.5


class Options:
    """Answers Slack's question what to offer, with the asker's own rights."""

    def __init__(self, *, services: Services) -> None:
        self._services = services

    async def offer(self, who: SlackUser, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The options for what was typed so far; none where CT is too slow, or the person is not linked."""
        noun = asking.noun_of(str(body.get("action_id")))
        try:
            async with asyncio.timeout(SECONDS):
                found = await self._find(who, noun, str(body.get("value") or ""), str(body.get("block_id") or ""))
        except Exception as error:
            log.info("no options", noun=noun, error=type(error).__name__)
            return []
        return [option.to_dict() for option in found]

    async def _find(self, who: SlackUser, noun: str | None, query: str, block: str) -> list[Option]:
        directory = self._services.directory
        if noun in {"box", "location", EITHER}:
            things: list[Any] = []
            if noun != "box":
                things += (await directory.locations(who)).things
            if noun != "location":
                things += (await directory.boxes(who)).things
            found = search(things, query, limit=MOST_OPTIONS, rank=lambda item: item.name.casefold())
            return [asking.option(item) for item in found]
        picker = self._services.registry.pickers.get(noun or "")
        ask = await self._services.asks.find(block.removeprefix(asking.ASK_BLOCK), who.key)
        if picker is None or ask is None:
            return []
        context = Context(who=who, channel_id="", text="", services=self._services)
        return matching(await picker.choices(context, ask.scope), query)
