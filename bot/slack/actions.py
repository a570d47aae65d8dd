"""What pressing does: a table from action id to handler; unknown ones are counted and ignored."""

import time
from collections.abc import Awaitable, Callable

import structlog

from bot.identity import SlackUser
from bot.services.notices import Resume
from bot.services.operation import Operation, State
from bot.services.reboot import Reboots, UnderWayError
from bot.services.sweep import BOXES, Sweeps
from bot.services.sweep import KIND as SWEEP
from bot.slack import acts, failures
from bot.slack.cards import SlackCards
from bot.slack.context import STALE_TRIGGERS, Context, Services, conclude
from bot.slack.courier import Courier, PostFailedError
from bot.slack.dispatch import Dispatcher
from bot.slack.enter_code import ENTER_CODE
from bot.slack.forms import Filled, Form
from bot.slack.installation import InstallationOfToken
from bot.slack.payloads import Pressed
from bot.slack.reply import Reply
from bot.slack.typed_name import TYPED_NAME, UNSETTLED, unsettled
from bot.slack.typed_reboot import TYPED_REBOOT
from bot.slack.views import account as account_views
from bot.slack.views import asking, parts, settled
from bot.slack.views import reboot as reboot_views
from bot.slack.views import sweep as sweep_views
from bot.stores.audit import Audit

log = structlog.get_logger(__name__)

LINK_SECONDS = 600

Handler = Callable[[Pressed], Awaitable[None]]


