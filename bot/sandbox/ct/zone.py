"""A zone: a group of boxes and networks of a location (ct-api.md 3.3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.sandbox.ct.box import Box
from bot.sandbox.ct.location import Location

ZONED = {"Harbour Hotel": ("Rooms", "Public areas"), "Hotel Belvoir": ("Rooms", "Lobby and bar")}
"""The locations that have zones on the first day; each of their boxes is in one."""


@dataclass
class Zone:
    id: int
    zone_name: str
    zone_description: str
    created_at: int
    network_ids: list[int] = field(default_factory=list)


def first_zones(place: Location) -> list[Zone]:
    names = ZONED.get(place.location_name, ())
    return [
        Zone(place.id * 10 + number, name, f"{name} of {place.location_name}", place.created_at + 7200)
        for number, name in enumerate(names, 1)
    ]


def add_zones(places: Iterable[Location], boxes_at: Callable[[Location], list[Box]]) -> None:
    """Put every box of those locations into a zone."""
    for place in places:
        if zones := first_zones(place):
            for box in boxes_at(place):
                zone = zones[0 if box.description.startswith("Room") else 1]
                box.zone_id, box.zone_name = zone.id, zone.zone_name
