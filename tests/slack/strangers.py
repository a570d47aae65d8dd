"""Boxes, places, people and reboots with foreign text in every field; the same seed makes the same ones."""

import random
from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st

from bot.ct import Box, Heartbeat, Location, Me, Overview
from bot.services.notices import Account
from bot.services.operation import Ending, Facts, Operation, State
from bot.services.venues import Trouble
from tests.slack.drawing import NOW
from tests.slack.foreign import NASTY

T = TypeVar("T")

STATES = ("online", "offline", "splash_only", "new", "rebooting")


class Strangers:
    """Rolls dice for each field: mostly nasty, sometimes nothing, sometimes any characters at all."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def text(self) -> str:
        parts = self.dice.choices(NASTY, k=self.dice.randrange(4))
        if self.dice.random() < 0.3:
            parts.append("".join(chr(self.dice.randrange(0x110000)) for _ in range(self.dice.randrange(30))))
        return "".join(parts)

    def id(self) -> str:
        return self.text() or "x"

    def maybe(self, make: Callable[[], T]) -> T | None:
        return make() if self.dice.random() < 0.75 else None

    def words(self) -> str | None:
        return self.maybe(self.text)

    def flag(self) -> bool:
        return self.dice.random() < 0.5

    def number(self) -> int:
        return self.dice.choice((0, 1, 2, 40, 1930, 10**9, self.dice.randrange(10**5)))

    def count(self) -> int | None:
        return self.maybe(self.number)

    def time(self) -> int | None:
        return self.maybe(lambda: int(NOW) - self.dice.choice((-50, 0, 30, 4000, 90_000, 2 * 10**9, -(10**9))))

    def moment(self) -> float | None:
        return self.maybe(lambda: NOW - self.dice.random() * 10_000)

    def state(self) -> str:
        return self.dice.choice(STATES) if self.dice.random() < 0.7 else self.id()

    def several(self, make: Callable[[], T], most: int, least: int = 0) -> list[T]:
        return [make() for _ in range(self.dice.randrange(least, most + 1))]

    def box(self) -> Box:
        return Box(
            id=self.id(),
            slug=self.id(),
            mac=self.text(),
            name=self.text(),
            state=self.state(),
            last_heartbeat=self.time(),
            is_cucumber=self.maybe(self.flag),
            machine_type=self.words(),
            location_slug=self.words(),
            location_name=self.words(),
            zone_name=self.words(),
            wan_ip=self.words(),
            public_ip=self.words(),
            uptime_seconds=self.count(),
            connection_status=self.words(),
            clients_online=self.count(),
            firmware_version=self.words(),
            ignored=self.flag(),
            reset_confirmation=self.flag(),
        )

    def heartbeat(self) -> Heartbeat:
        return Heartbeat(at=int(NOW) - self.dice.randrange(-1000, 100_000), heard=self.flag())

    def place(self) -> Location:
        return Location(
            id=self.id(),
            slug=self.id(),
            name=self.text(),
            address=self.words(),
            town=self.words(),
            postcode=self.words(),
            country=self.words(),
            archived=self.flag(),
            clients_online=self.count(),
            boxes_count=self.count(),
        )

    def overview(self) -> Overview:
        return Overview(
            locations=self.count(),
            people_online=self.count(),
            boxes={self.state(): self.number() for _ in range(self.dice.randrange(12))},
            total=self.count(),
        )

    def trouble(self) -> Trouble:
        return Trouble(self.text(), self.text(), self.number(), self.count(), self.time())

    def account(self) -> Account:
        return Account(self.id(), self.text(), self.words(), self.count())

    def me(self) -> Me:
        return Me(
            slug=self.id(), id=self.id(), username=self.words(), email=self.words(), role_id=self.maybe(self.role)
        )

    def role(self) -> int:
        return self.dice.randrange(95, 215)

    def facts(self) -> Facts:
        return Facts(
            id=self.id(),
            slug=self.id(),
            name=self.text(),
            location_name=self.words(),
            location_slug=self.words(),
            state=self.state(),
            last_heartbeat=self.time(),
            uptime_seconds=self.count(),
            clients_online=self.count(),
        )

    def reboot(self) -> Operation:
        return Operation(
            id="op",
            team_id="T01ACME",
            user_id="U01ANA",
            fingerprint="f",
            acting_as=self.text(),
            before=self.facts(),
            after=self.maybe(self.facts),
            reason=self.maybe(lambda: self.text()[:300]),
            channel_id="C01NOC",
            state=self.dice.choice(list(State)),
            ending=self.maybe(lambda: self.dice.choice(list(Ending))),
            messages=tuple(self.several(self.text, 6)),
            asked_at=NOW - 10_000,
            sent_at=self.moment(),
            accepted_at=self.moment(),
            broke_at=self.moment(),
            went_down_at=self.moment(),
            back_at=self.moment(),
            warned_at=self.moment(),
        )


def strangers() -> st.SearchStrategy[Strangers]:
    """By seed: a failure names it."""
    return st.integers(0, 2**32).map(Strangers)
