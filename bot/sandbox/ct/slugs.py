"""Slugs as CT makes them: the name plus a suffix (ct-api.md 3.1)."""

import hashlib
import re
import unicodedata


def slugged(name: str, identity: str) -> str:
    """A slug for `name`; the suffix depends on `identity` alone, so that it is the same in every run."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    suffix = hashlib.sha256(identity.encode()).hexdigest()[:6]
    return f"{words}-{suffix}" if words else suffix
