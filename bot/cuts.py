"""Named places at which a proof run kills or freezes this process (`tests/prove`). Inert for everybody else.

`CT_BOT_CUT=kill:reboot.sent` (or `stop:…`) arms one place, for one time; nothing else in the bot looks at it.
"""

import os
import signal

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
_armed: list[tuple[str, signal.Signals]] = []


def arm(text: str | None) -> None:
    """Arm the place that `text` names; called by the command line only. Raises ValueError for what is none."""
    if text:
        how, _, place = text.partition(":")
        if how not in _SIGNALS or place not in PLACES:
            raise ValueError(f"CT_BOT_CUT names no place: {text}")
        _armed.append((place, _SIGNALS[how]))


def here(place: str) -> None:
    """Die, or freeze, if this place is armed."""
    if _armed and _armed[0][0] == place:
        _, number = _armed.pop()
        os.kill(os.getpid(), number)


PLACES = frozenset(
    (
        # a change, in its order (row R6)
        "change.settled",
        "change.intended",
        "change.sending",
        "change.answered",
        "change.noted",
        "change.queued",
        "card.shown",
        "follow.ended",
        # a second person, and several boxes at once (rows R8, R9)
        "change.approved",
        "sweep.launching",
        "sweep.launched",
        # a linking (row L6)
        "link.marked",
        "link.exchanged",
        "link.adopted",
        "link.proved",
        "link.activated",
        # a renewal (row T5)
        "refresh.locked",
        "refresh.answered",
    )
)
