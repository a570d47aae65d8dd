"""The public card of an operation, posted once and redrawn in place. Implements `bot.services.cards.Cards`."""

import asyncio
import time
from collections.abc import Callable

import structlog

from bot import cuts
from bot.services.cards import NotShownError
from bot.services.operation import Operation
from bot.services.reboot import SWEEP
from bot.services.sweep import KIND
from bot.slack.courier import NOT_THERE, Courier, PostFailedError
from bot.slack.reply import Reply
from bot.slack.views import reboot as views
from bot.slack.views import sweep as sweep_views

log = structlog.get_logger(__name__)

_LOST_CARDS = {"message_not_found", "cant_update_message", "edit_window_closed"}


class SlackCards:
    """Posts in the channel where it was asked; where the bot is not, in the asker's direct messages."""

    def __init__(self, *, courier: Courier, dashboard: str, clock: Callable[[], float] = time.time) -> None:
        self._courier = courier
        self._dashboard = dashboard
        self._clock = clock

    async def show(self, op: Operation) -> Operation:
        """Post or redraw; the place is in the returned record. Raises NotShownError when Slack may take it later."""
        if SWEEP in op.params:
            return op  # the card of its sweep tells of it
        reply = self._card(op)
        try:
            if op.card_channel and op.card_ts:
                await self._courier.update(op.card_channel, op.card_ts, reply)
                return op
            channel, ts = await self._courier.post(op.channel_id, reply)
            cuts.here("card.shown")
            return op.but(card_channel=channel, card_ts=ts)
        except PostFailedError as error:
            if error.code in NOT_THERE and not op.card_ts:
                place = await self._courier.direct(op.user_id, reply)
                if place is None:
                    raise NotShownError from None
                return op.but(card_channel=place[0], card_ts=place[1])
            log.warning("a card could not be drawn", operation=op.id, error=error.code)
            if error.final() or error.code in _LOST_CARDS:
                return op
            raise NotShownError from None

    async def tell(self, op: Operation) -> None:
        """Only the asker needs to know."""
        if SWEEP not in op.params:
            await self._courier.tell(op.user_id, not_sent(op))

    async def warn(self, op: Operation) -> None:
        """A mention under the card: an edited message rings no phone."""
        reply = sweep_views.warning(op) if op.kind == KIND else views.warning(op, self._clock())
        if not await self._courier.announce(op.card_channel or op.channel_id, reply, thread_ts=op.card_ts):
            await self._courier.tell(op.user_id, reply)

    async def tell_followers(self, op: Operation) -> None:
        """Everybody who pressed *Follow* gets the ended card by direct message."""
        card = self._card(op) if op.maybe_sent else not_sent(op)
        await asyncio.gather(*(self._courier.tell(user_id, card) for user_id in op.followers))

    def _card(self, op: Operation) -> Reply:
        return sweep_views.card(op) if op.kind == KIND else views.card(op, self._clock(), self._dashboard)


def not_sent(op: Operation) -> Reply:
    """Why nothing was sent, for the asker."""
    return sweep_views.not_sent(op) if op.kind == KIND else views.not_sent(op)
