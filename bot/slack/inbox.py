"""What comes in, once: de-duplicate, hand the work to the task set, ack at once (`design.md`, decision 14)."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot.ct import Turns
from bot.errors import StoreDownError
from bot.identity import SlackUser
from bot.log import about
from bot.services.sessions import Sessions
from bot.slack import failures
from bot.slack.actions import Actions, admitted_only
from bot.slack.courier import Courier
from bot.slack.dispatch import Dispatcher
from bot.slack.forms import Filled, Form, working
from bot.slack.home import HomeTab
from bot.slack.installation import InstallationOfToken
from bot.slack.options import Options
from bot.slack.payloads import ODD, Gone, Pressed, Submitted, Typed, gone, member, pressed, submitted, typed
from bot.slack.reply import Reply
from bot.slack.submissions import Submissions, ack_of
from bot.slack.views import parts
from bot.stores.deliveries import Deliveries, Delivery
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)

STORE_SECONDS = 1.5
SUBMISSION_SECONDS = 1.4
AT_ONCE = 2  # of one person's commands and clicks; more of them wait for these (row S5)
BUSY = "I have too much to do just now. Nothing was done; try again in a minute."
TOO_FAST = "That was too much at once, so I left this out. Nothing was done; go on in a moment."

Answer = str | dict[str, Any] | None


class Inbox:
    """One method a kind of payload; each returns what the ack says."""

    def __init__(
        self,
        *,
        deliveries: Deliveries,
        tasks: TaskSet,
        installation: InstallationOfToken,
        dispatcher: Dispatcher,
        actions: Actions,
        submissions: Submissions,
        courier: Courier,
        options: Options,
        sessions: Sessions,
        home: HomeTab,
        observe: Callable[[str, str], None],
    ) -> None:
        self._deliveries = deliveries
        self._tasks = tasks
        self._installation = installation
        self._dispatcher = dispatcher
        self._actions = actions
        self._submissions = submissions
        self._courier = courier
        self._options = options
        self._sessions = sessions
        self._home = home
        self._observe = observe
        self._turns = Turns(AT_ONCE)

    async def command(self, body: dict[str, Any]) -> Answer:
        """A slash command: nothing before the ack but one round trip to the store."""
        try:
            command = typed(body)
        except ODD:
            self.odd("command")
            return None
        taken = await self._take(command.delivery, command.who, "command")
        if taken is None and self._dispatcher.needs_store(command.text):
            return failures.store_down().text
        match taken:
            case Delivery.TOO_FAST:
                return TOO_FAST
            case None | Delivery.FIRST if not self._spawn(self._typed(command), "command"):
                return BUSY
        return None

    async def action(self, body: dict[str, Any]) -> Answer:
        """A click. Without the store nothing is done, and the person is told."""
        try:
            click = pressed(body)
        except ODD:
            self.odd("action")
            return None
        taken = await self._take(click.delivery, click.who, "action")
        if taken is None and (click.action != parts.RUN or self._dispatcher.needs_store(click.value)):
            self._tell(click, failures.store_down())
            return None
        match taken:
            case Delivery.TOO_FAST:
                self._tell(click, Reply(TOO_FAST))
            case None | Delivery.FIRST:
                self._spawn(self._pressed(click), "action")
        return None

    async def options(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Typeahead, answered inside Slack's three seconds or with nothing."""
        try:
            who = member(body)
        except ODD:
            self.odd("options")
            return []
        return await self._options.offer(who, body) if await self._installation.admits(who) else []

    async def submission(self, body: dict[str, Any]) -> dict[str, Any]:
        """A modal: its outcome in the ack where CT is quick, else *working* and the outcome afterwards."""
        try:
            sent = submitted(body)
        except ODD:
            self.odd("submission")
            return {}
        form = self._submissions.form(sent)
        taken = await self._take(sent.delivery, sent.who, "submission")
        if form is None or taken is Delivery.SEEN:
            return {}
        if taken in {Delivery.TOO_FAST, Delivery.TOO_FAST_STILL}:
            return ack_of(form, self._submissions.as_sent(sent, problem=TOO_FAST))
        if taken is None:
            return ack_of(form, self._submissions.as_sent(sent, problem=failures.STORE_DOWN_IN_WORDS))
        if not self._tasks.has_room:
            self._observe("submission", "busy")
            return ack_of(form, self._submissions.as_sent(sent, problem=BUSY))
        work = self._tasks.spawn(self._submitted(form, sent), name="submission")
        done, _ = await asyncio.wait({work}, timeout=SUBMISSION_SECONDS)
        if not done:
            self._tasks.spawn(self._late(form, sent, work), name="late submission")
            return {"response_action": "update", "view": working(form.title).to_dict()}
        outcome = work.result()
        if not isinstance(outcome, Filled):
            self._spawn(self._submissions.deliver(sent, outcome), "submission")
        return ack_of(form, outcome)

    async def event(self, body: dict[str, Any]) -> None:
        """Events come at least once; each acts once, or is safe to repeat."""
        event, delivery = body.get("event"), body.get("event_id")
        if not isinstance(event, dict) or not isinstance(delivery, str):
            self.odd("event")
            return
        kind = event.get("type")
        if kind in ("app_uninstalled", "tokens_revoked"):
            try:
                ended = gone(body)
            except ODD:
                self.odd("event")
                return
            # Repeatable, so not de-duplicated: a delivery that failed half way is simply run again.
            await self._gone(ended)
        elif kind == "app_home_opened" and await self._first(delivery):
            self._spawn(self._home.opened(event, body), "home")

    # --- behind the ack -----------------------------------------------------------------------

    async def _typed(self, command: Typed) -> None:
        with about():
            async with self._turns.of(command.who.key):
                await self._answer(command)

    async def _answer(self, command: Typed) -> None:
        if not await self._installation.admits(command.who):
            await self._courier.respond(command.response_url, admitted_only(command.who))
            return
        reply = await self._dispatcher.answer(
            command.who,
            command.text,
            channel_id=command.channel_id,
            trigger_id=command.delivery,
            response_url=command.response_url,
        )
        if reply is not None:
            await self._courier.answer(command.response_url, command.who.user_id, reply)

    async def _pressed(self, click: Pressed) -> None:
        if not await self._installation.admits(click.who):
            await self._courier.respond(click.response_url, admitted_only(click.who))
            return
        with about():
            async with self._turns.of(click.who.key):
                await self._actions.handle(click)

    async def _submitted(self, form: Form, sent: Submitted) -> Reply | Filled | None:
        if not await self._installation.admits(sent.who):
            return admitted_only(sent.who)
        with about():
            async with self._turns.of(sent.who.key):
                return await self._submissions.run(form, sent)

    async def _late(self, form: Form, sent: Submitted, work: asyncio.Task[Reply | Filled | None]) -> None:
        await self._submissions.finish_late(form, sent, await work)

    async def _gone(self, ended: Gone | None) -> None:
        if ended is not None:
            removed = await self._sessions.forget_installation(
                ended.tag, team_id=ended.team_id, user_ids=ended.user_ids
            )
            log.info("an installation was forgotten", whole=ended.user_ids is None, links=removed)

    def odd(self, kind: str) -> None:
        """Count what we cannot read, and leave it (row S6)."""
        self._observe(kind, "odd")
        log.info("a payload of unknown shape was ignored", kind=kind)

    # --- small things -------------------------------------------------------------------------

    async def _take(self, delivery: str, who: SlackUser, kind: str) -> Delivery | None:
        """What to do with a delivery of this person; None when the store does not answer.

        In a flood it is not asked for each. A form alone is answered differently when it came before.
        """
        if kind != "submission" and self._deliveries.too_fast(who):
            self._observe(kind, "too fast")
            return Delivery.TOO_FAST_STILL
        try:
            async with asyncio.timeout(STORE_SECONDS):
                taken = await self._deliveries.take(delivery, who)
        except (StoreDownError, TimeoutError):
            return None
        if taken in {Delivery.TOO_FAST, Delivery.TOO_FAST_STILL}:
            self._observe(kind, "too fast")
        return taken

    def _tell(self, click: Pressed, reply: Reply) -> None:
        self._spawn(self._courier.answer(click.response_url, click.who.user_id, reply), "told")

    async def _first(self, delivery: str) -> bool | None:
        """True for a delivery that is new, False for one seen before, None when the store does not answer."""
        try:
            async with asyncio.timeout(STORE_SECONDS):
                return await self._deliveries.first(delivery)
        except (StoreDownError, TimeoutError):
            return None

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> bool:
        if not self._tasks.has_room:
            work.close()
            self._observe(name, "busy")
            return False
        self._tasks.spawn(work, name=name)
        return True
