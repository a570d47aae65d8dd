"""An operation: one intended change to the world, and its outcome. A plain record; every card is drawn from it."""

import enum
from typing import Any

import msgspec

from bot.identity import SlackUser

UNWRITTEN = 0  # a version that no stored record has: whoever would save this one has to read that one first


class State(enum.StrEnum):
    """Where an operation is. Only SENDING may touch CT, and it is entered once (`guarantees.md`, section 4)."""

    PROPOSED = "proposed"
    AWAITING = "awaiting"  # the asker has confirmed; a second person has to approve
    CONFIRMED = "confirmed"
    SENDING = "sending"
    WATCHING = "watching"
    ENDED = "ended"


class Ending(enum.StrEnum):
    """How an operation ended; each has its own words and its own next step."""

    DONE = "done"
    UNKNOWN = "unknown"
    FAILED = "failed"
    UNDONE = "undone"
    UNDO_FAILED = "undo_failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    STALE = "stale"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    BACK = "back"
    BACK_UNPROVED = "back_unproved"
    NEVER_RESTARTED = "never_restarted"
    NOT_BACK = "not_back"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was known at one moment of the thing that is to be changed; most of it of boxes. Epoch seconds."""

    id: str
    slug: str
    name: str
    location_name: str | None = None
    location_slug: str | None = None
    state: str = ""
    last_heartbeat: int | None = None
    uptime_seconds: int | None = None
    clients_online: int | None = None

    @property
    def booted_at(self) -> int | None:
        """When it started, as far as its last heartbeat tells."""
        if self.last_heartbeat is None or self.uptime_seconds is None:
            return None
        return self.last_heartbeat - self.uptime_seconds


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole record. `version` is what compare-and-set compares; times are epoch seconds by our clock.

    `params` are the kind's own; `detail` among them says in the audit what exactly is done.
    """

    id: str
    kind: str = "reboot"
    team_id: str
    user_id: str
    enterprise_id: str | None = None
    fingerprint: str
    acting_as: str
    before: Facts
    reason: str | None = None
    channel_id: str
    state: State = State.PROPOSED
    version: int = 1
    asked_at: float
    sent_at: float | None = None
    accepted_at: float | None = None
    broke_at: float | None = None
    went_down_at: float | None = None
    back_at: float | None = None
    ended_at: float | None = None
    warned_at: float | None = None
    polls: int = 0
    ending: Ending | None = None
    messages: tuple[str, ...] = ()
    problems: dict[str, str] = {}
    params: dict[str, Any] = {}
    after: Facts | None = None
    card_channel: str | None = None
    card_ts: str | None = None
    followers: tuple[str, ...] = ()
    told: tuple[str, ...] = ()  # of the followers, how it ended

    @property
    def who(self) -> SlackUser:
        return SlackUser(self.team_id, self.user_id, self.enterprise_id)

    @property
    def written(self) -> bool:
        """False where the store did not take this outcome (yet): what is stored is older, and still SENDING."""
        return self.version != UNWRITTEN

    @property
    def maybe_sent(self) -> bool:
        """True when a request was, or may have been, sent: then the channel is told."""
        return self.sent_at is not None and self.ending not in {Ending.REFUSED, Ending.NOT_SENT}

    def but(self, **changes: Any) -> "Operation":
        """The same record with some fields changed."""
        return msgspec.structs.replace(self, **changes)


def broken(at: float) -> dict[str, Any]:
    """The changes where nobody knows whether CT got the call; `at` in epoch seconds. From here on it is watched."""
    return {"state": State.WATCHING, "broke_at": at}


def over(ending: Ending, at: float, *messages: str) -> dict[str, Any]:
    """The changes that end an operation; `at` in epoch seconds, `messages` CT's or our own words of why."""
    return {"state": State.ENDED, "ending": ending, "ended_at": at, "messages": messages}
