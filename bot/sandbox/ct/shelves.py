"""What belongs to a location beside its boxes, made up the first time that somebody looks at it.

A world of 5,000 locations is built fast because nobody looks at most of them.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from bot.sandbox.ct.location import Location

if TYPE_CHECKING:
    from bot.sandbox.ct.practice import Practice

T = TypeVar("T")


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A sort of thing that a location has several of; `stock` makes what is there on the first day."""

    name: str
    of: type[T]
    stock: Callable[["Practice", Location, random.Random], list[T]]


class Shelves:
    """Lists by kind and location. What was touched outlives a restart, the rest is made up again the same."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], list[Any]] = {}
        self._kept: dict[tuple[str, str], list[Any]] = {}  # as read from the file, not looked at yet
        self._touched: set[tuple[str, str]] = set()

    def at(self, practice: "Practice", kind: Kind[T], place: Location) -> list[T]:
        key = (kind.name, place.slug)
        if key not in self._lists:
            kept = self._kept.pop(key, None)
            if kept is None:
                self._lists[key] = kind.stock(practice, place, random.Random(f"{kind.name} {place.slug}"))  # noqa: S311 - believable, not secret
            else:
                self._lists[key] = msgspec.convert(kept, list[kind.of])  # type: ignore[name-defined]
        return self._lists[key]

    def looked_at(self, kind: Kind[T], place: Location) -> list[T] | None:
        """What `at` would give, unless that would have to be made up first."""
        return self._lists.get((kind.name, place.slug))

    def touch(self, kind: Kind[T], place: Location) -> None:
        self._touched.add((kind.name, place.slug))

    def as_json(self) -> list[Any]:
        rows = {**self._kept, **{key: self._lists[key] for key in self._touched if key in self._lists}}
        return [[name, slug, msgspec.to_builtins(rows[name, slug])] for name, slug in rows]

    def restore(self, rows: list[Any]) -> None:
        for name, slug, things in rows:
            self._kept[name, slug] = things
            self._touched.add((name, slug))
