"""Colleagues asked to a location, and what they may do there (ct-api 3.1)."""

from bot.ct.api import API


class Invites:
    """CT takes these at once and carries them out afterwards: how it ended shows in `locations.users`."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def create(self, loc: str, email: str, role_id: int) -> None:
        """Ask somebody to a location, with one POST; CT writes to them."""
        body = {"location_id": loc, "invite": {"email": email, "role_id": role_id}}
        await self._api.act("invites.create", "POST", "/invites", body)

    async def change(self, loc: str, email: str, role_id: int) -> None:
        """Give somebody who is there another role, with one PATCH."""
        await self._api.act(
            "invites.change", "PATCH", "/invites", {"location_id": loc, "email": email, "role_id": role_id}
        )
