"""views.*: modals opened with a fresh trigger, Home tabs published (slack-facts 1.1)."""

from bot.sandbox.slack.blocks import decoded, find_faults
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.spoken import note_words
from bot.sandbox.slack.triggers import Trigger
from bot.sandbox.slack.views import View
from bot.sandbox.slack.web_api import Answer, Call, Method


def _trigger(call: Call) -> Trigger:
    seconds = call.world.switches.trigger_seconds
    trigger = call.world.triggers.redeem(call.need("trigger_id", "invalid_trigger_id"), seconds=seconds)
    if trigger.team_id != call.installation.team_id:
        raise RefusedError("invalid_trigger_id")
    return trigger


def _said(call: Call, view: View) -> Answer:
    note_words(view, directory=call.world.directory, journal=call.world.journal, where=call.method)
    return {"view": view}


async def open_view(call: Call) -> Answer:
    spec, trigger = call.need("view"), _trigger(call)
    return _said(call, call.world.views.open(trigger.user, trigger.team_id, spec))


async def push(call: Call) -> Answer:
    spec, trigger = call.need("view"), _trigger(call)
    if trigger.view_id is None:
        raise RefusedError("not_found")
    return _said(call, call.world.views.push(trigger.user, trigger.team_id, spec))


async def update(call: Call) -> Answer:
    args = call.args
    if not (args.get("view_id") or args.get("external_id")):
        raise RefusedError("invalid_arguments", ["[ERROR] missing required field: view_id or external_id"])
    view = call.world.views.update(
        call.need("view"), view_id=args.get("view_id"), external_id=args.get("external_id"), known_hash=args.get("hash")
    )
    return _said(call, view)


async def publish(call: Call) -> Answer:
    user, world = str(call.need("user_id", "user_not_found")), call.world
    if user not in world.directory.people or world.directory.person(user).role == "bot":
        raise RefusedError("user_not_found")
    view = world.views.publish(user, call.installation.team_id, call.need("view"), known_hash=call.args.get("hash"))
    return _said(call, view)


async def validate(call: Call) -> Answer:
    """Slack's own validator, open to anybody: `blocks`, answered with `errors[].pointer/code/message`."""
    report = find_faults(decoded(call.need("blocks")), "message")
    errors = []
    for line in report.messages:
        message, _, pointer = line.removeprefix("[ERROR] ").rpartition(" [json-pointer:")
        errors.append({"pointer": pointer.rstrip("]"), "code": "invalid", "message": message})
    if errors:
        raise RefusedError("invalid_blocks", errors=errors)
    return {}


VIEWS = {
    "views.open": Method(open_view),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
    "blocks.validate": Method(validate, token=False),
}
