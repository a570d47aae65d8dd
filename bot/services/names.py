"""Finding things by what people call them: id, slug, MAC, exact name, part of a name, then typo-tolerant."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

T = TypeVar("T")

_MAC = re.compile(r"^([0-9a-f]{2}[-:.]?){5}[0-9a-f]{2}$", re.IGNORECASE)
_ENOUGH_OF_A_KEY = 5
_CLOSE_ENOUGH = 74.0
_APART = re.compile(r"[\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")


def fold(text: str) -> str:
    """Lower case without accents, words apart by one blank: what two names are compared by. Never empty for a name."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _APART.sub(" ", bare).strip() or text.casefold().strip()


def as_mac(text: str) -> str | None:
    """CT's form of a MAC (AA-BB-CC-DD-EE-FF) when the text is one, in any common spelling."""
    if not _MAC.match(text):
        return None
    digits = re.sub(r"[^0-9a-fA-F]", "", text).upper()
    return "-".join(digits[i : i + 2] for i in range(0, 12, 2))


@dataclass(frozen=True, slots=True)
class Named(Generic[T]):
    """One thing with all that it may be called by."""

    item: T
    keys: frozenset[str]
    name: str
    text: str


def named(item: T, *, keys: Iterable[str | None], name: str, more: str | None = None) -> Named[T]:
    """Fold the names of a thing once, so that searching ten thousand of them is quick."""
    return Named(item, frozenset(k.casefold() for k in keys if k), fold(name), fold(f"{name} {more or ''}"))


def exact(things: Sequence[Named[T]], query: str) -> list[T]:
    """Those whose id, slug or MAC it is; else those whose whole name it is."""
    written = {query.casefold(), (as_mac(query) or query).casefold()}
    if by_key := [thing.item for thing in things if not written.isdisjoint(thing.keys)]:
        return by_key
    folded = fold(query)
    return [thing.item for thing in things if thing.name == folded]


def called(things: Sequence[Named[T]], query: str) -> list[T]:
    """Those in whose own name each word of the query is a word: not only in an address, or a part of a word."""
    words = set(fold(query).split())
    return [thing.item for thing in things if words <= set(thing.name.split())]


def containing(things: Sequence[Named[T]], query: str) -> list[T]:
    """Those whose name (with its place) contains every word of the query; names that begin so come first."""
    folded = fold(query)
    hits = things
    for word in folded.split():
        hits = [thing for thing in hits if word in thing.text]
    hits = list(hits)
    hits.sort(key=lambda thing: (not thing.name.startswith(folded), folded not in thing.name))
    return [thing.item for thing in hits]


def _beginning(things: Sequence[Named[T]], query: str) -> list[T]:
    """Those whose slug or MAC begins so; for pickers."""
    start = query.strip().casefold().replace(":", "-")
    if len(start) < _ENOUGH_OF_A_KEY:
        return []
    return [thing.item for thing in things if any(key.startswith(start) for key in thing.keys)]


def similar(things: Sequence[Named[T]], query: str, *, limit: int) -> list[T]:
    """Those whose name (or name and place) is spelt alike, best first; for questions only, never for a decision."""
    folded = fold(query)
    for texts in ([thing.name for thing in things], [thing.text for thing in things]):
        found = process.extract(folded, texts, scorer=fuzz.WRatio, score_cutoff=_CLOSE_ENOUGH, limit=limit)
        if found:
            return [things[index].item for _, _, index in found]
    return []


def search(things: Sequence[Named[T]], query: str, *, limit: int, rank: Callable[[T], object] | None = None) -> list[T]:
    """What a picker offers while one types: exact, then containing, then similar."""
    if not fold(query):
        items = [thing.item for thing in things]
        return sorted(items, key=rank)[:limit] if rank else items[:limit]  # type: ignore[arg-type]
    hits = exact(things, query) or _beginning(things, query)
    offered = {id(item) for item in hits}
    hits += [item for item in containing(things, query) if id(item) not in offered]
    return (hits or similar(things, query, limit=limit))[:limit]
