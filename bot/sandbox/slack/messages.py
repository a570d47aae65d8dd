"""The messages of all channels: what was said, to whom it shows, and how it was changed."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.audience import Audience
from bot.sandbox.slack.credentials import APP_ID, BOT_ID
from bot.sandbox.slack.people import Directory


@dataclass
class Message:
    """`only_for` is for good: nobody else ever sees an ephemeral message."""

    id: str
    ts: str
    channel: str
    author: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    only_for: str | None = None
    edited: str | None = None
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    by_response_url: bool = False
    state: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def payload(self, *, team_id: str) -> dict[str, Any]:
        """The message as an app is told of it."""
        told: dict[str, Any] = {
            "type": "message",
            "user": self.author,
            "ts": self.ts,
            "text": self.text,
            "team": team_id,
            "blocks": self.blocks,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
        }
        if self.edited:
            told["edited"] = {"user": self.author, "ts": self.edited}
        if self.metadata:
            told["metadata"] = self.metadata
        return told


class MessageBook:
    """Every message, by channel; each change is told to those who can see it."""

    def __init__(self, directory: Directory, audience: Audience, *, clock: Callable[[], float] = time.time) -> None:
        self._directory = directory
        self._audience = audience
        self._clock = clock
        self._by_id: dict[str, Message] = {}
        self._by_channel: dict[str, dict[str, Message]] = defaultdict(dict)
        # By channel and the only person who sees them: a channel may hold the answers to tens of thousands of commands.
        self._shown: dict[tuple[str, str | None], dict[str, Message]] = defaultdict(dict)
        self._last_ts = 0.0
        self._read: dict[tuple[str, str], str] = {}

    def next_ts(self) -> str:
        """Seconds with six digits, never twice the same and never going back."""
        self._last_ts = max(self._clock(), self._last_ts + 0.000001)
        return f"{self._last_ts:.6f}"

    def add(self, channel: str, author: str, text: str, **more: Any) -> Message:
        ts = self.next_ts()
        message = Message("M" + ts.replace(".", ""), ts, channel, author, text, **more)
        self.restore(message)
        self._tell("message", message)
        return message

    def restore(self, message: Message) -> None:
        self._by_id[message.id] = message
        self._by_channel[message.channel][message.ts] = message
        self._shown[message.channel, message.only_for][message.ts] = message
        self._last_ts = max(self._last_ts, float(message.ts))

    def change(self, message: Message, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(message, name, value)
        message.edited = self.next_ts()
        self._tell("message_changed", message)

    def delete(self, message: Message) -> None:
        del self._by_id[message.id]
        del self._by_channel[message.channel][message.ts]
        del self._shown[message.channel, message.only_for][message.ts]
        self._tell("message_deleted", message)

    def by_id(self, message_id: str) -> Message | None:
        return self._by_id.get(message_id)

    def by_ts(self, channel: str, ts: str) -> Message | None:
        return self._by_channel[channel].get(ts)

    def all(self) -> Iterable[Message]:
        return self._by_id.values()

    def viewers(self, message: Message) -> frozenset[str]:
        if message.only_for:
            return frozenset({message.only_for})
        return frozenset(self._directory.channels[message.channel].members)

    def seen_by(self, user: str, channel: str) -> list[Message]:
        """Oldest first; ephemeral messages only for the person they were sent to."""
        if user not in self._directory.channels[channel].members:
            return []
        found = [*self._shown[channel, None].values(), *self._shown[channel, user].values()]
        return sorted(found, key=lambda message: message.ts)

    def mark_read(self, user: str, channel: str) -> None:
        self._read[user, channel] = f"{self._last_ts:.6f}"

    def unread(self, user: str, channel: str) -> int:
        since = self._read.get((user, channel), "0")
        return sum(message.ts > since and message.author != user for message in self.seen_by(user, channel))

    def clear(self) -> None:
        self._by_id.clear()
        self._by_channel.clear()
        self._shown.clear()
        self._read.clear()

    def screen(self, message: Message) -> dict[str, Any]:
        """The message as the page draws it."""
        author = self._directory.people[message.author]
        return {
            "id": message.id,
            "ts": message.ts,
            "channel": message.channel,
            "author": {"id": author.id, "name": author.name, "is_bot": author.role == "bot"},
            "text": message.text,
            "blocks": message.blocks,
            "attachments": message.attachments,
            "files": message.files,
            "ephemeral": message.only_for is not None,
            "edited": message.edited is not None,
            "at": float(message.ts),
            "thread_ts": message.thread_ts,
        }

    def _tell(self, kind: str, message: Message) -> None:
        self._audience.tell(self.viewers(message), {"type": kind, "message": self.screen(message)})
