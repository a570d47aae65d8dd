"""The codes of a voucher: what a guest types (ct-api.md 3.6)."""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ADJECTIVES = (
    "amber", "bold", "brisk", "calm", "clear", "cosy", "dawn", "early", "fair", "fresh", "gentle", "glad", "golden",
    "happy", "keen", "kind", "light", "lucky", "mellow", "merry", "misty", "neat", "plain", "proud", "quick", "quiet",
    "rapid", "silver", "sunny", "swift", "warm", "young",
)  # fmt: skip
NOUNS = (
    "badger", "beach", "birch", "bridge", "cliff", "cloud", "coast", "comet", "daisy", "eagle", "ferry", "field",
    "finch", "harbour", "heron", "island", "kettle", "lake", "lantern", "maple", "meadow", "otter", "pebble", "pine",
    "puffin", "river", "robin", "sail", "stone", "tide", "valley", "willow",
)  # fmt: skip
ALPHABETS = {
    "alphanumeric": "abcdefghjkmnpqrstuvwxyz23456789",  # nothing that looks like something else
    "numeric": string.digits,
    "alpha": string.ascii_lowercase,
}
FORMATS = (*ALPHABETS, "words")


@dataclass
class Code:
    """One code. `active` is its own switch; the batch's lies over it."""

    serial: int
    username: str
    password: str
    active: bool = True
    date_activated: int | None = None
    client_mac: str | None = None

    def as_json(self, *, batch_active: bool) -> dict[str, Any]:
        """A row of a batch's list."""
        return {
            "serial": self.serial,
            "username": self.username,
            "password": self.password,
            "active": self.active and batch_active,
            "date_activated": self.date_activated,
            "client_mac": self.client_mac,
        }


def new_codes(rng: random.Random, *, count: int, length: int, form: str, taken: set[str], first: int) -> list[Code]:
    """`count` codes whose usernames nobody has at this location yet; serials go up from `first`."""
    names = _names(rng, length, form, taken)
    return [Code(first + number, next(names), f"canary-code-{rng.getrandbits(32):08x}") for number in range(count)]


def _names(rng: random.Random, length: int, form: str, taken: set[str]) -> Iterator[str]:
    """Longer ones where the wanted length is used up."""
    tries = 0
    while True:
        tries += 1
        if form == "words":
            name = f"{rng.choice(ADJECTIVES)}-{rng.choice(NOUNS)}-{rng.randint(10, 99)}"
        else:
            name = "".join(rng.choices(ALPHABETS[form], k=length + tries // 10_000))
        if name not in taken:
            taken.add(name)
            yield name
