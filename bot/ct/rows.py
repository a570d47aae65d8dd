"""What an answer holds: one object, wrapped or not, or a list that comes whole (ct-api 2)."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec

from bot.ct.errors import CTResponseError
from bot.ct.wire import decode

M = TypeVar("M", covariant=True)

MOST_ROWS = 1000  # a page never has more than `per` rows, but bare arrays come without pages


class Row(Protocol[M]):
    """A row as CT sends it, which knows the model it becomes."""

    def model(self) -> M: ...


def object_reader(row: type[Row[M]], key: str | None = None) -> Callable[[bytes], M]:
    """Reads the object itself, or the one under `key`: CT wraps some resources and not others."""

    def read(body: bytes) -> M:
        if key is not None:
            inner = bytes(decode(body, dict[str, msgspec.Raw]).get(key, b""))
            body = inner if inner[:1] == b"{" else body
        return decode(body, row).model()

    return read


def array_reader(key: str, row: type[Row[M]]) -> Callable[[bytes], list[M]]:
    """Reads a bare array or the one under `key`; the first MOST_ROWS rows of it."""

    def read(body: bytes) -> list[M]:
        rows, _ = opened(body, key)
        return [decode(one, row).model() for one in decode(rows, list[msgspec.Raw])[:MOST_ROWS]]

    return read


def opened(body: bytes, key: str) -> tuple[bytes | msgspec.Raw, dict[str, msgspec.Raw]]:
    """The rows of a list, still unread, and what stands beside them."""
    if body.lstrip()[:1] == b"[":
        return body, {}
    told = decode(body, dict[str, msgspec.Raw])
    if key not in told:
        raise CTResponseError(f"CT's answer has no {key}")
    return told[key], told
