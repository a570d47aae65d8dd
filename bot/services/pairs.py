"""Token pairs as they rest: sealed for their owner, opened only to be used (`guarantees.md` D1)."""

from dataclasses import dataclass, field

import msgspec
import structlog

from bot.crypto import Keyring, SealError
from bot.errors import NotLinkedError
from bot.identity import SlackUser
from bot.stores.tokens import LinkRecord

log = structlog.get_logger(__name__)

_PURPOSE = "ct-token"


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and the refresh token that renews it; CT may give none of the latter."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False, default=None)

    def shares_with(self, other: "Pair") -> bool:
        """True when ending one would end the other: CT may hand out a live token a second time."""
        return self.access == other.access or (self.refresh is not None and self.refresh == other.refresh)


@dataclass(frozen=True, slots=True)
class Link:
    """A link ready for use. `account`: whose it is at CT, as it rests beside the pair."""

    gen: int
    pair: Pair
    account: bytes = field(repr=False)


class PairSealer:
    """Seals pairs for one owner and one purpose; a record moved to another person does not open."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def seal(self, who: SlackUser, pair: Pair) -> bytes:
        return self._keyring.seal(msgspec.json.encode(pair), owner=who.key, purpose=_PURPOSE)

    def open(self, who: SlackUser, sealed: bytes) -> Pair:
        """Raises SealError when the data key is gone, or the record is another's."""
        return msgspec.json.decode(self._keyring.open(sealed, owner=who.key, purpose=_PURPOSE), type=Pair)

    def link(self, who: SlackUser, record: LinkRecord) -> Link:
        """Open a link; one that cannot be opened asks for a new link and stays: its key may come back (D2)."""
        try:
            return Link(record.gen, self.open(who, record.sealed), record.account)
        except SealError:
            log.error("a link cannot be opened: its data key is not in CT_BOT_DATA_KEYS", who=who.key)  # noqa: TRY400
            raise NotLinkedError("Your connection to CT can no longer be read. Connect again.", ended=True) from None

    def rewrapped(self, who: SlackUser, record: LinkRecord, link: Link) -> bytes | None:
        """The pair sealed anew, if an older key sealed it."""
        return self.seal(who, link.pair) if self._keyring.needs_rewrap(record.sealed) else None
