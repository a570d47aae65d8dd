"""Links under attack, for family T: who asks CT for tokens and when, what is saved, and what people are told."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.identity import SlackUser
from bot.sandbox.ct.faults import Fault
from bot.sandbox.ct.tokens import TokenRow
from bot.sandbox.slack.messages import Message as Said
from bot.sandbox.slack.people import ACME
from bot.services.pairs import Pair
from bot.stores.link_keys import keys_of
from bot.stores.tokens import LinkRecord, Status
from tests.prove.raw import Request, ask, form, sign
from tests.prove.replica import Replica
from tests.prove.theatre import NOC, Theatre
from tests.slack.forged import command

ACTS = "You act as "
CONNECT = "Connect your CT account"
MODES = ("immediate", "on_use")
"""How CT's old pair dies: at once (the rows' mode I), or when the new one is first used (mode U)."""


@dataclass
class Watch:
    """Stands in front of the practice CT and sees everything, also what a fault swallows."""

    app: ASGIApp
    asked: list[tuple[float, str]] = field(default_factory=list)  # when (s), and the refresh token that was sent
    used: set[str] = field(default_factory=set)  # access tokens that were sent to the API
    claims: dict[str, Any] = field(default_factory=dict)  # said in new pairs in place of the truth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/oauth/token":
            body, receive = await _read(receive)
            sent = parse_qs(body.decode())
            if "refresh_token" in sent:
                self.asked.append((time.monotonic(), sent["refresh_token"][0]))
                send = self._claiming(send) if self.claims else send
        elif scope["type"] == "http" and scope["path"].startswith("/api/"):
            headers = dict(scope["headers"])
            self.used.add(headers.get(b"authorization", b"").decode().removeprefix("Bearer "))
        await self.app(scope, receive, send)

    def count(self, refresh: str | None) -> int:
        """How often this refresh token was sent."""
        return sum(sent == refresh for _, sent in self.asked)

    def most_in(self, seconds: float, times: Sequence[float]) -> int:
        """The most requests for tokens, of those at `times`, in any stretch of so many seconds."""
        first, most = 0, 0
        for last, at in enumerate(times):
            while times[first] <= at - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def _claiming(self, send: Send) -> Send:
        start: list[Message] = []

        async def claim(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append(message)
                return
            told = json.loads(message["body"])
            if "access_token" in told:
                told |= self.claims
            body = json.dumps({name: value for name, value in told.items() if value != ABSENT}).encode()
            headers = [(name, value) for name, value in start[0]["headers"] if name != b"content-length"]
            await send({**start[0], "headers": [*headers, (b"content-length", b"%d" % len(body))]})
            await send({"type": "http.response.body", "body": body})

        return claim


ABSENT = "absent"
"""A claim that leaves the field out."""


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    told = [await receive()]
    while told[-1].get("more_body"):
        told.append(await receive())
    body = b"".join(message.get("body", b"") for message in told)
    again = iter(told)

    async def repeat() -> Message:
        return next(again, None) or await receive()

    return body, repeat


class Links:
    """The links of a theatre's people: made ready to be renewed, looked into, and what their owners are told."""

    def __init__(self, play: Theatre) -> None:
        self.play = play
        self.watch = Watch(play.ct.log._app)
        play.ct.log._app = self.watch
        self._told: dict[str, list[tuple[float, Said]]] = defaultdict(list)
        book = play.slack.world.messages
        restore = book.restore

        def noting(message: Said) -> None:
            self._told[message.only_for or message.channel].append((time.monotonic(), message))
            restore(message)

        book.restore = noting  # type: ignore[method-assign]

    # --- at the store and at CT -----------------------------------------------------------------

    @staticmethod
    def who(user: str) -> SlackUser:
        return SlackUser(ACME, user)

    async def record(self, user: str) -> LinkRecord:
        record = await self.play.services.tokens.load(self.who(user))
        assert record is not None
        return record

    async def active(self, user: str) -> bool:
        return (await self.record(user)).status is Status.ACTIVE

    async def pair(self, user: str) -> Pair:
        """What is saved."""
        return self.play.services.sealer.open(self.who(user), (await self.record(user)).sealed)

    async def row(self, user: str) -> TokenRow:
        """What CT knows of it."""
        row = self.play.ct.practice.tokens.by_access((await self.pair(user)).access)
        assert row is not None
        return row

    async def good(self, user: str) -> bool:
        """Whether the saved pair can be renewed."""
        row = self.play.ct.practice.tokens.by_refresh((await self.pair(user)).refresh or "")
        return row is not None and not row.revoked

    async def run_out(self, user: str) -> None:
        """The timer of the bot runs out, and so does the token."""
        await self.let_timer_run_out(user)
        row = await self.row(user)
        row.created_at = self.play.ct.practice.clock() - row.expires_in - 1

    async def let_timer_run_out(self, user: str) -> None:
        record: Any = keys_of(self.who(user))[0]
        await self.play.store.redis.hset(record, "refresh_at", "0")

    async def die(self, user: str) -> Pair:
        """CT ends the access token without notice; the pair that was."""
        (await self.row(user)).access_revoked = True
        return await self.pair(user)

    def fault(self, kind: str, **wanted: Any) -> Fault:
        """Something that goes wrong at the token endpoint."""
        return self.play.ct.faults.add(kind=kind, prefix="/oauth/token", **wanted)

    # --- in Slack -------------------------------------------------------------------------------

    def typing(self, user: str, text: str = "whoami") -> Request:
        """A command as Slack signs it, each a delivery of its own."""
        url, _ = self.play.slack.world.response_urls.mint(self.play.to_slack.url, "commands", user, NOC)
        body = form(command(user, text, response_url=url))
        return Request(body, sign(body))

    async def type_at(self, replica: Replica, users: Sequence[str], text: str = "whoami") -> list[int]:
        """All of them at the same moment; how they were acked."""
        return await ask(replica.port, [self.typing(user, text) for user in users], at_once=len(users))

    def answers(self, user: str) -> list[tuple[float, str]]:
        """Private answers in the channel: when (s), and their words."""
        return [(at, self.play.words(message)) for at, message in self._told[user]]

    def count(self, user: str) -> int:
        """How many those are."""
        return len(self._told[user])

    def direct(self, user: str) -> list[str]:
        """The words of direct messages."""
        return [self.play.words(message) for _, message in self._told["D" + user[1:]]]

    async def answer(self, replica: Replica, user: str, *, saying: str = "", within: float = 25.0) -> tuple[str, float]:
        """Type at one replica: the words of the first answer that says this, and the seconds that it took.

        Without one, the words of the last answer.
        """
        had, began = self.count(user), time.monotonic()
        await self.type_at(replica, [user])
        seen = had
        while time.monotonic() < began + within:
            for at, words in self.answers(user)[seen:]:
                seen += 1
                if saying in words:
                    return words, at - began
            await asyncio.sleep(0.02)
        return self.answers(user)[-1][1] if seen > had else "", within
