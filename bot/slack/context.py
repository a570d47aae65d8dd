"""What a command gets to work with: who asks, from where, and the services."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import structlog

from bot.ct import Box, CTUser, Location
from bot.doctor.examination import Doctor
from bot.identity import SlackUser
from bot.services.changes import Changes
from bot.services.directory import Directory
from bot.services.gifts import Gifts
from bot.services.guards import RebootGuards
from bot.services.linking import Linking
from bot.services.operation import Ending, Facts, Operation, State
from bot.services.reboot import Reboots
from bot.services.sessions import Sessions
from bot.services.sweep import AGAIN, Sweeps
from bot.services.sweep import KIND as SWEEP
from bot.slack.acts import ActView
from bot.slack.after import After, announce
from bot.slack.courier import Courier, PostFailedError
from bot.slack.forms import Filled, Form, FormProblems
from bot.slack.pickers import Picker
from bot.slack.registry import Registry
from bot.slack.reply import Reply
from bot.slack.views import asking, parts
from bot.slack.views import reboot as reboot_views
from bot.stores.asks import Asks
from bot.stores.audit import Audit

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The use cases that commands call; wired once by `create_app`."""

    sessions: Sessions
    linking: Linking
    directory: Directory
    reboots: Reboots
    sweeps: Sweeps
    guards: RebootGuards
    changes: Changes
    asks: Asks
    audit: Audit
    gifts: Gifts
    courier: Courier
    registry: Registry
    dashboard: str
    doctor: Doctor

    def guarded(self, op: Operation) -> Reboots | Sweeps:
        """Who sees to the typed confirmation and the approval of this operation."""
        return self.sweeps if op.kind == SWEEP else self.reboots


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One command of one person, in one channel."""

    who: SlackUser
    channel_id: str
    text: str
    services: Services
    now: float = field(default_factory=time.time)
    trigger_id: str | None = None
    response_url: str = field(default="", repr=False)

    async def ct(self, work: Callable[[CTUser], Awaitable[T]]) -> T:
        """Call CT with this person's own account. Raises NotLinkedError, CTError, StoreDownError."""
        return await self.services.sessions.call(self.who, work)

    async def box(self, query: str) -> Box:
        """The one box that is meant. Raises NoMatchError and AmbiguousError, which become questions."""
        return await self.services.directory.find_box(self.who, query)

    async def location(self, query: str) -> Location:
        """The one location that is meant, likewise."""
        return await self.services.directory.find_location(self.who, query)

    async def box_or_location(self, query: str) -> Box | Location:
        """The one box or location that is meant, likewise."""
        return await self.services.directory.find_either(self.who, query)

    async def pick(self, picker: Picker | str, lead: str, *, template: str, scope: str = "") -> Reply:
        """Ask which one, with a select that searches as one types; `template` is the command with `{}` for it.

        `picker` is a command's own, or "box" or "location".
        """
        ask_id = await self.services.asks.keep(self.who.key, template, scope=scope)
        return asking.picker(picker if isinstance(picker, str) else picker.noun, ask_id, lead)

    async def open(self, form: Form, filled: Filled) -> Reply | None:
        """Open a modal. None when it is open; a reply with a button when Slack wants a fresh click first."""
        meta = {**filled.meta, "channel": self.channel_id, "reply": self.response_url}
        if self.trigger_id is not None:
            try:
                await self.services.courier.open_view(self.trigger_id, form.view(replace(filled, meta=meta)))
            except PostFailedError as error:
                if error.code not in STALE_TRIGGERS:
                    raise
            else:
                return None
        lead = "I need a little more from you."
        return Reply(lead, [parts.section(lead), parts.actions(parts.run("Open the Form", self.text, style="primary"))])

    async def ask(
        self, view: ActView, target: Facts, title: str, lines: Sequence[str], *, button: str, **how: Any
    ) -> Reply:
        """The one question before a change. `how`: params, reason."""
        op = await self.services.changes.ask(self.who, view.act, target, channel_id=self.channel_id, **how)
        return view.question(op, title, lines, button=button)

    async def do(self, view: ActView, target: Facts, **how: Any) -> Reply:
        """A change that needs no question: done at once, announced and answered like any other."""
        return await self.conclude(view, await self.perform(view, target, **how))

    async def submit(self, view: ActView, target: Facts, *, at: str = "", **how: Any) -> Reply:
        """A change that a form's button has confirmed. What CT refuses stands in the form: of no field, at `at`."""
        op = await self.perform(view, target, **how)
        if op.ending is Ending.REFUSED:
            why = " ".join(op.messages) or "CT refused it and did not say why."
            raise FormProblems(op.problems or {at: why})
        return await self.conclude(view, op)

    async def perform(self, view: ActView, target: Facts, **how: Any) -> Operation:
        """Only the change itself, for whoever has more to see to before it is told."""
        op = await self.services.changes.do(self.who, view.act, target, channel_id=self.channel_id, **how)
        if op.ending is Ending.REFUSED:
            await self.services.changes.told(op)
        return op

    async def conclude(self, view: ActView, op: Operation) -> Reply:
        """Announce it, see to what comes after it, and word it for the asker."""
        return await conclude(self.services, view, op)


STALE_TRIGGERS = {f"{how}_trigger_id" for how in ("expired", "exchanged", "invalid")}


async def conclude(services: Services, view: ActView, op: Operation) -> Reply:
    """Tell the channel what was done or begun, see to what comes after it, and word it for the asker."""
    try:
        shown = await announce(services.courier, view, op)
        if op.state is State.WATCHING:
            await services.changes.place(op, shown)
        elif op.ending is Ending.DONE and view.finish is not None:
            await view.finish(After(services.courier, services.sessions), op)
    except Exception:
        # What was done is done; what comes after it must not make the answer say otherwise.
        log.exception("after a change something failed", operation=op.id, kind=op.kind)
    await services.changes.told(op)
    return view.outcome(op)


def again_of(services: Services, op: Operation) -> str:
    """The command that asks for the same once more."""
    if op.kind == SWEEP:
        return str(op.params[AGAIN])
    view = services.registry.acts.get(op.kind)
    return view.again(op) if view else reboot_views.again(op)
