"""What a command gets to work with: who asks, from where, and the services."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.ct import Box, CTUser, Location
from bot.identity import SlackUser
from bot.services.directory import Directory
from bot.services.linking import Linking
from bot.services.reboot import Reboots
from bot.services.sessions import Sessions
from bot.slack.registry import Registry
from bot.stores.asks import Asks

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The use cases that commands call; wired once by `create_app`."""

    sessions: Sessions
    linking: Linking
    directory: Directory
    reboots: Reboots
    asks: Asks
    registry: Registry
    dashboard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One command of one person, in one channel."""

    who: SlackUser
    channel_id: str
    text: str
    services: Services
    now: float = field(default_factory=time.time)

    async def ct(self, work: Callable[[CTUser], Awaitable[T]]) -> T:
        """Call CT with this person's own account. Raises NotLinkedError, CTError, StoreDownError."""
        return await self.services.sessions.call(self.who, work)

    async def box(self, query: str) -> Box:
        """The one box that is meant. Raises NoMatchError and AmbiguousError, which become questions."""
        return await self.services.directory.find_box(self.who, query)

    async def location(self, query: str) -> Location:
        """The one location that is meant, likewise."""
        return await self.services.directory.find_location(self.who, query)
