"""What CT may keep for the dashboard's own token: metrics and logs (ct-api 1.6, 3.10, 3.13)."""

from collections.abc import Callable
from typing import TypeVar

from bot.ct.api import API
from bot.ct.errors import CTAuthError, CTForbiddenError

T = TypeVar("T")


async def read_reserved(api: API, name: str, path: str, read: Callable[[bytes], T], **params: object) -> T:
    """GET with the person's token.

    Where CT answers 401 while it takes that token elsewhere, that is a CTForbiddenError of status 401: the person's
    link is not at an end, and renewing it would not help.
    """
    try:
        return await api.get(name, path, read, **params)
    except CTAuthError as refused:
        await api.get("me", "/me.json", lambda body: body)
        raise CTForbiddenError(name, status=refused.status, messages=refused.messages) from refused
