"""What one may ask of a box (ct-api 3.2, 4.2). Each is one request; returning means that CT accepted it."""

from collections.abc import Iterable
from typing import Any

from bot.ct.api import API
from bot.ct.errors import CTRequestError
from bot.ct.paths import path
from bot.ct.two_routes import TwoRoutes
from bot.ct.wire import as_number


class BoxChanges:
    """Jobs and settings of the boxes a person can see. `box` is a slug or an id."""

    def __init__(self, api: API, routes: TwoRoutes) -> None:
        self._api = api
        self._routes = routes

    async def reboot(self, box: str) -> None:
        """Ask for a reboot; CT takes the job, which does not mean that the box restarted (ct-api 4.3)."""
        await self._job("boxes.reboot", box, "reboot")

    async def reset(self, box: str) -> None:
        """Set it up anew, as out of its carton; at its next start where it is offline."""
        await self._job("boxes.reset", box, "reset")

    async def cancel_reset(self, box: str) -> None:
        """Withdraw a reset that somebody asked for at the box itself (`reset_confirmation`)."""
        await self._patch("boxes.cancel_reset", box, action="cancel")

    async def resync(self, box: str) -> None:
        """Send it its configuration again."""
        await self._patch("boxes.resync", box, action="resync")

    async def mute(self, box: str, on: bool) -> None:
        """Leave it out of alerts, or no longer."""
        await self._patch("boxes.mute", box, ignored=on)

    async def monitor(self, box: str, on: bool) -> None:
        """Watch it at all, or not."""
        await self._patch("boxes.monitor", box, is_monitored=on)

    async def rename(self, box: str, name: str) -> None:
        """Call it something else, in 5 to 100 characters."""
        await self._patch("boxes.rename", box, description=name.strip())

    async def tag(self, box: str, tags: Iterable[str]) -> None:
        """Replace its tags. Raises CTRequestError for one with a comma, which is what CT puts between them."""
        words = [word for tag in tags if (word := tag.strip())]
        if any("," in word for word in words):
            raise CTRequestError("boxes.tag: a tag with a comma")
        await self._patch("boxes.tag", box, tags=",".join(words))

    async def move(self, box: str, zone_id: str | None) -> None:
        """Put it into a zone of its location, or into none."""
        await self._patch("boxes.move", box, zone_id=as_number(zone_id))

    async def transfer(self, box: str, location_unique_id: str) -> None:
        """Give it to another location of the same account, by that one's `unique_id`."""
        await self._patch("boxes.transfer", box, transfer_to=location_unique_id)

    async def speedtest(self, box: str) -> None:
        """Start a speed test (generation 3 only); its result comes with `details` and `speedtests`."""
        await self._api.act("boxes.speedtest", "POST", path("/boxes/{}/speedtests", box))

    async def upgrade(self, loc: str, box: str, *, version: str, at: int | None = None) -> None:
        """New firmware, now or `at` (epoch seconds, 30 days ahead at most). Which route takes it is inferred."""
        payload: dict[str, Any] = {"box_ids": [box], "version": version, "upgrade": True}
        if at is not None:
            payload["scheduled"] = at
        await self._api.act("boxes.upgrade", "POST", path("/locations/{}/payloads", loc), {"payload": payload})

    async def cancel_upgrade(self, box: str) -> None:
        """Withdraw a planned upgrade."""
        await self._api.act("boxes.cancel_upgrade", "DELETE", path("/boxes/{}/upgrades", box))

    async def _patch(self, name: str, box: str, **fields: object) -> None:
        await self._api.act(name, "PATCH", path("/boxes/{}", box), {"box": fields})

    async def _job(self, name: str, box: str, action: str) -> None:
        patch = (path("/boxes/{}", box), {"box": {"action": action}})
        await self._routes.act(self._api, name, patch=patch, post=path("/boxes/{}/" + action, box))
