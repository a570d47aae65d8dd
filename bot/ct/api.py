"""CT's API as one person: their token on every call, every error status as its class."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from bot.ct.errors import CTRequestError, status_error
from bot.ct.transport import Answer, Call, Transport
from bot.ct.wire import decode

T = TypeVar("T")

_OBJECT_OR_ARRAY: Any = dict[str, msgspec.Raw] | list[msgspec.Raw]


def accepted(answer: Answer) -> Answer:
    """The answer, if CT says 2xx; raises the CTStatusError of its status otherwise."""
    if answer.status >= 300:
        raise status_error(
            answer.name,
            status=answer.status,
            messages=answer.messages,
            fields=answer.fields,
            retry_after=answer.retry_after,
        )
    return answer


def done(answer: Answer) -> None:
    """2xx with JSON or with nothing, which older Rails sends as a blank; a proxy's page raises CTResponseError."""
    if accepted(answer).body.strip():
        decode(answer.body, _OBJECT_OR_ARRAY)


class API:
    """Calls to `/api/v1` with one person's access token."""

    def __init__(self, transport: Transport, *, url: str, access_token: str) -> None:
        if not access_token or not access_token.isascii() or not access_token.isprintable():
            raise CTRequestError("not an access token that can be sent")
        self._transport = transport
        self._url = url
        self._headers = {"Authorization": f"Bearer {access_token}"}

    @property
    def deadline(self) -> float:
        return self._transport.deadline

    async def get(self, name: str, path: str, read: Callable[[bytes], T], **params: object) -> T:
        """GET, and `read` the body; parameters that are None are left out."""
        call = Call(name, "GET", self._url + path, params=_query(params), headers=self._headers)
        return await self._transport.call(call, lambda answer: read(accepted(answer).body))

    async def act(self, name: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        """Ask CT to change something, once; only whether it accepted matters."""
        await self._transport.call(Call(name, method, self._url + path, headers=self._headers, json=body), done)

    async def change(self, name: str, method: str, path: str, body: Mapping[str, Any], read: Callable[[bytes], T]) -> T:
        """Ask CT to change something, once, and `read` what it has become.

        Raises CTResponseError, `maybe_acted`, when CT accepted in words that cannot be read.
        """
        call = Call(name, method, self._url + path, headers=self._headers, json=body)
        return await self._transport.call(call, lambda answer: read(accepted(answer).body))


def _query(params: Mapping[str, object]) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in params.items()
        if value is not None
    }
