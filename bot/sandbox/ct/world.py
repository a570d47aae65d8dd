"""The world of the practice CT: who there is, which venues, which boxes. The same seed gives the same world."""

import random
import time
from collections import defaultdict
from dataclasses import dataclass, field

from bot.sandbox.ct.box import Box
from bot.sandbox.ct.histories import Histories
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.names import ENDS, FIRMWARES, MACHINES, OUIS, ROOMS, STREETS, TOWNS, VENUES
from bot.sandbox.ct.oddities import add_oddities
from bot.sandbox.ct.people import CAFES, Person, practice_people
from bot.sandbox.ct.people import VENUES as VENUES_ACCOUNT
from bot.sandbox.ct.slugs import slugged
from bot.sandbox.ct.zone import add_zones

DAY = 86_400
FIRST_LOCATION_ID = 1813
FIRST_BOX_ID = 20_417
HAND_MADE = {"Café Nord": 6, "Harbour Hotel": 40, "Nordhaven Library": 8}


@dataclass
class World:
    """Everything that can be looked at or changed. Kept in order of creation."""

    built_at: float
    people: list[Person] = field(default_factory=practice_people)
    locations: dict[str, Location] = field(default_factory=dict)  # by slug
    boxes: dict[str, Box] = field(default_factory=dict)  # by slug
    histories: Histories = field(default_factory=Histories)
    _at: dict[str, dict[int, Box]] = field(default_factory=lambda: defaultdict(dict))
    _by_id: dict[str, Box] = field(default_factory=dict)

    def put(self, box: Box) -> Box:
        self.boxes[box.slug] = box
        self._at[box.location_slug][box.id] = box
        self._by_id[str(box.id)] = box
        return box

    def drop(self, box: Box) -> None:
        del self.boxes[box.slug], self._at[box.location_slug][box.id], self._by_id[str(box.id)]

    def move(self, box: Box, place: Location) -> None:
        del self._at[box.location_slug][box.id]
        box.location_slug, box.timezone = place.slug, place.timezone
        self._at[place.slug][box.id] = box

    def person(self, name: str) -> Person | None:
        """Somebody by slug or e-mail."""
        return next((person for person in self.people if name in (person.slug, person.email)), None)

    def locations_of(self, person: Person) -> list[Location]:
        return [place for place in self.locations.values() if place.account_id == person.account_id]

    def location_of(self, person: Person, key: str) -> Location | None:
        """A location by slug or numeric id; another account's does not exist (ct-api.md 2, ids)."""
        place = self.locations.get(key) or next((it for it in self.locations.values() if str(it.id) == key), None)
        return place if place and place.account_id == person.account_id else None

    def boxes_of(self, person: Person) -> list[Box]:
        own = {place.slug for place in self.locations_of(person)}
        return [box for box in self.boxes.values() if box.location_slug in own]

    def boxes_at(self, place: Location) -> list[Box]:
        return list(self._at[place.slug].values())

    def box_of(self, person: Person, key: str) -> Box | None:
        """A box by slug or numeric id; another account's does not exist."""
        box = self.boxes.get(key) or self._by_id.get(key)
        return box if box and self.locations[box.location_slug].account_id == person.account_id else None

    def named(self, description: str, at: str | None = None) -> Box:
        """The one box with that description (at the location of that name); for tests."""
        [box] = [
            box
            for box in self.boxes.values()
            if box.description == description and at in (None, self.locations[box.location_slug].location_name)
        ]
        return box


def build_world(*, seed: int = 7, locations: int = 37, boxes: int = 412, built_at: float | None = None) -> World:
    """`locations` and `boxes` of the venues account, and a small second account beside them."""
    world = World(built_at=time.time() if built_at is None else built_at)
    builder = _Builder(world, random.Random(seed))  # noqa: S311 - a believable world, not a secret
    for index in range(locations):
        builder.add_location(_venue_name(index), VENUES_ACCOUNT, user_id=1012)
    for place, count in zip(list(world.locations.values()), _shares(locations, boxes, builder.random), strict=True):
        builder.fill(place, count)
    for name in ("Oleg's Corner", "Oleg's Kiosk"):
        builder.fill(builder.add_location(name, CAFES, user_id=2003), 3)
    add_oddities(world)
    add_zones(world.locations.values(), world.boxes_at)
    return world


