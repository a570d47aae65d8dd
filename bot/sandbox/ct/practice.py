"""What all routes of the practice CT share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.sandbox.ct.box import Box, Moment, advance, moment
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.people import CAFES, Person
from bot.sandbox.ct.shelves import Kind, Shelves
from bot.sandbox.ct.switches import Switches
from bot.sandbox.ct.tokens import Tokens
from bot.sandbox.ct.world import World

T = TypeVar("T")

CLIENT_ID = "practice-ct-app"
CLIENT_SECRET = "practice-ct-secret"


@dataclass
class Application:
    """An OAuth application as a developer registers it at CT (ct-api.md 1.1)."""

    client_id: str
    secret: str
    redirect_uris: list[str]
    name: str = "CT for Slack"


@dataclass
class Practice:
    """The state behind the routes."""

    world: World
    tokens: Tokens
    switches: Switches
    application: Application
    clock: Callable[[], float]
    sessions: dict[str, str] = field(default_factory=dict)  # cookie → person's slug
    shares: list[dict[str, Any]] = field(default_factory=list)  # Wi-Fi details that went out, without the key
    mails: list[dict[str, Any]] = field(default_factory=list)  # reports that went out
    shelves: Shelves = field(default_factory=Shelves)
    changed: Callable[[], None] = lambda: None  # called after every change that should outlive a restart

    def moment(self, box: Box) -> Moment:
        """Nobody can log in at a location that is archived (ct-api.md 3.1, effects)."""
        now, beat = self.clock(), self.switches.heartbeat_seconds
        if box.job or box.planned:
            advance(box, now, beat)
        seen = moment(box, now, beat)
        return seen._replace(clients=0) if self.world.locations[box.location_slug].archived else seen

    def email_of(self, slug: str) -> str | None:
        person = self.world.person(slug)
        return person.email if person else None

    def people_online(self, place: Location) -> int:
        return sum(self.moment(box).clients for box in self.world.boxes_at(place))

    def at(self, kind: Kind[T], place: Location) -> list[T]:
        """What the location has of that kind; say `touched` after a change."""
        return self.shelves.at(self, kind, place)

    def touched(self, kind: Kind[T], place: Location) -> None:
        self.shelves.touch(kind, place)
        self.changed()

    def pays(self, person: Person) -> bool:
        """Is the person's account on a paid plan? (ct-api.md 3.14)"""
        return person.account_id != CAFES if self.switches.plan == "account" else self.switches.plan == "paid"
