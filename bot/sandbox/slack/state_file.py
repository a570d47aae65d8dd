"""Keeps what a demo would miss after a restart: lasting messages, Home tabs, who allowed what, the sign-in key."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.sign_in import SignIn
from bot.sandbox.slack.world import World

INTERVAL = 1.0


class StateFile:
    def __init__(self, path: Path, world: World, sign_in: SignIn) -> None:
        self._path = path
        self._world = world
        self._sign_in = sign_in
        self._saved_at = -1

    def load(self) -> None:
        """Start from the file; a missing or unreadable one means a fresh workspace."""
        try:
            held: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
            messages = [Message(**message) for message in held["messages"]]
        except (OSError, ValueError, TypeError, KeyError):
            return
        for message in messages:
            self._world.messages.restore(message)
        self._world.views.homes.update(held["homes"])
        self._sign_in.allowed.update(held["allowed"])
        self._sign_in.keys.restore(held["key"])

    def save(self) -> None:
        """Written beside and moved into place, so a kill leaves the old file or the new one."""
        held = {
            "messages": [asdict(message) for message in self._world.messages.all() if message.only_for is None],
            "homes": self._world.views.homes,
            "allowed": sorted(self._sign_in.allowed),
            "key": self._sign_in.keys.export(),
        }
        beside = self._path.with_suffix(".new")
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(held), encoding="utf-8")
        beside.replace(self._path)
        self._saved_at = self._world.audience.number

    async def keep_saving(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            if self._saved_at != self._world.audience.number:
                self.save()
