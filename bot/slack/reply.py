"""What a command answers. Commands return it; they never send."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block


@dataclass(frozen=True, slots=True)
class Reply:
    """One message: blocks, and the same in one line of plain text for notifications and screen readers.

    `text` carries no markup: the courier escapes it. `private`: an error or a question, never shown to a channel.
    `beside`: what was pressed stays as it is, for it is open still, or tells already how it ended.
    """

    text: str
    blocks: Sequence[Block] = ()
    private: bool = False
    beside: bool = False
