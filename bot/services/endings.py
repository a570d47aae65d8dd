"""How a link ends because CT said so: looked at again first, marked by one, told once (`guarantees.md` T5)."""

import asyncio
from collections.abc import Sequence

import structlog

from bot.errors import NotLinkedError, StoreDownError
from bot.identity import SlackUser
from bot.services.notices import Notices
from bot.services.pairs import Link, PairSealer
from bot.stores.audit import Audit
from bot.stores.tokens import LinkRecord, Status, TokenStore
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)


class Endings:
    """Decides that a link is dead. `rereads`: pauses in seconds, each followed by a look for a newer pair.

    `thaw`: more of them, while somebody who asked CT before may be frozen and have the newer pair.
    """

    def __init__(
        self,
        *,
        tokens: TokenStore,
        sealer: PairSealer,
        notices: Notices,
        audit: Audit,
        tasks: TaskSet,
        rereads: Sequence[float],
        thaw: Sequence[float],
    ) -> None:
        self._tokens = tokens
        self._sealer = sealer
        self._notices = notices
        self._audit = audit
        self._tasks = tasks
        self._rereads = tuple(rereads)
        self._thaw = tuple(thaw)

    async def newer(self, who: SlackUser, gen: int, *, maybe_frozen: bool = False) -> Link | None:
        """Wait for a pair that somebody else may be about to save over `gen`."""
        for pause in self._rereads + (self._thaw if maybe_frozen else ()):
            await asyncio.sleep(pause)
            record = usable(await self._tokens.load(who))
            if record.gen != gen:
                return self._sealer.link(who, record)
        return None

    async def end(self, who: SlackUser, gen: int, *, why: str, maybe_frozen: bool = False) -> Link:
        """Mark the link dead and raise NotLinkedError; or return the newer one that turned up meanwhile."""
        newer = await self.newer(who, gen, maybe_frozen=maybe_frozen)
        if newer is not None:
            return newer
        if await self._tokens.end(who, gen):
            self._tasks.spawn(self._tell(who, why), name="link-ended")
        record = usable(await self._tokens.load(who))
        return self._sealer.link(who, record)

    async def _tell(self, who: SlackUser, why: str) -> None:
        try:
            await self._audit.record("link_ended", who=who.key, why=why)
        except StoreDownError:
            log.warning("an audit row could not be written", row="link_ended", who=who.key)
        await self._notices.link_ended(who)


def usable(record: LinkRecord | None) -> LinkRecord:
    """The record, if a command may use it; otherwise a NotLinkedError that says whether CT ended it."""
    if record is None:
        raise NotLinkedError("You are not connected to CT.")
    if record.status is not Status.ACTIVE:
        raise NotLinkedError("CT has ended your connection. Connect again.", ended=True)
    return record
