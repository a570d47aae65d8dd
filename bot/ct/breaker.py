"""Leaving CT alone while it fails everybody: fast refusals for us, one probe a second for it (`guarantees.md` X2)."""

import time
from collections.abc import Callable

from bot.ct.errors import CTConnectionError, CTError, CTServerError

FAILURES = 8  # in a row, whoever's: a server that fails one person's calls alone answers others in between
PAUSE = 1.0  # seconds between two probes


class Breaker:
    """Opens after `failures` calls in a row without an answer, or with a 5xx; any other answer closes it."""

    def __init__(
        self, *, failures: int = FAILURES, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._failed = 0
        self._probe_at = 0.0

    @property
    def open(self) -> bool:
        return self._failed >= self._most

    def admit(self, *, probe: bool) -> bool:
        """Whether a call may go. While open one every `pause` seconds, and only a `probe`: what changes nothing."""
        if not self.open:
            return True
        now = self._clock()
        if not probe or now < self._probe_at:
            return False
        self._probe_at = now + self._pause
        return True

    def note(self, error: CTError | None) -> None:
        """How a call that was sent went. A 4xx is an answer: CT is there."""
        if isinstance(error, CTConnectionError | CTServerError):
            self._failed += 1
            self._probe_at = self._clock() + self._pause
        else:
            self._failed = 0
