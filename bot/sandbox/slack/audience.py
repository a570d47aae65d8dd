"""Who is told of what changed on the screen: one numbered list that sockets and long polls read from."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    number: int
    users: frozenset[str]
    event: dict[str, Any]


class Audience:
    def __init__(self, *, keep: int = 20_000) -> None:
        self._changes: deque[Change] = deque(maxlen=keep)
        self._told = asyncio.Event()
        self.number = 0

    def tell(self, users: frozenset[str], event: dict[str, Any]) -> None:
        self.number += 1
        self._changes.append(Change(self.number, users, event))
        self._told.set()
        self._told = asyncio.Event()

    def since(self, number: int, user: str) -> list[Change]:
        """Changes after `number` that `user` can see; walks back from the newest, so an idle reader costs nothing."""
        found = []
        for change in reversed(self._changes):
            if change.number <= number:
                break
            if user in change.users:
                found.append(change)
        return found[::-1]

    async def wait(self, number: int, user: str) -> list[Change]:
        """The next changes after `number` for `user`; waits for as long as it takes."""
        while not (changes := self.since(number, user)):
            await self._told.wait()
        return changes
