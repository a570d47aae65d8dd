"""A network: an SSID that the boxes of a location send out (ct-api.md 3.4)."""

import random
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.sandbox.ct.location import Location
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.shelves import Kind

DEFAULTS: dict[str, Any] = {
    "ssid_hidden": False,
    "band_selection": "dual",
    "content_filter": "Off",
    "bandwidth_limit": None,
    "vlan_id": None,
    "self_destruct": False,
    "ttl": None,
    "interface_ipaddr": "10.168.0.1",
    "interface_netmask": "255.255.252.0",
}


@dataclass
class Network:
    """`synced_at` is when the boxes will have learnt of the last change; 0: they know."""

    id: int
    ssid: str
    access_type: str  # password, open, radius
    encryption_key: str | None
    active: bool
    captive_portal_enabled: bool
    created_at: int
    zone_id: int | None = None
    settings: dict[str, Any] = field(default_factory=lambda: dict(DEFAULTS))
    synced_at: float = 0.0
    job_id: int | None = None

    def as_json(self, place: Location, now: float) -> dict[str, Any]:
        """The key is a secret; `state` and `job_id` are empty once the boxes are in step."""
        row = asdict(self)
        busy = now < row.pop("synced_at")
        return {
            **row.pop("settings"),
            **row,
            "location_id": place.id,
            "active": self.active and not place.archived,
            "encryption_type": "none" if self.access_type == "open" else "psk2",
            "state": "processing" if busy else None,
            "job_id": self.job_id if busy else None,
        }


def _stock(_: Practice, place: Location, rng: random.Random) -> list[Network]:
    """One for guests, one for the staff, and one that is switched off; RADIUS where there are many."""
    short = place.location_name.encode()[:20].decode(errors="ignore").strip()
    kinds = [
        (f"{short} Guests", "open", True, True),
        (f"{short} Staff", "password", True, False),
        (f"{short} Events", "radius" if place.id % 2 else "password", False, False),
    ]
    return [
        Network(
            id=place.id * 100 + number,
            ssid=ssid,
            access_type=access,
            encryption_key=f"canary-key-{rng.getrandbits(32):08x}" if access == "password" else None,
            active=active,
            captive_portal_enabled=portal,
            created_at=place.created_at + 3600,
        )
        for number, (ssid, access, active, portal) in enumerate(kinds)
    ]


NETWORKS = Kind("networks", Network, _stock)


def active_networks(practice: Practice, place: Location) -> list[Network]:
    return [network for network in practice.at(NETWORKS, place) if network.active and not place.archived]
