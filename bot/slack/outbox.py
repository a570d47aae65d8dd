"""Messages that must arrive although Slack fails: kept sealed, sent in their order, by whichever replica lives (X3)."""

import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.crypto import Keyring, SealError
from bot.errors import StoreDownError
from bot.stores.due import DueQueue
from bot.stores.outbox import OutboxStore

KIND = "outbox"
_PURPOSE = "outbox"

TURN_SECONDS = 12.0  # longer than one message is tried; whoever dies in its turn is replaced after that

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message as it is kept, and opened; `message` is None when its data key is gone."""

    sealed: bytes = field(repr=False)
    message: Message | None = field(repr=False)
    kept_at: float


class Outbox:
    """The waiting messages of each destination: a channel's id, or `@` and a user's id."""

    def __init__(
        self, *, store: OutboxStore, queue: DueQueue, keyring: Keyring, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._queue = queue
        self._keyring = keyring
        self._clock = clock

    async def waits(self, to: str) -> bool:
        """True when something for `to` is waiting. Raises StoreDownError, as all of these do."""
        return await self._store.waits(to)

    async def put(self, to: str, message: Message, *, delay: float) -> None:
        """Keep a message; its destination is tried again in `delay` seconds. Blocks may hold codes: it is sealed."""
        kept = json.dumps({"kept_at": self._clock(), "message": message}).encode()
        sealed = self._keyring.seal(kept, owner=to, purpose=_PURPOSE)
        await self._store.push(to, sealed)
        await self._queue.hasten(KIND, to, delay=delay)

    @contextlib.asynccontextmanager
    async def turn(self, to: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
        """One replica at a time sends what waits for `to`: to be asked before each message whether it is this one."""
        sender = secrets.token_hex(8)

        async def mine() -> bool:
            return await self._store.hold(to, sender, seconds=TURN_SECONDS)

        try:
            yield mine
        finally:
            with contextlib.suppress(StoreDownError):  # then it runs out by itself
                await self._store.let_go(to, sender)

    async def head(self, to: str) -> Waiting | None:
        """The oldest message."""
        sealed = await self._store.head(to)
        if sealed is None:
            return None
        try:
            kept = json.loads(self._keyring.open(sealed, owner=to, purpose=_PURPOSE))
        except SealError:
            return Waiting(sealed, None, 0.0)
        return Waiting(sealed, kept["message"], kept["kept_at"])

    async def failing(self, to: str) -> float:
        """It was not taken; seconds since Slack began to take nothing there."""
        return await self._store.failing(to)

    async def drop(self, to: str, sealed: bytes, *, taken: bool) -> None:
        """It was delivered, or never can be."""
        await self._store.drop(to, sealed, taken=taken)
