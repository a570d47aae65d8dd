"""Looking into an answer that was lost, for changes that CT shows at once when it has made them."""

import time
from collections.abc import Awaitable, Callable

from bot.ct import CTNotFoundError, CTUser
from bot.services.changes import Step
from bot.services.operation import Ending, Operation

LOOK_AGAIN, PATIENCE = 5.0, 60.0
NOT_SHOWN = "CT shows it as it was before."


def until(
    shows: Callable[[CTUser, Operation], Awaitable[bool]], *, otherwise: str = NOT_SHOWN
) -> Callable[[CTUser, Operation], Awaitable[Step]]:
    """For `Act.lost`: done once CT shows the change, unknown when it does not within a minute, or shows nothing.

    It proves nothing of what was so before: that is for `Act.check` to refuse. `otherwise` says what CT shows where it
    may be neither the one nor the other.
    """

    async def look(ct: CTUser, op: Operation) -> Step:
        try:
            if await shows(ct, op):
                return Step()
        except CTNotFoundError:
            return Step(ending=Ending.UNKNOWN, messages=("CT no longer shows it to you.",))
        if time.time() - (op.broke_at or op.asked_at) < PATIENCE:
            return Step(again=LOOK_AGAIN)
        return Step(ending=Ending.UNKNOWN, messages=(otherwise,))

    return look
