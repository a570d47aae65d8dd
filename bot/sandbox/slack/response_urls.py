"""`response_url`s: five posts in thirty minutes, then 404 (slack-facts 1.1)."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.blocks import check_message
from bot.sandbox.slack.credentials import APP_ID, BOT_USER_ID
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.messages import Message, MessageBook
from bot.sandbox.slack.people import Directory
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.spoken import note_words
from bot.sandbox.slack.switches import Switches


@dataclass
class ResponseURL:
    user: str
    channel: str
    original: str | None
    at: float
    typed: str | None = None
    uses: int = 0


class ResponseURLs:
    """Makes them, and carries out what is posted to them."""

    def __init__(
        self,
        *,
        messages: MessageBook,
        directory: Directory,
        journal: Journal,
        switches: Switches,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._messages = messages
        self._directory = directory
        self._journal = journal
        self._switches = switches
        self._clock = clock
        self._held: dict[str, ResponseURL] = {}

    def mint(
        self,
        base_url: str,
        kind: str,
        user: str,
        channel: str,
        *,
        original: str | None = None,
        typed: str | None = None,
    ) -> tuple[str, ResponseURL]:
        """`kind`: `commands` or `actions`; `original`: the id of the message acted on; `typed`: the command."""
        key = f"{APP_ID}/{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        self._held[key] = ResponseURL(user, channel, original, self._clock(), typed)
        return f"{base_url}/{kind}/{key}", self._held[key]

    def post(self, key: str, body: dict[str, Any]) -> None:
        """One use. Raises `RefusedError` with `used_url`, `expired_url` or `invalid_blocks`."""
        held = self._held.get(key)
        if held is None:
            raise RefusedError("invalid_url")
        if self._clock() - held.at > self._switches.response_url_seconds:
            raise RefusedError("expired_url")
        if held.uses >= self._switches.response_url_uses:
            raise RefusedError("used_url")
        held.uses += 1
        self.answer(held, body)

    def answer(self, held: ResponseURL, body: dict[str, Any]) -> None:
        """Show, replace or delete; also what an ack with a body does."""
        original = self._messages.by_id(held.original) if held.original else None
        if held.original and not body.keys() & {"replace_original", "delete_original"}:
            self._journal.refused("response_url", "replace_original_missing", [], body, kind="warning")
        if _true(body.get("delete_original")):
            if original is not None:
                self._messages.delete(original)
            return
        blocks = check_message(body, journal=self._journal, where="response_url")
        note_words(body, directory=self._directory, journal=self._journal, where="response_url")
        changes = {"text": str(body.get("text") or ""), "blocks": blocks, "attachments": body.get("attachments") or []}
        if _true(body.get("replace_original")) and held.original:
            if original is not None:
                self._messages.change(original, state={}, **changes)
            return
        self._show(held, str(body.get("response_type", "ephemeral")), changes)

    def _show(self, held: ResponseURL, response_type: str, content: dict[str, Any]) -> Message:
        public = response_type == "in_channel"
        if public and held.typed:
            self._messages.add(held.channel, held.user, held.typed)
            held.typed = None
        text = content.pop("text")
        only_for = None if public else held.user
        return self._messages.add(held.channel, BOT_USER_ID, text, only_for=only_for, by_response_url=True, **content)


def _true(value: Any) -> bool:
    return value is True or value == "true"
