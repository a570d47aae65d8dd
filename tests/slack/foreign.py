"""Foreign text as it may come from CT or from people: names that would like to be markup."""

import random
import unicodedata
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

NASTY = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<@U01ANA>",
    "<#C01NOC|noc>",
    "<!subteam^S01|@ops>",
    "<!date^0^{date}|now>",
    "<https://evil.example|CT>",
    "<mailto:a@evil.example|mail>",
    "https://evil.example/x",
    "&lt;!channel&gt;",
    "&amp;lt;!here&amp;gt;",
    "@channel",
    "*bold*",
    "_it_",
    "__x__",
    "~gone~",
    "`code`",
    "```block```",
    "> quoted",
    ">>> all quoted",
    "\n• item",
    "line\r\nline",
    "\u2028\u2029\x85\x0b",
    "\u202eevil\u202c",
    "\u2066\u2067x\u2069",
    "\u200b\u200d\ufeff\u2060",
    "\x00\x07\x1b[31m",
    "\ud800",
    "\u3164\u2800",
    "\u0301\u0336",
    "Z\u0351\u0352\u0353algo",
    "{}",
    "{0.__class__}",
    "%s",
    "because",
    "page 2",
    '"',
    "“”‘’–—",
    "👩‍💻🔥",
    "مرحبا",
    "שלום",
    "ªﷺ",
    "&" * 200,
    "<" * 200,
    "_" * 90,
    "x" * 6_000,
    "",
    " ",
)


def texts(most: int = 60) -> st.SearchStrategy[str]:
    """Anything at all, with something nasty in it more often than not."""
    anything = st.text(st.characters(exclude_categories=()), max_size=most)
    return st.lists(st.one_of(st.sampled_from(NASTY), anything), max_size=4).map("".join)


def many(number: int) -> Iterator[str]:
    """The same, quickly and always the same ones."""
    dice = random.Random(20_261_123)
    for _ in range(number):
        parts = [
            dice.choice(NASTY)[:50] if dice.random() < 0.7 else chr(dice.randrange(0x110000))
            for _ in range(dice.randrange(1, 5))
        ]
        yield "".join(parts)


def shows_nothing_hidden(text: str) -> bool:
    """No control, format, surrogate, private or unassigned character; newlines are the views' own."""
    return all(unicodedata.category(char)[0] != "C" for char in text.replace("\n", ""))


def strings(node: Any) -> Iterator[tuple[str, str]]:
    """Every string of a JSON tree with the name of the member that holds it."""
    if isinstance(node, dict):
        for name, held in node.items():
            if isinstance(held, str):
                yield name, held
            else:
                yield from strings(held)
    elif isinstance(node, list):
        for item in node:
            yield from strings(item)
