"""Paths from templates: an id fills exactly one segment, or nothing is sent."""

from urllib.parse import quote

from bot.ct.errors import CTRequestError

# What could end a segment, or be decoded into something that does, on the way through clients, proxies and Rails.
_NEVER = frozenset("/\\?#%;")
_LONGEST = 200


def segment(value: str) -> str:
    """One quoted path segment; raises CTRequestError for what is no id, before anything is sent."""
    if (
        not value
        or len(value) > _LONGEST
        or set(value) <= {"."}
        or not value.isprintable()
        or not _NEVER.isdisjoint(value)
    ):
        raise CTRequestError("not an id that CT can have")
    return quote(value, safe="")


def path(template: str, *ids: str) -> str:
    """Fill the `{}` of a template: `path("/boxes/{}/operations", slug)`."""
    return template.format(*(segment(value) for value in ids))
