"""Messages that nobody is waiting for: linked, cut off, ended. Implements `bot.services.notices.Notices`."""

from collections.abc import Callable

from bot.identity import SlackUser
from bot.services.notices import Account, Resume
from bot.slack.courier import Courier
from bot.slack.dispatch import Dispatcher
from bot.slack.reply import Reply
from bot.slack.views import account as views
from bot.stores.asks import Asks


class SlackNotices:
    """Tells people by direct message, and goes on with what they asked before linking."""

    def __init__(self, *, courier: Courier, asks: Asks, dashboard: str, dispatcher: Callable[[], Dispatcher]) -> None:
        self._courier = courier
        self._asks = asks
        self._dashboard = dashboard
        self._dispatcher = dispatcher

    async def linked(self, who: SlackUser, account: Account, *, resume: Resume | None, switched: bool) -> None:
        """The command goes on where it was typed; the direct message says what was linked, wherever that was done."""
        if resume is not None:
            reply = await self._dispatcher().answer(who, resume.text, channel_id=resume.channel_id) or Reply("Linked.")
            head = views.linked(account, goes_on=bool(resume.text))
            await self._courier.answer(
                resume.response_url, who.user_id, Reply(reply.text, [*head, *reply.blocks]), replace=True
            )
        await self._courier.tell(who.user_id, views.linked_message(account, switched=switched))

    async def link_cut_off(self, who: SlackUser) -> None:
        """Linking broke off between CT and us."""
        await self._courier.tell(who.user_id, views.cut_off(await self._asks.keep(who.key, "")))

    async def link_ended(self, who: SlackUser) -> None:
        """CT ended the link."""
        await self._courier.tell(who.user_id, views.connect("", await self._asks.keep(who.key, ""), ended=True))

    async def revoke_failed(self, who: SlackUser) -> None:
        """CT could not be told that the link is over."""
        await self._courier.tell(who.user_id, views.revoke_failed(self._dashboard))