def _venue_name(index: int) -> str:
    round_, which = divmod(index, len(VENUES))
    return VENUES[which] if not round_ else f"{VENUES[which]} {round_ + 1}"


def _shares(locations: int, boxes: int, rng: random.Random) -> list[int]:
    """How many boxes each location gets: the told-about ones first, the rest unevenly."""
    fixed = [HAND_MADE.get(_venue_name(index)) for index in range(locations)]
    left = boxes - sum(count or 0 for count in fixed)
    weights = [0.0 if count is not None else rng.uniform(0.4, 1.8) for count in fixed]
    if left < 0 or not any(weights):
        return [boxes // locations + (index < boxes % locations) for index in range(locations)]
    counts = [
        int(left * weight / sum(weights)) if count is None else count
        for count, weight in zip(fixed, weights, strict=True)
    ]
    free = [index for index, count in enumerate(fixed) if count is None]
    for turn in range(boxes - sum(counts)):
        counts[free[turn % len(free)]] += 1
    return counts


class _Builder:
    def __init__(self, world: World, rng: random.Random) -> None:
        self.world = world
        self.random = rng
        self.now = world.built_at

    def add_location(self, name: str, account: str, *, user_id: int) -> Location:
        number = len(self.world.locations)
        town, postcode, country, timezone = TOWNS[number % len(TOWNS)]
        address = (
            "One Long Road" if name == "Café Nord" else f"{self.random.randint(2, 190)} {self.random.choice(STREETS)}"
        )
        created = int(self.now - self.random.randint(200, 1500) * DAY)
        place = Location(
            id=FIRST_LOCATION_ID + number,
            slug=slugged(name, f"location {number}"),
            unique_id=f"{self.random.getrandbits(80):020x}",
            location_name=name,
            location_address=address,
            town=town,
            postcode=postcode,
            country=country,
            account_id=account,
            user_id=user_id,
            lat=round(self.random.uniform(50, 58), 6),
            lng=round(self.random.uniform(-4, 14), 6),
            timezone=timezone,
            created_at=created,
            updated_at=int(self.now - self.random.randint(1, 90) * DAY),
            clients_total=self.random.randint(200, 40_000),
        )
        self.world.locations[place.slug] = place
        return place

    def fill(self, place: Location, count: int) -> None:
        names = _room_names(count, self.random)
        public_ip = f"81.2.{self.random.randint(60, 90)}.{self.random.randint(2, 250)}"
        for name in names:
            self.add_box(place, name, public_ip)

    def add_box(self, place: Location, name: str, public_ip: str) -> Box:
        number = len(self.world.boxes)
        rng = self.random
        booted = self.now - rng.uniform(0.1, 120) * DAY
        box = Box(
            id=FIRST_BOX_ID + number,
            slug=slugged(name, f"box {number}"),
            mac=f"{rng.choice(OUIS)}-{number >> 16 & 255:02X}-{number >> 8 & 255:02X}-{number & 255:02X}",
            description=name,
            location_slug=place.slug,
            machine_type=rng.choice(MACHINES),
            v="4" if rng.random() < 0.8 else "3",
            firmware_version=rng.choice(FIRMWARES),
            booted_at=booted,
            back_at=booted + rng.uniform(25, 60),
            guests=max(0, round(rng.gauss(4.8, 4))),
            wan_ip=f"192.168.{rng.randint(0, 20)}.{rng.randint(2, 250)}",
            public_ip=public_ip,
            created_at=int(min(booted, self.now - rng.randint(20, 900) * DAY)),
            next_firmware="B_160301_01" if number % 9 == 4 else None,
            timezone=place.timezone,
        )
        return self.world.put(box)


def _room_names(count: int, rng: random.Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        room = rng.choice(ROOMS)
        names[f"{room} {rng.choice(ENDS)}" if rng.random() < 0.4 else f"{room} {rng.randint(1, 40)}"] = None
    return list(names)
