"""views.*: modals opened with a fresh trigger, Home tabs published (slack-facts 1.1)."""

from typing import Any

from bot.sandbox.slack.blocks import check_view, decoded, find_faults
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
    """Slack's own validator, open to anybody: exactly one of `blocks`, `message` and `view`.

    A payload with faults is answered with `errors[].pointer/code/message`.
    """
    given = [name for name in ("blocks", "message", "view") if call.args.get(name) not in (None, "")]
    if len(given) != 1:
        raise RefusedError("invalid_arguments", ["must provide exactly one of `blocks`, `view`, or `message`"])
    payload = decoded(call.args[given[0]])
    errors = [_fault(line) for line in _faults(given[0], payload)]
    if errors:
        raise RefusedError(f"invalid_{given[0]}", errors=errors)
    return {}


def _faults(kind: str, payload: Any) -> list[str]:
    if kind == "blocks":
        return find_faults(payload, "message", "").messages
    if not isinstance(payload, dict):
        return ["[ERROR] must provide an object [json-pointer:/]"]
    if kind == "message":
        return find_faults(payload.get("blocks") or [], "message").messages
    try:
        check_view(payload, "home" if payload.get("type") == "home" else "modal")
    except RefusedError as refused:
        return [line.replace("[json-pointer:/view", "[json-pointer:") for line in refused.messages] or [refused.error]
    return []


def _fault(line: str) -> dict[str, str]:
    message, _, pointer = line.removeprefix("[ERROR] ").rpartition(" [json-pointer:")
    return {"pointer": pointer.rstrip("]"), "code": "failed_constraint", "message": message}


VIEWS = {
    "views.open": Method(open_view),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
    "blocks.validate": Method(validate, token=False),
}
