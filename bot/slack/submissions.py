"""What happens when a modal is submitted: act, and either close it, or show it again with what is wrong."""

import time
from dataclasses import replace
from typing import Any

import structlog
from slack_sdk.models.views import View

from bot.ct import CTInvalidError
from bot.slack import failures
from bot.slack import text as t
from bot.slack.context import Context, Services
from bot.slack.courier import PostFailedError
from bot.slack.enter_code import ENTER_CODE
from bot.slack.forms import CALLBACK, Filled, Form, FormProblems, message_view, read_metadata, read_values
from bot.slack.payloads import Submitted
from bot.slack.reply import Reply
from bot.slack.typed_name import TYPED_NAME
from bot.slack.typed_reboot import TYPED_REBOOT
from bot.slack.views import asking, parts

log = structlog.get_logger(__name__)

GENERAL = ""
MOST_COMPLAINT = 300  # characters
_OF_NO_COMMAND = {form.name: form for form in (TYPED_NAME, TYPED_REBOOT, ENTER_CODE)}


class Submissions:
    """Runs a form's `submit`; every path ends in an answer."""

    def __init__(self, *, services: Services) -> None:
        self._services = services

    def form(self, submitted: Submitted) -> Form | None:
        """The form that was submitted, if it is one of ours."""
        name = submitted.callback.removeprefix(CALLBACK)
        return _OF_NO_COMMAND.get(name) or self._services.registry.forms.get(name)

    def as_sent(self, submitted: Submitted, *, problem: str = "") -> Filled:
        """What was typed, to be shown again with a problem of the whole."""
        problems = {GENERAL: problem} if problem else {}
        meta = read_metadata(submitted.metadata)
        return Filled(meta=meta, values=read_values(submitted.state), problems=problems)

    async def run(self, form: Form, submitted: Submitted) -> Reply | Filled | None:
        """Act. A Filled means: show the form again, with what is wrong in it."""
        filled = self.as_sent(submitted)
        meta = filled.meta
        context = Context(
            who=submitted.who,
            channel_id=meta.get("channel", ""),
            text="",
            services=self._services,
            now=time.time(),
            response_url=meta.get("reply", ""),
        )
        try:
            return await form.submit(context, filled)
        except FormProblems as error:
            return Filled(meta=meta, values=filled.values, problems=error.problems)
        except CTInvalidError as error:
            return Filled(meta=meta, values=filled.values, problems=problems_of(error))
        except Exception as error:
            return replace(await failures.explain(error, context, ""), beside=True)

    async def deliver(self, submitted: Submitted, reply: Reply | None) -> None:
        """The reply goes where the form was asked for; in place of the question that it answers, if it does."""
        if reply is not None:
            meta = read_metadata(submitted.metadata)
            instead = "instead" in meta and not reply.beside
            await self._services.courier.answer(meta.get("reply", ""), submitted.who.user_id, reply, replace=instead)

    async def finish_late(self, form: Form, submitted: Submitted, outcome: Reply | Filled | None) -> None:
        """CT took longer than Slack waits: the modal shows *working*, and is drawn anew now."""
        if isinstance(outcome, Filled):
            view: View = form.view(outcome)
        else:
            await self.deliver(submitted, outcome)
            view = message_view(form.title, outcome.blocks if outcome else [parts.section("Done.")])
        try:
            await self._services.courier.update_view(submitted.view_id, view)
        except PostFailedError as error:
            log.info("a modal was closed before its end", error=error.code)
            if isinstance(outcome, Filled):
                await self.deliver(submitted, _lost(outcome))


def _lost(filled: Filled) -> Reply:
    return asking.trouble(" ".join(filled.problems.values()), failures.NOTHING, "Open the form again to change it.")


def problems_of(error: CTInvalidError) -> dict[str, str]:
    """CT's own sentences, by field; those of no field under the empty name."""
    found = {GENERAL if name == "base" else name: " ".join(texts) for name, texts in error.fields.items()}
    if not found:
        found[GENERAL] = " ".join(error.messages) or "CT did not accept that and did not say why."
    return found


def ack_of(form: Form, outcome: Reply | Filled | None) -> dict[str, Any]:
    """What the ack says: close the modal, or errors at their fields; Slack knows no error without a field."""
    if not isinstance(outcome, Filled):
        return {"response_action": "clear"}
    names = [block.block_id for block in form.view(outcome).blocks or [] if getattr(block, "type", "") == "input"]
    if all(name in names for name in outcome.problems):
        # Slack shows them as they are, CT's own sentences and names too.
        errors = {name: t.clean(text, MOST_COMPLAINT) or "Not like this." for name, text in outcome.problems.items()}
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": form.view(outcome).to_dict()}
