"""Telling CT that a pair is over: due work, five tries, and a word to the person if CT will not hear of it."""

import msgspec
import structlog

from bot.crypto import SealError
from bot.ct import CTClient, CTError
from bot.errors import StoreDownError
from bot.identity import SlackUser
from bot.services.notices import Notices
from bot.services.pairs import Pair, PairSealer
from bot.stores.due import DueItem, DueQueue
from bot.stores.revocations import Gone
from bot.stores.tokens import LinkRecord, TokenStore
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)

REVOKE = "revoke"
_AHEAD = 30.0  # an announcement before the deed: found empty-handed, it does nothing
_PAUSES = (5.0, 30.0, 120.0, 600.0)  # between five tries


class Revocation:
    """Works off the pairs that wait for their revocation."""

    def __init__(
        self,
        *,
        ct: CTClient,
        tokens: TokenStore,
        queue: DueQueue,
        sealer: PairSealer,
        notices: Notices,
        tasks: TaskSet,
    ) -> None:
        self._ct = ct
        self._tokens = tokens
        self._gone = tokens.gone
        self._queue = queue
        self._sealer = sealer
        self._notices = notices
        self._tasks = tasks

    async def announce(self, who: SlackUser, *, ahead: bool = False) -> None:
        """Make a person's waiting pairs due now; `ahead` of the deed, so that a crash in between loses none."""
        name, delay = (f"{who.key} ahead", _AHEAD) if ahead else (who.key, 0.0)  # neither may replace the other
        await self._queue.add(REVOKE, name, msgspec.json.encode(who), delay=delay)

    async def announce_quietly(self, who: SlackUser) -> None:
        """Announce after something that has happened already: an outage must not turn it into a failure."""
        try:
            await self.announce(who)
        except StoreDownError:
            log.warning("a revocation waits for the next one", who=who.key)

    async def handle(self, item: DueItem) -> float | None:
        """Try each waiting pair once; returns the pause before the next try."""
        who = msgspec.json.decode(item.payload, type=SlackUser)
        pauses, unheard = [], False
        for gone in await self._gone.pending(who):
            try:
                accepted = await self._revoke(who, gone)
            except CTError as error:
                tries = await self._gone.failed(who, gone.gen)
                log.warning("a pair could not be revoked", who=who.key, tries=tries, error=str(error))
                if tries <= len(_PAUSES):
                    pauses.append(_PAUSES[tries - 1])
                    continue
                accepted = False
            await self._gone.drop(who, gone.gen)
            unheard = unheard or (gone.loud and not accepted)
        if unheard:
            self._tasks.spawn(self._notices.revoke_failed(who), name="revoke-failed")
        return min(pauses, default=None)

    async def _revoke(self, who: SlackUser, gone: Gone) -> bool:
        """False: CT has no such endpoint. Refresh token first; either one ends both (ct-api 1.7)."""
        try:
            pair = self._sealer.open(who, gone.sealed)
        except SealError:
            log.error("a pair cannot be revoked: its data key is not in CT_BOT_DATA_KEYS", who=who.key)  # noqa: TRY400
            return False
        if await self._lives_on(who, pair):
            return True
        accepted = True
        for token in (pair.refresh, pair.access):
            if token is not None and accepted:
                accepted = await self._ct.oauth.revoke(token, access_token=pair.access)
        return accepted

    async def _lives_on(self, who: SlackUser, pair: Pair) -> bool:
        """True when CT handed the same tokens out again: the person's present link must not die with the old one."""
        for record in (await self._tokens.load(who), await self._tokens.load_proving(who)):
            if record is not None and self._same(who, record, pair):
                return True
        return False

    def _same(self, who: SlackUser, record: LinkRecord, pair: Pair) -> bool:
        try:
            return self._sealer.open(who, record.sealed).shares_with(pair)
        except SealError:
            return True
