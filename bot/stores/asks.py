"""A command that waits for its missing argument: `ct:ask:{<id>}`, half an hour to live (a response_url's own life).

It is sealed for whoever was asked: a guest's code, or a password, may stand in what they typed.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from bot.crypto import Keyring, SealError
from bot.stores.redis import guarded

_TTL = 1800
_PURPOSE = "ask"


@dataclass(frozen=True, slots=True)
class Ask:
    """A half-typed command, and the thing (a slug) inside which its missing value is looked for."""

    template: str
    scope: str


class Asks:
    """Keeps the words of a half-typed command while the person picks from a list."""

    def __init__(self, redis: Redis, keyring: Keyring) -> None:
        self._redis = redis
        self._keyring = keyring

    @staticmethod
    def _key(ask_id: str) -> str:
        return f"ct:ask:{{{ask_id}}}"

    @guarded
    async def keep(self, owner: str, template: str, *, scope: str = "") -> str:
        """Keep a command with a `{}` where the picked value goes, and where to look for values; returns its id."""
        ask_id = secrets.token_urlsafe(12)
        sealed = self._keyring.seal(f"{scope}\n{template}".encode(), owner=owner, purpose=_PURPOSE)
        await self._redis.set(self._key(ask_id), sealed, ex=_TTL)
        return ask_id

    @guarded
    async def find(self, ask_id: str, owner: str) -> Ask | None:
        """The command, if it is this person's and still there. It may be picked from again: it only asks."""
        value: Any = await self._redis.get(self._key(ask_id))
        try:
            plain = self._keyring.open(value or b"", owner=owner, purpose=_PURPOSE)
        except SealError:
            return None
        scope, template = plain.decode().split("\n", 1)
        return Ask(template, scope)