class Actions:
    """Handles one interaction; every path ends in an answer to the person."""

    def __init__(
        self,
        *,
        services: Services,
        dispatcher: Dispatcher,
        courier: Courier,
        cards: SlackCards,
        installation: InstallationOfToken,
        audit: Audit,
    ) -> None:
        self._services = services
        self._dispatcher = dispatcher
        self._courier = courier
        self._cards = cards
        self._installation = installation
        self._audit = audit
        self._handlers: dict[str, Handler] = {
            parts.RUN: self._run,
            parts.MENU: self._run,
            parts.SHARE: self._share,
            account_views.CONNECT: self._connect,
            account_views.ENTER: self._enter_code,
            account_views.UNLINK: self._run,
            account_views.DISOWN: self._disown,
            reboot_views.CONFIRM: self._confirm,
            reboot_views.CANCEL: self._cancel,
            reboot_views.FOLLOW: self._follow,
            reboot_views.TYPE: self._type_to_reboot,
            reboot_views.APPROVE: self._approve,
            reboot_views.CALL_OFF: self._call_off,
            sweep_views.STOP: self._stop,
            acts.CONFIRM: self._confirm_change,
            acts.CANCEL: self._cancel_change,
            acts.TYPE: self._type_name,
        }

    async def handle(self, pressed: Pressed) -> None:
        """Find the handler and answer whatever goes wrong in it."""
        handler = self._picked if asking.is_pick(pressed.action) else self._handlers.get(pressed.action)
        if handler is None:
            if pressed.action != parts.OPEN:
                log.info("an unknown action was ignored", action=pressed.action[:60])
            return
        try:
            await handler(pressed)
        except Exception as error:
            context = Context(
                who=pressed.who, channel_id=pressed.channel_id, text="", services=self._services, now=time.time()
            )
            await self._beside(pressed, await failures.explain(error, context, ""))

    # --- answering ----------------------------------------------------------------------------

    async def _instead(self, pressed: Pressed, reply: Reply | None) -> None:
        """In place of the private message that was pressed; beside a public one. None: a modal is open instead."""
        if reply is None:
            return
        instead = pressed.private and not reply.beside
        await self._courier.answer(pressed.response_url, pressed.who.user_id, reply, replace=instead)

    async def _beside(self, pressed: Pressed, reply: Reply) -> None:
        await self._courier.answer(pressed.response_url, pressed.who.user_id, reply)

    # --- commands behind buttons --------------------------------------------------------------

    async def _answer(self, pressed: Pressed, text: str) -> Reply | None:
        return await self._dispatcher.answer(
            pressed.who,
            text,
            channel_id=pressed.channel_id,
            trigger_id=pressed.delivery,
            response_url=pressed.response_url,
        )

    async def _run(self, pressed: Pressed) -> None:
        await self._instead(pressed, await self._answer(pressed, pressed.value))

    async def _picked(self, pressed: Pressed) -> None:
        ask_id = pressed.block.removeprefix(asking.ASK_BLOCK)
        ask = await self._services.asks.find(ask_id, pressed.who.key)
        reply: Reply | None
        if ask is None:
            reply = asking.trouble("That question expired.", failures.NOTHING, "Type the command again.")
        else:
            text = ask.template.replace("{}", pressed.value, 1)
            reply = await self._answer(pressed, text)
        await self._instead(pressed, reply)

    async def _share(self, pressed: Pressed) -> None:
        reply = await self._answer(pressed, pressed.value)
        if reply is None:
            return
        command, _ = self._services.registry.match(pressed.value)
        if reply.private or command is None or command.group != "Look":
            await self._beside(pressed, reply)
            return
        shared = Reply(reply.text, [*parts.plain(reply.blocks), parts.context(f"Shared by {pressed.who.mention}")])
        if not await self._courier.respond(pressed.response_url, shared, public=True):
            await self._beside(
                pressed, asking.trouble("Slack did not let me share it here.", "", "Type the command again.")
            )

    # --- linking ------------------------------------------------------------------------------

    async def _connect(self, pressed: Pressed) -> None:
        ask = await self._services.asks.find(pressed.value, pressed.who.key)
        resume = Resume(ask.template if ask else "", pressed.channel_id, pressed.response_url)
        home = await self._installation.ask()
        workspace = home.team_name if home else pressed.workspace
        url = await self._services.linking.mint(pressed.who, handle=pressed.handle, workspace=workspace, resume=resume)
        draw = account_views.open_typed_link if self._services.linking.typed_code else account_views.open_link
        await self._instead(pressed, draw(url, time.time() + LINK_SECONDS))

    async def _enter_code(self, pressed: Pressed) -> None:
        """The form opens at once, whether a code waits or not: Slack gives three seconds, and the form asks anyway."""
        if self._services.linking.typed_code is None:
            ask_id = await self._services.asks.keep(pressed.who.key, "")
            await self._instead(pressed, account_views.no_code_wanted(ask_id))
            return
        meta = {"channel": pressed.channel_id, "reply": pressed.response_url}
        try:
            await self._courier.open_view(pressed.delivery, ENTER_CODE.view(Filled(meta=meta)))
        except PostFailedError as error:
            if error.code not in STALE_TRIGGERS:
                raise
            late = asking.trouble("I was too slow, so the form could not open.", failures.NOTHING, "Press once more.")
            await self._beside(pressed, late)

    async def _disown(self, pressed: Pressed) -> None:
        await self._audit.record("link_disowned", user=pressed.who.key)
        await self._services.sessions.unlink(pressed.who)
        await self._instead(pressed, account_views.disowned())

    # --- reboot -------------------------------------------------------------------------------

    async def _confirm(self, pressed: Pressed) -> None:
        op = await self._answered(pressed, lambda: self._services.reboots.confirm(pressed.who, pressed.value))
        if op is None:
            return
        if not op.maybe_sent:
            await self._instead(pressed, reboot_views.not_sent(op))
            await self._services.reboots.told(op)
            return
        try:
            op = await self._services.reboots.place(op, await self._cards.show(op))
        except Exception:
            # It is sent; a card that could not be shown must not make the answer say otherwise. Follow-up shows it.
            log.exception("a card could not be shown", operation=op.id)
        await self._instead(pressed, reboot_views.sent(op, elsewhere=self._elsewhere(op)))

    def _elsewhere(self, op: Operation) -> str | None:
        if op.card_channel == op.channel_id:
            return None
        if op.card_channel is None:
            return "Slack did not let me show its card yet; I keep trying."
        return (
            "I am not in this channel, so its card is in your messages with me. Invite me, and the next one shows here."
        )

    async def _cancel(self, pressed: Pressed) -> None:
        op = await self._answered(pressed, lambda: self._services.reboots.cancel(pressed.who, pressed.value))
        if op is not None:
            await self._instead(pressed, reboot_views.kept(op))

    async def _answered(self, pressed: Pressed, answer: Callable[[], Awaitable[Operation]]) -> Operation | None:
        """Settle a question; None when this click did not settle it, and the person was told why."""
        try:
            return await answer()
        except UNSETTLED as error:
            await self._instead(pressed, unsettled(self._services, error))
            stopped = error.stopped if isinstance(error, UnderWayError) else None
            if stopped and stopped.card_ts is None:  # else the asker, and the card in the channel, are told later
                await self._services.reboots.told(stopped)
        return None

    async def _type_to_reboot(self, pressed: Pressed) -> None:
        """A guarded reboot: what it is about is typed first; the submission goes on."""
        op = await self._services.reboots.load(pressed.value)
        if op is None or op.who != pressed.who:
            await self._beside(pressed, settled.expired(None))
            return
        label, wanted = "Its name", op.before.name
        if op.kind == SWEEP:
            label, wanted = "How many boxes", str(len(op.params[BOXES]))
        await self._open_typed(pressed, TYPED_REBOOT, {"op": op.id, "wanted": wanted, "label": label})

    async def _approve(self, pressed: Pressed) -> None:
        """The second person. The asker hears of it by the card, and by a message where nothing was sent."""
        services = await self._guarding(pressed)
        op = await self._answered(pressed, lambda: services.approve(pressed.who, pressed.value))
        if op is None:
            return
        try:
            op = await self._services.reboots.place(op, await self._cards.show(op))
        except Exception:
            log.exception("a card could not be shown", operation=op.id)
        if not op.maybe_sent:
            await self._cards.tell(op)
            await services.told(op)
        await self._beside(pressed, reboot_views.approved(op, op.maybe_sent))

    async def _call_off(self, pressed: Pressed) -> None:
        services = await self._guarding(pressed)
        if await self._answered(pressed, lambda: services.call_off(pressed.who, pressed.value)):
            text = "Called off. Nothing was sent."
            await self._beside(pressed, Reply(text, [parts.section(text)]))

    async def _guarding(self, pressed: Pressed) -> Reboots | Sweeps:
        op = await self._services.reboots.load(pressed.value)
        return self._services.guarded(op) if op else self._services.reboots

    async def _stop(self, pressed: Pressed) -> None:
        """Whoever sees the card may stop it, linked or not: it only prevents."""
        op = await self._answered(pressed, lambda: self._services.sweeps.stop(pressed.who, pressed.value))
        if op is not None:
            await self._beside(pressed, sweep_views.stopping(op))

    # --- every other change -------------------------------------------------------------------

    async def _confirm_change(self, pressed: Pressed) -> None:
        op = await self._answered(pressed, lambda: self._services.changes.confirm(pressed.who, pressed.value))
        if op is not None:
            reply = await conclude(self._services, self._services.registry.acts[op.kind], op)
            await self._instead(pressed, reply)

    async def _cancel_change(self, pressed: Pressed) -> None:
        op = await self._answered(pressed, lambda: self._services.changes.cancel(pressed.who, pressed.value))
        if op is not None:
            await self._instead(pressed, self._services.registry.acts[op.kind].outcome(op))

    async def _type_name(self, pressed: Pressed) -> None:
        """The question is answered by typing the name: a modal, whose submission confirms."""
        op = await self._services.changes.load(pressed.value)
        if op is None or op.who != pressed.who:
            await self._beside(pressed, settled.expired(None))
            return
        await self._open_typed(pressed, TYPED_NAME, {"op": op.id, "name": op.before.name})

    async def _open_typed(self, pressed: Pressed, form: Form, about: dict[str, str]) -> None:
        """What was asked is answered in a modal: what comes of it takes the question's place."""
        place = {"channel": pressed.channel_id, "reply": pressed.response_url}
        instead = {"instead": "yes"} if pressed.private else {}
        await self._courier.open_view(pressed.delivery, form.view(Filled(meta={**about, **place, **instead})))

    async def _follow(self, pressed: Pressed) -> None:
        op = await self._services.reboots.load(pressed.value)
        if op is None:
            await self._beside(pressed, asking.trouble("That reboot is long over.", "", "Look at the box: /ct box."))
            return
        op = await self._services.reboots.follow(op, pressed.who)
        ended = op.state is State.ENDED
        reply = reboot_views.card(op, time.time(), self._services.dashboard) if ended else _following()
        await self._instead(pressed, reply)


def _following() -> Reply:
    text = "I'll tell you in a direct message how it ends."
    return Reply(text, [parts.section(text)])


def admitted_only(who: SlackUser) -> Reply:
    """The answer to people from elsewhere: they may see a shared channel, but not act through it."""
    text = "Only members of this workspace can use me. Nothing was done."
    return Reply(text, [parts.section(text)])
