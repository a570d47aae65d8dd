"""The boxes that stories and tests are about: the down, the odd and the hostile (ct-api.md 6.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.ct.slugs import slugged

if TYPE_CHECKING:
    from bot.sandbox.ct.box import Box
    from bot.sandbox.ct.location import Location
    from bot.sandbox.ct.world import World

MINUTE, HOUR, DAY = 60, 3600, 86_400
HOSTILE = "<!channel> *bold* & <http://evil.example|click>"


def add_oddities(world: World) -> None:
    """Turn some of the ordinary boxes of the first locations into the ones that everybody talks about."""
    places = {place.location_name: place for place in world.locations.values()}
    for name, tell in (
        ("Café Nord", _cafe_nord),
        ("Harbour Hotel", _harbour_hotel),
        ("Nordhaven Library", _nordhaven_library),
        ("Old Mill Hostel", _old_mill_hostel),
        ("Market Hall East", _market_hall),
        ("Winter Pavilion", _winter_pavilion),
    ):
        if place := places.get(name):
            tell(world, place)


class _Renamer:
    """Takes the boxes of a location one after the other and makes something of them."""

    def __init__(self, world: World, place: Location) -> None:
        self._world = world
        self._left = world.boxes_at(place)
        self.now = world.built_at

    def make(self, name: str, **fields: Any) -> Box | None:
        if not self._left:
            return None
        box = self._left.pop(0)
        self._world.drop(box)
        box.description, box.slug = name, slugged(name, f"box {box.id}")
        for field, value in fields.items():
            setattr(box, field, value)
        return self._world.put(box)

    def down(self, name: str, *, since: float, **fields: Any) -> Box | None:
        return self.make(name, state="offline", ticks=False, heard_at=self.now - since, **fields)


def _cafe_nord(world: World, place: Location) -> None:
    place.extra["reports_emails"] = "canary-weekly@cafe.example"
    cafe = _Renamer(world, place)
    since = cafe.now - 41 * DAY - 3 * HOUR
    lobby = cafe.make(
        "Lobby AP-3", guests=14, booted_at=since, back_at=since + 38, firmware_version="B_160201_01", v="4",
        machine_type="unifi-ap", wan_ip="192.168.4.20", public_ip="81.2.69.142", tags="guests,ground floor",
        created_at=int(cafe.now - 300 * DAY),
    )  # fmt: skip
    cafe.make("Bar AP-1", guests=9)
    cafe.make("Kitchen AP-2", guests=2)
    cafe.down("Terrace AP-4", since=3 * HOUR + 12 * MINUTE)
    cafe.down("Cellar AP-5", since=41 * MINUTE)
    cafe.make("Street AP-6", guests=5)
    if lobby:
        world.histories.done(lobby.slug, "reboot", user="kim", at=since - 52, seconds=90)


def _harbour_hotel(world: World, place: Location) -> None:
    place.extra |= {"reports_active": True, "reports_emails": "canary-desk@hotel.example, canary-gm@hotel.example"}
    hotel = _Renamer(world, place)
    hotel.down("Room 214", since=18 * MINUTE)
    hotel.down("Room 305", since=11 * MINUTE)
    # Plain heartbeats pass while the command channel is blocked by a firewall (ct-api.md 4.4).
    hotel.make("Pool House", state="offline", connection_status="4", guests=0)
    hotel.make("Ballroom", reboot="refused", guests=31)
    hotel.make("Spa", reboot="never_restarts", guests=6)
    hotel.make("Roof Bar", reboot="never_back", guests=11)
    hotel.make("Wine Cellar", reboot="lost_answer", guests=3)
    hotel.make("Lobby", guests=22)


def _nordhaven_library(world: World, place: Location) -> None:
    library = _Renamer(world, place)
    library.make("Reading Room", reports_uptime=False, guests=17)
    library.make("Lobby", guests=8)
    library.make(
        "Archive",
        state="new",
        ticks=False,
        heard_at=None,
        guests=0,
        created_at=int(library.now - 2 * HOUR),
        wan_ip=None,
    )
    library.make("Children's Corner", state="processing", guests=4)


def _old_mill_hostel(world: World, place: Location) -> None:
    hostel = _Renamer(world, place)
    hostel.make("Lobby", guests=5)
    hostel.make("Dormitory", state="upgrading", upgrade_processing=True, next_firmware="B_160301_01", guests=0)
    hostel.make(HOSTILE, guests=1)
    hostel.make("Wheel House", state="quarantined", guests=0)  # a word that nobody documented


def _market_hall(world: World, place: Location) -> None:
    hall = _Renamer(world, place)
    for name, machine in (
        ("Stalls North", "meraki-mr-18"),
        ("Stalls South", "meraki-mr-18"),
        ("Loading Bay", "meraki-mr-66"),
    ):
        hall.make(
            name, machine_type=machine, state="splash_only", is_cucumber=False, ticks=False, heard_at=None, v="3",
            reports_uptime=False, firmware_version="", guests=3,
        )  # fmt: skip
    hall.make("Fish Counter", next_firmware="B_160301_01", ignored=True)


def _winter_pavilion(world: World, place: Location) -> None:
    place.archived = True
    for box in world.boxes_at(place):
        box.guests = 0
