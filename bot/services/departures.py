"""The ends that people choose: unlink, and the app leaving a workspace (`guarantees.md` L8).

The local end comes first and at once; CT hears of it by due work.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from bot.identity import SlackUser
from bot.services.revocation import Revocation
from bot.stores.due import DueItem, DueQueue
from bot.stores.tokens import Epoch, TokenStore

FORGET = "forget"
_AHEAD = 30.0
_AT_ONCE = 100  # people a script; more would keep Redis from others


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """Who leaves: an installation, one team of it, or some of its people. `moment`: links begun later stay."""

    tag: str
    team_id: str | None
    user_ids: tuple[str, ...] | None
    moment: int

    @property
    def id(self) -> str:
        people = ",".join(sorted(self.user_ids)) if self.user_ids is not None else "all"
        return f"{self.tag}:{self.team_id or ''}:{hashlib.sha256(people.encode()).hexdigest()[:16]}"

    def concerns(self, who: SlackUser) -> bool:
        """True when this person leaves."""
        return self.team_id in {None, who.team_id} and (self.user_ids is None or who.user_id in self.user_ids)

    def scopes(self, members: Sequence[SlackUser]) -> list[str]:
        """What to mark, so that a linking under way cannot end well."""
        if self.user_ids is None:
            return [self.team_id or ""]
        known = {f"{who.team_id}:{who.user_id}" for who in members if self.concerns(who)}
        return sorted(known | {f"{self.team_id or self.tag}:{user}" for user in self.user_ids})


class Departures:
    """Ends links, and sees to it that their pairs are revoked."""

    def __init__(self, *, tokens: TokenStore, queue: DueQueue, revocation: Revocation) -> None:
        self._tokens = tokens
        self._queue = queue
        self._revocation = revocation

    async def unlink(self, who: SlackUser) -> bool:
        """End one person's link; True if there was one."""
        await self._revocation.announce(who, ahead=True)
        ended = await self._tokens.unlink(who)
        if ended.revocable:
            await self._revocation.announce_quietly(who)
        return ended.linked

    async def forget(
        self, tag: str, *, team_id: str | None, user_ids: Sequence[str] | None, moment: Epoch | None
    ) -> int:
        """End all links that a departure concerns; returns how many people had one. Written ahead, may be repeated."""
        departure = Departure(
            tag=tag,
            team_id=team_id,
            user_ids=None if user_ids is None else tuple(user_ids),
            moment=moment or await self._tokens.now(),
        )
        await self._queue.add(FORGET, departure.id, msgspec.json.encode(departure), delay=_AHEAD)
        count = await self._carry_out(departure)
        await self._queue.remove(FORGET, departure.id)
        return count

    async def handle(self, item: DueItem) -> float | None:
        """A departure that was cut off: do it again."""
        await self._carry_out(msgspec.json.decode(item.payload, type=Departure))
        return None

    async def _carry_out(self, departure: Departure) -> int:
        moment = Epoch(departure.moment)
        if departure.user_ids is None:
            await self._tokens.mark(departure.tag, departure.scopes(()), moment=moment)
        members = await self._tokens.members(departure.tag)
        if departure.user_ids:
            await self._tokens.mark(departure.tag, departure.scopes(members), moment=moment)
        leaving = [who for who in members if departure.concerns(who)]
        count = 0
        for start in range(0, len(leaving), _AT_ONCE):
            count += await self._forget(departure, leaving[start : start + _AT_ONCE])
        return count

    async def _forget(self, departure: Departure, people: Sequence[SlackUser]) -> int:
        for who in people:
            await self._revocation.announce(who, ahead=True)
        pairs = await self._tokens.forget(departure.tag, people, before=Epoch(departure.moment))
        gone = [who for who, waiting in zip(people, pairs, strict=True) if waiting]
        for who in gone:
            await self._revocation.announce_quietly(who)
        return len(gone)
