"""Codes that people read off one screen and type on another: Crockford's base32, 40 bits in 8 characters.

crockford.com/base32.html: no I, L, O and U among its characters; who types those anyway means 1, 1 and 0.
"""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
_MEANT = str.maketrans("OIL", "011")


def new_code() -> str:
    """Eight characters, each of them as likely as any other."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """As it is shown: `7K2M-Q9XD`."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def read_code(text: str) -> str | None:
    """What somebody typed, as the code that they mean; None when it cannot be one. Blanks and dashes do not count."""
    plain = unicodedata.normalize("NFKC", text)
    kept = "".join(char for char in plain if not (char.isspace() or unicodedata.category(char) in {"Pd", "Cf"}))
    meant = kept.upper().translate(_MEANT)
    return meant if len(meant) == LENGTH and set(meant) <= set(ALPHABET) else None
