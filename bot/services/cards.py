"""What the services ask of whoever shows operations to people. `bot.slack` implements it."""

from typing import Protocol

from bot.services.operation import Operation


class Cards(Protocol):
    """Shows the state of operations; never decides anything."""

    async def show(self, op: Operation) -> Operation:
        """Post the public card, or redraw it where it is; returns the record with the place of the card."""

    async def tell(self, op: Operation) -> None:
        """Tell the asker, privately, how it ended when no card was ever shown."""

    async def warn(self, op: Operation) -> None:
        """Mention the asker once: the box has not come back."""

    async def tell_followers(self, op: Operation) -> None:
        """Tell those who asked to be told how it ended."""
