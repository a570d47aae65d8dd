"""Acts that moved: until July 2016 each had a POST route of its own, since then a PATCH does it (ct-api 3.1, 3.2)."""

from collections.abc import Mapping
from typing import Any

from bot.ct.api import API
from bot.ct.errors import CTNotFoundError


class TwoRoutes:
    """Which route each act has at this CT, as its last acceptance showed; PATCH at first."""

    def __init__(self) -> None:
        self._by_post: set[str] = set()

    async def act(self, api: API, name: str, *, patch: tuple[str, Mapping[str, Any]], post: str) -> None:
        """Act by the known route.

        The other one is tried only after a 404, which is Rails' word for "no such route" and for "no such thing":
        either way nothing was done. After anything else nothing is sent again. Raises CTError.
        """
        known = name in self._by_post
        try:
            await _send(api, name, patch, post, by_post=known)
        except CTNotFoundError:
            await _send(api, name, patch, post, by_post=not known)
            self._by_post ^= {name}


async def _send(api: API, name: str, patch: tuple[str, Mapping[str, Any]], post: str, *, by_post: bool) -> None:
    if by_post:
        await api.act(f"{name}_by_post", "POST", post)
    else:
        await api.act(name, "PATCH", *patch)
