"""The steps that make a link: begin, adopt, prove, activate or abandon (`guarantees.md` section 3, steps 7 to 9).

The new pair rests beside the link that works until it is proved: a failed attempt leaves the old link as it was.
"""

from dataclasses import dataclass

import msgspec

from bot.crypto import SealError
from bot.ct import CTClient, CTError, CTUser, TokenPair
from bot.errors import LinkExpiredError
from bot.identity import SlackUser
from bot.services.notices import Account
from bot.services.pairs import Pair, PairSealer
from bot.services.revocation import Revocation
from bot.services.rotation import refresh_after
from bot.stores.due import DueItem, DueQueue
from bot.stores.tokens import Epoch, TokenStore

UNPROVED = "unproved"
_PROVED_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class ActivateResult:
    """`ok` False: withdrawn meanwhile. `switched`: it replaced a link to another CT account."""

    ok: bool
    switched: bool


class LinkSteps:
    """Takes a new pair from CT's hands to an active link."""

    def __init__(
        self, *, ct: CTClient, tokens: TokenStore, sealer: PairSealer, queue: DueQueue, revocation: Revocation
    ) -> None:
        self._ct = ct
        self._tokens = tokens
        self._sealer = sealer
        self._queue = queue
        self._revocation = revocation

    async def adopt(self, who: SlackUser, pair: TokenPair, *, epoch: Epoch) -> int | None:
        """Save a new pair as PROVING; due work ends it if nobody proves it within a minute.

        An earlier attempt that is still being proved ends here, and its pair is revoked.
        """
        await self._revocation.announce(who, ahead=True)
        sealed = self._sealer.seal(who, Pair(pair.access_token, pair.refresh_token))
        await self._queue.add(UNPROVED, who.key, msgspec.json.encode(who), delay=_PROVED_WITHIN)
        gen = await self._tokens.adopt(who, sealed, epoch=epoch, refresh_in=refresh_after(pair.expires_in))
        if gen is None:
            await self._revocation.announce_quietly(who)
        return gen

    async def prove(self, who: SlackUser, gen: int) -> Account:
        """Ask CT whose the new pair is; raises CTError, or LinkExpiredError when the attempt was withdrawn."""
        record = await self._tokens.load_proving(who)
        if record is None or record.gen != gen:
            raise LinkExpiredError("This attempt to connect was withdrawn. Start again.")
        try:
            user = self._ct.as_user(self._sealer.open(who, record.sealed).access)
        except SealError:
            raise LinkExpiredError("This attempt to connect can no longer be read. Start again.") from None
        me = await user.me()
        locations = me.locations if me.locations is not None else await _locations(user)
        return Account(ct_user=me.slug, label=me.label, account_id=me.account_id, locations=locations)

    async def activate(self, who: SlackUser, gen: int, account: Account) -> ActivateResult:
        """The proved link becomes the link, in one step; what it replaces is revoked."""
        await self._revocation.announce(who, ahead=True)
        done = await self._tokens.activate(who, gen, account=msgspec.json.encode(account), ct_user=account.ct_user)
        if done.replaced:
            await self._revocation.announce_quietly(who)
        return ActivateResult(done.ok, done.switched)

    async def abandon(self, who: SlackUser, gen: int) -> bool:
        """Drop a link that was not proved and revoke its pair; the old link stays."""
        await self._revocation.announce(who, ahead=True)
        abandoned = await self._tokens.abandon(who, gen)
        if abandoned:
            await self._revocation.announce_quietly(who)
        return abandoned

    async def handle(self, item: DueItem) -> float | None:
        """An attempt that was cut off between adopting and activating: drop it."""
        who = msgspec.json.decode(item.payload, type=SlackUser)
        record = await self._tokens.load_proving(who)
        if record is not None:
            await self.abandon(who, record.gen)
        return None


async def _locations(user: CTUser) -> int | None:
    """How many locations they see, where `me` does not say; a nicety that may fail."""
    try:
        return (await user.locations.list(per=1)).total_entries
    except CTError:
        return None
