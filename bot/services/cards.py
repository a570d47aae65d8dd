"""What the services ask of whoever shows operations to people. `bot.slack` implements it."""

from typing import Protocol

from bot.services.operation import Operation
from bot.services.operations import Operations


class NotShownError(Exception):
    """Slack did not take a card now; it may later."""


class Cards(Protocol):
    """Shows the state of operations; never decides anything."""

    async def show(self, op: Operation) -> Operation:
        """Post the public card, or redraw it; returns the record with its place. Raises NotShownError."""

    async def tell(self, op: Operation) -> None:
        """Tell the asker, privately, how it ended when no card was ever shown; late, where Slack is down."""

    async def warn(self, op: Operation) -> None:
        """Mention the asker once: the box has not come back."""

    async def tell_followers(self, op: Operation) -> None:
        """Tell those who asked to be told how it ended."""


async def redrawn(cards: Cards, operations: Operations, op: Operation) -> Operation:
    """Draw the card, and note where it was posted; where Slack does not take it now, the record as it is."""
    try:
        return await operations.place(op, await cards.show(op))
    except NotShownError:
        return op
