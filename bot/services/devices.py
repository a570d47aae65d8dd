"""Guests' devices at a location or on a box: how many, and one of them looked at again before a change."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import Box, Client, CTNotFoundError, CTRequestError, CTUser, Location, normal_mac
from bot.errors import UsageError
from bot.services.operation import Facts, Operation
from bot.services.targets import NotNowError

_ID = re.compile(r"[0-9]{1,11}")
FEW_LOCATIONS = 10
NAMELESS = "The device"  # whose it is, and its address, stand in no record


@dataclass(frozen=True, slots=True)
class Devices:
    """Those of the last day, online ones first; `complete` False: CT has more than were read."""

    clients: Sequence[Client]
    complete: bool

    @property
    def online(self) -> Sequence[Client]:
        return [client for client in self.clients if client.online]

    def by_network(self) -> list[tuple[str, int]]:
        """How many are online on each SSID, most first; those without one under an empty name."""
        return Counter(client.ssid or "" for client in self.online).most_common()


def device_key(typed: str) -> str:
    """A MAC in any usual spelling as CT writes it, or CT's own id of a device. Raises UsageError for neither."""
    if _ID.fullmatch(typed):
        return typed
    try:
        return normal_mac(typed)
    except CTRequestError:
        raise UsageError(
            f"I can't read “{typed[:40]}” as a hardware address. It has 12 digits and letters a–f: 8c:85:90:12:34:56"
        ) from None


async def read_devices(ct: CTUser, thing: Box | Location) -> Devices:
    """All that CT saw there in the last day."""
    slug = (thing.location_slug or "") if isinstance(thing, Box) else thing.slug
    if not slug:
        raise NotNowError(f"{thing.name} belongs to no location, so CT knows no devices on it.")
    listing = await ct.clients.all(slug, box_mac=thing.mac if isinstance(thing, Box) else None)
    clients = sorted(listing.items, key=lambda client: (not client.online, -(client.last_seen or 0)))
    return Devices(clients, listing.complete)


async def read_device(ct: CTUser, slug: str, key: str) -> Client:
    """One device. Raises NotNowError where CT does not know it there."""
    try:
        return await ct.clients.get(slug, key)
    except CTNotFoundError:
        raise NotNowError("CT knows no such device at this location. Check its address, or try its location.") from None


async def places_of(ct: CTUser, places: Sequence[Location], key: str) -> Sequence[Location]:
    """Those of a few locations where CT knows a device: it looks in one at a time."""

    async def known(place: Location) -> bool:
        try:
            await ct.clients.get(place.slug, key)
        except CTNotFoundError:
            return False
        return True

    found = await asyncio.gather(*map(known, places))
    return [place for place, here in zip(places, found, strict=True) if here]


async def box_of(ct: CTUser, slug: str, client: Client) -> Box:
    """The box where a device is. Raises NotNowError where CT does not say."""
    if client.box_mac:
        page = await ct.boxes.list(location=slug, q=client.box_mac, per=5)
        for box in page.items:
            if box.mac == client.box_mac:
                return box
    raise NotNowError("CT does not say on which box this device is, so it cannot be logged out there.")


def device_facts(client: Client, place: Location) -> Facts:
    """What an operation keeps of a device: CT's id of it, and where; neither its name nor its address."""
    return Facts(id=client.id, slug=place.slug, name=NAMELESS, location_name=place.name, location_slug=place.slug)


async def same_device(ct: CTUser, op: Operation) -> Client:
    """The device again. Raises NotNowError when it is gone."""
    return await read_device(ct, op.before.slug, op.before.id)


def cannot_log_out(client: Client) -> str | None:
    """Why a device cannot be sent back to the login page, or None (`ct-api.md` 3.5)."""
    if client.online is not True:
        return "This device is not online, so there is nothing to log out."
    if client.allowed:
        return "This device passes without a login page, so it is not logged in."
    return None if client.splash_status == "pass" else "This device is not logged in."
