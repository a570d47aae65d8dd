"""A voucher: a batch of codes, which CT makes some time after it was asked for (ct-api.md 3.6)."""

import random
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.ct.client import clients_at
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.shelves import Kind
from bot.sandbox.ct.splash_pages import SPLASH_PAGES
from bot.sandbox.ct.voucher_codes import Code, new_codes

DAY = 86_400
DEFAULTS: dict[str, Any] = {
    "quantity": 10,
    "access_type": 1,
    "validity_minutes": 60,
    "access_restrict_data": None,
    "access_restrict_period": "",
    "access_period": None,
    "session_timeout": 60,
    "idle_timeout": 60,
    "simultaneous_use": 2,
    "length": 6,
    "voucher_format": "alphanumeric",
    "download_speed": 2048,
    "upload_speed": 1024,
    "limit_type": "multi_use",
    "secure_password": True,
}
"""What the dashboard's form starts with; whether the server knows the same defaults is inferred."""

STOCK: tuple[dict[str, Any], ...] = (
    {"batch_name": "Reception day passes", "quantity": 50, "validity_minutes": 1440, "session_timeout": 1440},
    {
        "batch_name": "Autumn conference", "quantity": 1000, "validity_minutes": 4320, "session_timeout": 720,
        "length": 8, "voucher_format": "numeric", "simultaneous_use": 3,
    },
    {"batch_name": "Meeting rooms", "quantity": 20, "access_restrict_period": "daily", "voucher_format": "words"},
    {
        "batch_name": "Summer terrace 2026", "quantity": 100, "access_type": 2, "access_restrict_data": 500,
        "is_active": False, "voucher_format": "alpha",
    },
)  # fmt: skip
"""What some locations have from the first day; the second only where there are many boxes."""


@dataclass
class Voucher:
    """`settings` are the fields of the form; the codes are there from the start but shown as they get made."""

    unique_id: str
    created_at: float
    seconds: float  # until all codes are made
    by: str
    is_active: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    codes: list[Code] = field(default_factory=list)

    def completed(self, now: float) -> bool:
        return now >= self.created_at + self.seconds

    def made(self, now: float) -> list[Code]:
        """The codes that are there by now."""
        if self.completed(now):
            return self.codes
        return self.codes[: int(len(self.codes) * max(0.0, now - self.created_at) / self.seconds)]

    def as_json(self, practice: Practice, place: Location, files_url: str) -> dict[str, Any]:
        """The links come with the last code."""
        done = self.completed(practice.clock())
        return {
            "unique_id": self.unique_id,
            "location_id": place.id,
            **self.settings,
            "is_active": self.is_active,
            "completed": done,
            "state": "completed" if done else "processing",
            "created_at": int(self.created_at),
            "username": self.by,
            "pdf_link": f"{files_url}/{self.unique_id}.pdf" if done else None,
            "csv_link": f"{files_url}/{self.unique_id}.csv" if done else None,
        }


def stocked(place: Location) -> int:
    """How many batches a location has on the first day: every third has some."""
    if place.location_name in ("Harbour Hotel", "Café Nord", "Oleg's Corner"):
        return len(STOCK)
    return 1 + place.id % 2 if place.id % 3 == 0 else 0


def _stock(practice: Practice, place: Location, rng: random.Random) -> list[Voucher]:
    now = practice.world.built_at
    pages = practice.at(SPLASH_PAGES, place)
    taken: set[str] = set()
    macs = [client.mac for client in clients_at(practice, place) if client.splash_status == "pass"][::2]
    wide = place.location_name == "Harbour Hotel"
    vouchers: list[Voucher] = []
    for number, recipe in enumerate(STOCK[: stocked(place)]):
        settings = {
            **DEFAULTS,
            "splash_page_id": pages[0].id,
            "batch_description": f"{recipe['batch_name']} at {place.location_name}",
            **recipe,
        }
        active = settings.pop("is_active", True)
        if settings["quantity"] > 500 and not wide:
            settings["quantity"] = 30
        at = now - rng.randint(3, 60) * DAY
        voucher = Voucher(f"{rng.getrandbits(64):016x}", at, 30.0, "kim", active, settings)
        fill(voucher, rng, taken, first=number * 10_000 + 1)
        _use(voucher, rng, now, macs)
        vouchers.append(voucher)
    return vouchers


def fill(voucher: Voucher, rng: random.Random, taken: set[str], *, first: int) -> None:
    """Make the codes that the settings ask for."""
    wanted = voucher.settings
    voucher.codes = new_codes(
        rng,
        count=wanted["quantity"],
        length=wanted["length"],
        form=wanted["voucher_format"],
        taken=taken,
        first=first,
    )


def _use(voucher: Voucher, rng: random.Random, now: float, macs: list[str]) -> None:
    """Some codes were used since, each by a device, and a few were switched off."""
    for code in voucher.codes:
        if rng.random() < 0.4:
            code.date_activated = int(rng.uniform(voucher.created_at + 600, now - 120))
            code.client_mac = macs.pop() if macs else f"8C-85-90-FF-{rng.randint(0, 255):02X}-{rng.randint(0, 255):02X}"
        code.active = rng.random() > 0.03


VOUCHERS = Kind("vouchers", Voucher, _stock)
