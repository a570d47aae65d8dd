"""Hardware addresses as CT writes them: AA-BB-CC-DD-EE-FF (ct-api 2)."""

import re

from bot.ct.errors import CTRequestError

_SEPARATORS = re.compile(r"[\s:.\-]+")
_HEX = re.compile(r"[0-9A-F]{12}")


def normal_mac(value: str) -> str:
    """A hardware address in any usual spelling, as CT spells it; raises CTRequestError for what is none."""
    digits = _SEPARATORS.sub("", value[:100]).upper()
    if not _HEX.fullmatch(digits):
        raise CTRequestError("not a hardware address")
    return "-".join(digits[place : place + 2] for place in range(0, 12, 2))
