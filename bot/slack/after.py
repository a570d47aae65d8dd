"""What can be done for a person after a change has ended: messages, files, reads with their own account."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from bot.ct import CTError, CTUser
from bot.errors import StoreDownError
from bot.identity import SlackUser
from bot.services.operation import Ending, Operation, State
from bot.services.sessions import Sessions
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.courier import Courier, PostFailedError
from bot.slack.registry import Registry
from bot.slack.reply import Reply
from bot.slack.views import parts

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class After:
    """Passed to `ActView.finish`."""

    courier: Courier
    sessions: Sessions

    async def ct(self, who: SlackUser, work: Callable[[CTUser], Awaitable[T]]) -> T:
        """Call CT with the asker's own account."""
        return await self.sessions.call(who, work)


class ChangeTold:
    """Tells the asker, by direct message, how a change ended that took its time, was cut off, or was undone."""

    def __init__(self, *, registry: Registry, after: After) -> None:
        self._registry = registry
        self._after = after

    async def tell(self, op: Operation) -> None:
        """Word it."""
        view = self._registry.acts[op.kind]
        await self._after.courier.tell(op.user_id, view.outcome(op))
        await announce(self._after.courier, view, op)

    async def finish(self, op: Operation) -> bool:
        """See to what comes after it; False where CT or the store could not be asked now."""
        view = self._registry.acts[op.kind]
        if op.ending is not Ending.DONE or view.finish is None:
            return True
        try:
            await view.finish(self._after, op)
        except (CTError, StoreDownError) as error:
            log.warning("what comes after a change waits", operation=op.id, kind=op.kind, error=str(error))
            return False
        except Exception:
            log.exception("after a change something failed", operation=op.id, kind=op.kind)
        return True


async def announce(courier: Courier, view: ActView, op: Operation) -> Operation:
    """One public line, where the bot can speak; the asker knows anyway. It is drawn anew where it stands already.

    A line about an end arrives, if late; one that something begins is left out where Slack does not take it.
    """
    line = view.public(op)
    if not line:
        return op
    reply = Reply(t.plain(line), [parts.section(line)])
    with contextlib.suppress(PostFailedError):
        if op.card_channel and op.card_ts:
            await courier.update(op.card_channel, op.card_ts, reply)
            return op
        if op.state is not State.ENDED:
            channel, ts = await courier.post(op.channel_id, reply)
            return op.but(card_channel=channel, card_ts=ts)
    if op.state is State.ENDED:
        await courier.announce(op.channel_id, reply)
    return op
