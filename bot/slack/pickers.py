"""Selects that search as one types, for things that live inside something else: networks, batches, login pages.

Boxes and locations have their own (`services/directory.py`). A command declares a Picker; the loader collects it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import Option, PlainTextObject

from bot.services import names
from bot.slack import text as t

if TYPE_CHECKING:
    from bot.slack.context import Context

MOST = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick: its id in commands (at most 150 characters), its name, and a word about it."""

    value: str
    label: str
    more: str = ""

    def option(self) -> Option:
        """As Slack wants it."""
        more = t.clean(self.more, 75)
        return Option(
            value=self.value[:150],
            text=PlainTextObject(text=t.name(self.label, 75), emoji=False),
            description=PlainTextObject(text=more, emoji=False) if more else None,
        )


@dataclass(frozen=True, slots=True)
class Picker:
    """`noun` stands in the action id `ct.<noun>.pick`; `choices` reads them for a person, inside a scope (a slug)."""

    noun: str
    choices: Callable[["Context", str], Awaitable[Sequence[Choice]]]


def matching(choices: Sequence[Choice], query: str) -> list[Option]:
    """What a picker offers for the query, best first."""
    things = [names.named(choice, keys=(choice.value,), name=choice.label, more=choice.more) for choice in choices]
    return [choice.option() for choice in names.search(things, query, limit=MOST)]
