"""Handing codes over: each to one person, remembered, so that nobody gets one that somebody else has."""

from collections.abc import Iterable

import msgspec

from bot.ct import Code
from bot.identity import SlackUser
from bot.stores.audit import Audit
from bot.stores.given import GivenCodes


class Gift(msgspec.Struct, frozen=True):
    """To whom a code was given, by whom (Slack ids), and when (epoch seconds)."""

    to: str
    by: str
    at: float


class Gifts:
    """Remembers what was given in one installation; the audit knows the batch, never the code."""

    def __init__(self, *, store: GivenCodes, audit: Audit) -> None:
        self._store = store
        self._audit = audit

    async def claim(
        self, who: SlackUser, place_id: str, voucher_id: str, codes: Iterable[Code], gift: Gift
    ) -> Code | None:
        """The first of `codes` that nobody was given, now given; None when all of them were."""
        batch = _batch(place_id, voucher_id)
        gone = await self._store.all(who.tag, batch)
        data = msgspec.json.encode(gift)
        for code in codes:
            if self._store.fingerprint(code.username) in gone:
                continue
            if await self._store.claim(who.tag, batch, code.username, data):
                return code
        return None

    async def release(self, who: SlackUser, place_id: str, voucher_id: str, code: Code) -> None:
        """It did not reach the person."""
        await self._store.release(who.tag, _batch(place_id, voucher_id), code.username)

    async def given(self, who: SlackUser, place_id: str, voucher_id: str) -> dict[str, Gift]:
        """All gifts of a batch, by the fingerprint of the code."""
        found = await self._store.all(who.tag, _batch(place_id, voucher_id))
        return {field: msgspec.json.decode(data, type=Gift) for field, data in found.items()}

    async def of(self, who: SlackUser, place_id: str, voucher_id: str, code: str) -> Gift | None:
        """Whom a code was given to."""
        return (await self.given(who, place_id, voucher_id)).get(self._store.fingerprint(code))

    async def record(self, who: SlackUser, gift: Gift, *, batch: str, box: str, location: str) -> None:
        """One row in the audit."""
        await self._audit.record("code_given", user=who.key, to=gift.to, box=box, box_name=batch, location=location)


def _batch(place_id: str, voucher_id: str) -> str:
    return f"{place_id}/{voucher_id}"
