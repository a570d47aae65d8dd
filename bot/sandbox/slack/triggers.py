"""`trigger_id`s: good once, for three seconds."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.refused import RefusedError


@dataclass
class Trigger:
    user: str
    team_id: str
    view_id: str | None
    at: float
    used: bool = False


class Triggers:
    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._triggers: dict[str, Trigger] = {}
        self._clock = clock

    def mint(self, user: str, team_id: str, *, view_id: str | None = None) -> str:
        now = self._clock()
        if len(self._triggers) > 10_000:
            self._triggers = {key: held for key, held in self._triggers.items() if now - held.at < 60}
        key = f"{int(now * 1000)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._triggers[key] = Trigger(user, team_id, view_id, now)
        return key

    def redeem(self, key: str | None, *, seconds: float) -> Trigger:
        """The trigger, now used; else `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`."""
        trigger = self._triggers.get(key or "")
        if trigger is None:
            raise RefusedError("invalid_trigger_id")
        if trigger.used:
            raise RefusedError("exchanged_trigger_id")
        if self._clock() - trigger.at > seconds:
            raise RefusedError("expired_trigger_id")
        trigger.used = True
        return trigger
