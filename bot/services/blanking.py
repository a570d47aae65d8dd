"""Blanking out what looks like a secret in what boxes say, before anybody is shown it.

A net under the rule that only harmless commands are run: a process list tells the passwords on command lines, a log
tells those of the line to the internet. It would rather blank a word too many.
"""

import re

BLANK = "•••"

_NAMES = r"(?:passw(?:or)?d|passphrase|secret|psk|token|credential|community|(?<![a-z])pass|key\d{0,3}(?![a-z]))"
_NAMED = rf"{_NAMES}[\w.-]{{0,40}}"
_VALUE = r"(?!•)(?:'[^'\n]*'|\"[^\"\n]*\"|\S+)"
_NOTHING = r"(?!(?:on|off|none|any|no|yes|true|false|auto|\(hidden\))(?:\s|$))"
_SENTENCE = (
    r"(?!(?:auth\w*|for|from|fail\w*|is|was|of|not|no|has|required|attempts?|chang\w+|expired|ok|incorrect|accepted"
    r"|mismatch|prompt|login|and|or)\b)"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"-----BEGIN [^-\n]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [^-\n]{0,40}-----|\Z)",
        # `wpa_passphrase=two words`: where a line is nothing else, to its end.
        rf"(?P<before>^[ \t]*[\w.-]{{0,40}}?{_NAMED}[ \t]*[:=][ \t]*){_NOTHING}(?![•'\"])\S[^\n]*",
        # `--radiussecret=…`, `"password": "…"`.
        rf"(?P<before>{_NAMED}[\"']?[ \t]*[:=][ \t]*){_NOTHING}{_VALUE}",
        # `option key '…'`, `set wireless.guests.key …`.
        rf"(?P<before>\b(?:option|list|set)[ \t]+[\w.@\[\]-]{{0,80}}?{_NAMED}[ \t]+){_VALUE}",
        # `--uamsecret …`.
        rf"(?P<before>(?<!\S)--?[\w-]{{0,40}}?{_NAMED}[ \t]+){_VALUE}",
        # `password …`, as pppd is given it, but not `password authentication failed`.
        rf"(?P<before>(?:password|passwd|passphrase|secret)[ \t]+){_SENTENCE}{_VALUE}",
        # By their looks: hashes of passwords, tokens, keys, passwords in addresses.
        r"\$(?:1|2[abxy]|5|6|y)\$[^\s:]+",
        r"(?P<before>\bBearer )[\w.~+/=-]{6,}",
        r"(?P<before>\bAuthorization: *\w+ )\S+",
        r"(?P<before>://[^/\s:@]*:)[^/\s@]+(?=@)",
        r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*",
        r"\b(?:xox[a-z]|xapp)-[\w-]+",
        r"\b[0-9a-f]{64}\b",
        r"(?<![\w+/])[A-Za-z0-9+/]{43}=(?![\w+/=])",
    )
)


def blanked(text: str) -> tuple[str, int]:
    """The text without what looks like a secret, and in how many places something was blanked."""
    number = 0
    for pattern in _PATTERNS:
        text, found = pattern.subn(_blank, text)
        number += found
    return text, number


def _blank(match: re.Match[str]) -> str:
    return f"{match.groupdict().get('before') or ''}{BLANK}"
