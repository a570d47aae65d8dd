"""Secrets that are known by heart, wherever they were planted or born, and the places where none of them may sing."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from bot.sandbox.browser import Browser
from bot.sandbox.slack.credentials import BOT_USER_ID
from bot.sandbox.slack.messages import Message
from tests.prove.theatre import Theatre

SHORTEST = 8  # characters: less would be found by chance
MOST = 80  # values of one kind that are looked for in every form; all are looked for as they are
_IN_JSON = re.compile(rb'"(\w+)": ?"([^"]*canary[^"]*)"')

SAID_ALOUD = frozenset({"typed address"})  # no secret, but what people type is nothing for a log
ASKED_BACK = frozenset({"response address"})  # a form carries it, so that its answer finds the way

# What is there to be handed out stands before whoever asked for it, and a link or a typed code on its page too.
FOR_ITS_ASKER = frozenset({"username", "password", "encryption_key", "link", "typed encryption_key", "typed password"})
ON_ITS_PAGE = frozenset({"link", "typed code"})


@dataclass
class Canaries:
    """Values by kind."""

    kinds: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, kind: str, *values: str | None) -> None:
        for value in values:
            if value and len(value) >= SHORTEST:
                self.kinds[kind][value] = None

    def on_the_wire(self, carried: bytes) -> None:
        """What CT sent along, by the name of its field."""
        for name, value in _IN_JSON.findall(carried):
            self.add(name.decode(), *re.findall(r"canary[\w.@-]*", value.decode(errors="replace")))

    def heard(self, kind: str, place: bytes) -> list[str]:
        """The values of a kind that stand in a place, in any of their forms."""
        values = list(self.kinds[kind])
        some = values[:: 1 + len(values) // MOST]
        plain = [value for value in values if value.encode() in place]
        return plain or [value for value in some if any(form in place for form in forms(value))]


def forms(value: str) -> Iterator[bytes]:
    """As it is, and as it would stand in a URL, in JSON, in a header or in a dump."""
    raw = value.encode()
    found = {raw, quote(value, safe="").encode(), json.dumps(value)[1:-1].encode(), raw.hex().encode()}
    found |= {base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")}
    yield from found


class Watched:
    """Somebody's browser, with every secret that goes through it noted."""

    def __init__(self, play: Theatre, canaries: Canaries) -> None:
        self._canaries = canaries
        self._bot = play.front.url
        self.pages = bytearray()
        self.browser = Browser()
        self.browser.http.event_hooks["response"].append(self._note)

    async def _note(self, response: httpx.Response) -> None:
        await response.aread()
        for url in (str(response.request.url), response.headers.get("location", "")):
            ours = "slack" if "/oauth/slack" in url or "slack" in urlsplit(url).path else "CT"
            for name, value in parse_qsl(urlsplit(url).query):
                if name in {"code", "state"}:
                    self._canaries.add(f"{ours} {name}", value)
        if str(response.request.url).startswith(self._bot):
            self.pages += response.content
            for held in response.headers.get_list("set-cookie"):
                self._canaries.add("cookie", held.partition("=")[2].partition(";")[0])


class Listener:
    """Every message as it was first said and as it was changed: private ones apart from public ones."""

    def __init__(self, play: Theatre) -> None:
        self.public, self.private = bytearray(), bytearray()
        self.said = 0  # times that anything public was said
        self._channels = play.slack.world.directory.channels
        self._tell = play.slack.world.messages._tell
        play.slack.world.messages._tell = self._told  # type: ignore[method-assign]

    def _told(self, kind: str, message: Message) -> None:
        alone = message.only_for is not None or self._channels[message.channel].kind == "app"
        place = self.private if alone else self.public
        if message.author == BOT_USER_ID:
            self.said += not alone
            place += json.dumps([message.text, message.blocks, message.attachments], ensure_ascii=False).encode()
        self._tell(kind, message)


def born_at_slack(play: Theatre, canaries: Canaries) -> None:
    """Tokens that Slack gave out while people signed in, and the addresses at which people can be answered."""
    canaries.add("response address", *(key.rpartition("/")[2] for key in play.slack.world.response_urls._held))
    for call in play.slack.world.journal.calls:
        if call["method"] == "openid.connect.token" and isinstance(call["answer"], dict):
            canaries.add("id token", call["answer"].get("id_token"))
            canaries.add("Slack user token", call["answer"].get("access_token"))


def views_and_acks(play: Theatre) -> bytes:
    """What went before the person who acts, beside messages."""
    calls = [call["arguments"] for call in play.slack.world.journal.calls if call["method"].startswith("views.")]
    acks = [record.answer for record in play.slack.world.deliveries._records]
    return json.dumps([calls, acks], ensure_ascii=False, default=repr).encode()


def command_lines(play: Theatre) -> bytes:
    """What any user of the machine can read about the processes."""
    return b"".join(Path(f"/proc/{replica.pid}/cmdline").read_bytes() for replica in play.replicas if replica.alive)


async def told_by_metrics(play: Theatre) -> bytes:
    """All that the replicas tell to whoever asks them."""
    found = b""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        for replica in play.replicas:
            if replica.alive:
                for path in ("/metrics", "/healthz", "/readyz"):
                    found += (await http.get(f"{replica.url}{path}")).content
    return found


def buttons(messages: Iterable[Message]) -> Iterator[dict[str, Any]]:
    """The buttons on messages, the newest first."""
    for message in reversed(list(messages)):
        for block in message.blocks:
            yield from (one for one in block.get("elements", []) if one["type"] == "button")
