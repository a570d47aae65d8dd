"""Guests' devices: made up from the boxes, so that as many are online as the boxes say (ct-api.md 3.5)."""

import random
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.ct.box import Box
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.network import Network, active_networks
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.shelves import Kind

DAY = 86_400
MAKERS = {
    "Apple": ("8C-85-90", "iPhone", "MacBook Air", "iPad"),
    "Samsung Electronics": ("5C-0A-5B", "Galaxy S7", "Galaxy Tab"),
    "Intel Corporate": ("A0-88-B4", "laptop", "notebook"),
    "Huawei": ("00-46-4B", "P9", "MediaPad"),
    "Sonos": ("00-0E-58", "speaker"),
}
OWNERS = ("Sam", "Alex", "Robin", "Noor", "Mika", "Jo", "Chris", "Lou")
AWAY = 3  # devices of each box that were there in the last two days and are gone


@dataclass
class Marks:
    """What people have said of a device; it lies over what is made up. Devices that nobody has seen are marks alone."""

    mac: str
    name: str | None = None
    description: str | None = None
    blacklist: bool = False
    whitelist: bool = False
    logged_out: bool = False
    policy_ids: list[int] = field(default_factory=list)
    id: int | None = None  # of one that was registered before it came
    created_at: int = 0


@dataclass
class Client:
    id: int
    mac: str
    box: Box | None
    maker: str
    model: str
    owner: str
    online: bool
    lastseen: int | None
    splash_status: str
    network: Network | None
    noise: random.Random
    marks: Marks

    def as_json(self, code: str | None) -> dict[str, Any]:
        """`name` is what the staff calls it; the device's own name and the guest's login are personal."""
        five = self.noise.random() < 0.5
        snr = self.noise.randint(9, 48)
        wired = self.network is None
        device = f"canary-{self.owner}s-{self.model}".replace(" ", "-")
        return {
            "id": self.id,
            "client_mac": self.mac,
            "name": self.marks.name,
            "description": self.marks.description,
            "device_name": device if self.box else None,
            "online": self.online,
            "splash_status": self.splash_status,
            "ssid": self.network.ssid if self.network else None,
            "ap_mac": self.box.mac if self.box else None,
            "ip": f"10.168.{self.id % 4}.{self.id % 250 + 2}" if self.box else None,
            "channel": None if wired else 44 if five else 6,
            "snr": None if wired else snr,
            "signal": None if wired else snr - 95,
            "mcs": None if wired else self.noise.randint(1, 15),
            "txbitrate": self.noise.randint(6_000, 300_000),
            "rxbitrate": self.noise.randint(6_000, 300_000),
            "lastseen": self.lastseen,
            "conn_type": "wired" if wired else "wireless",
            "manufacturer": self.maker or None,
            "capabilities": "802.11ac" if five else "802.11n",
            "policies": self.marks.policy_ids,
            "social_id": None,
            "splash_username": code
            or (f"canary-guest-{self.id}@mail.example" if self.splash_status == "pass" else None),
            "blacklist": self.marks.blacklist,
            "whitelist": self.marks.whitelist,
        }


def _stock(_: Practice, __: Location, ___: random.Random) -> list[Marks]:
    return []


MARKS = Kind("client_marks", Marks, _stock)


def clients_at(practice: Practice, place: Location) -> list[Client]:
    """Everybody of the last two days, box by box, and those who were registered beforehand."""
    marks = {one.mac: one for one in practice.at(MARKS, place)}
    networks = active_networks(practice, place)
    seen: list[Client] = []
    for box in practice.world.boxes_at(place):
        moment = practice.moment(box)
        for number in range(max(moment.clients, box.guests) + AWAY):
            here = number < moment.clients
            seen.append(_device(practice, box, number, networks, marks, here=here, heard=moment.last_heartbeat))
    known = {client.mac for client in seen}
    return seen + [_registered(mark) for mark in marks.values() if mark.id is not None and mark.mac not in known]


def _device(
    practice: Practice,
    box: Box,
    number: int,
    networks: list[Network],
    marks: dict[str, Marks],
    *,
    here: bool,
    heard: int | None,
) -> Client:
    """The device with that number on the box: the same each time."""
    noise = random.Random(box.id * 1000 + number)  # noqa: S311 - believable, not secret
    maker = noise.choice(list(MAKERS))
    oui, *models = MAKERS[maker]
    mac = f"{oui}-{box.id >> 8 & 255:02X}-{box.id & 255:02X}-{number & 255:02X}"
    model, owner, share = noise.choice(models), noise.choice(OWNERS), noise.random()
    mark = marks.get(mac) or Marks(mac)
    network = networks[0 if share < 0.8 else -1] if networks and share > 0.03 else None
    gone = practice.clock() - noise.uniform(0.1, 2) * DAY
    online = here and not mark.blacklist
    passed = mark.whitelist or (not mark.logged_out and share > 0.2)
    return Client(
        id=mark.id or box.id * 1000 + number,
        mac=mac,
        box=box,
        maker=maker,
        model=model,
        owner=owner,
        online=online,
        lastseen=int(practice.clock()) - noise.randint(0, 50) if online else int(min(gone, heard or gone)),
        splash_status="pass" if passed else "dnat",
        network=network,
        noise=noise,
        marks=mark,
    )


def _registered(mark: Marks) -> Client:
    """Not seen yet."""
    passed = "pass" if mark.whitelist else "dnat"
    noise = random.Random(mark.mac)  # noqa: S311 - believable, not secret
    return Client(mark.id or 0, mark.mac, None, "", "", "", False, None, passed, None, noise, mark)
