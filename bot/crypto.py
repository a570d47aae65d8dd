"""Encryption of what rests in Redis: AES-256-GCM, bound to its owner by associated data.

A record moved to another owner or another purpose does not decrypt (`guarantees.md` D1).
"""

import base64
import binascii
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import BotError

_VERSION = b"1"
_NONCE_BYTES = 12
_FEWEST_DIFFERENT = 12  # bytes; 32 random ones have fewer once in 10^25 keys, made-up ones nearly always


class SealError(BotError):
    """A sealed record cannot be opened: unknown key, another owner's, or damaged."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """One 256-bit key with its short id (1 to 16 letters or digits)."""

    id: str
    key: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "DataKey":
        """Read `id:base64`; raises ValueError with a sentence that never holds the key."""
        key_id, colon, encoded = text.strip().partition(":")
        if not (colon and key_id.isascii() and key_id.isalnum() and len(key_id) <= 16):
            raise ValueError("a key's id must be 1 to 16 letters or digits, before a colon")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"key {key_id} is not base64") from None
        if len(key) != 32:
            raise ValueError(f"key {key_id} must be 32 bytes, it is {len(key)}")
        if len(set(key)) < _FEWEST_DIFFERENT:
            raise ValueError(f"key {key_id} is not random; `ct-bot keys` makes one that is")
        return cls(key_id, key)


class Keyring:
    """The data keys: all of them read, and the first one writes, unless `agree` says that others cannot read it yet."""

    def __init__(self, keys: Sequence[DataKey]) -> None:
        self._order = [key.id for key in keys]
        self._writer = self._order[0]
        self._ciphers = {key.id: AESGCM(key.key) for key in keys}

    def agree(self, others: Iterable[Collection[str]]) -> None:
        """Write with the first key that all replicas have; `others` are the ids of each one's keys.

        While keys are changed, replicas with the old ones and with the new ones run beside each other (row D2).
        """
        known = [set(keys) for keys in others]
        common = [key for key in self._order if all(key in keys for keys in known)]
        self._writer = (common or self._order)[0]

    def seal(self, plain: bytes, *, owner: str, purpose: str) -> bytes:
        """Encrypt for one owner and one purpose: `1.<key id>.` + nonce + ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        head = _VERSION + b"." + self._writer.encode() + b"."
        return head + nonce + self._ciphers[self._writer].encrypt(nonce, plain, _data(head, owner, purpose))

    def open(self, sealed: bytes, *, owner: str, purpose: str) -> bytes:
        """Decrypt; raises SealError when the key is unknown or the record is not this owner's."""
        version, _, rest = sealed.partition(b".")
        key_id, _, body = rest.partition(b".")
        cipher = self._ciphers.get(key_id.decode("ascii", "replace"))
        if version != _VERSION or cipher is None:
            raise SealError("This record was sealed with a data key that is no longer here.")
        head = version + b"." + key_id + b"."
        try:
            return cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _data(head, owner, purpose))
        except (InvalidTag, ValueError):
            raise SealError("This record does not belong here, or is damaged.") from None

    def needs_rewrap(self, sealed: bytes) -> bool:
        """True when an older key wrote it, so that a reader can write it anew."""
        return key_id_of(sealed) not in self._order[: self._order.index(self._writer) + 1]


def key_id_of(sealed: bytes) -> str:
    """Which data key sealed a record; empty for what is no sealed record."""
    version, _, rest = sealed.partition(b".")
    return rest.partition(b".")[0].decode("ascii", "replace") if version == _VERSION else ""


def _data(head: bytes, owner: str, purpose: str) -> bytes:
    return head + f"{owner}|{purpose}".encode()
