"""Diagnostic commands of CT that only look: which ones these are, and one of them run on a box (`ct-api.md` 3.2).

What a box answered is private and stands in no record: whoever needs it reads it from CT.
"""

import re
import time
from collections.abc import Sequence
from typing import Any

from bot.ct import Box, BoxCommand, CTAuthError, CTError, CTNotFoundError, CTResponseError, CTUser, Payload
from bot.services import names
from bot.services.changes import Step
from bot.services.operation import Ending, Operation
from bot.services.targets import NotNowError, cannot, refuse

# What is looked at, and the words that people and CT have for it.
_LOOKS = {
    "interfaces": {"ifconfig", "interface", "interfaces"},
    "radios": {"iwinfo", "radio", "radios"},
    "health": {"health"},
    "processes": {"process", "processes", "ps"},
    "routes": {"route", "routes", "routing"},
    "dhcp": {"dhcp", "lease", "leases"},
    "uptime": {"uptime"},
    "kernel": {"dmesg", "kernel"},
    "memory": {"memory"},
    "disk": {"df", "disk"},
    "neighbours": {"arp"},
}
WORDS = sorted(set().union(*_LOOKS.values()))
_BESIDE = {"dhcp": {"config", "configuration"}, "health": {"check"}}  # words that are harmless there only
_HARMLESS = set(
    """
    a all and ap box buffer current device display get info information list log network of output print run show space
    status table the usage view
    """.split()  # noqa: SIM905 - thirty words read better so
)
_PLAIN = re.compile(r"[a-z0-9 .,:()/-]+")  # no shell signs, and no alphabet of which we know no words
_WORD = re.compile(r"[a-z0-9]+")

JOB = "diagnostic command"
CLOCKS_APART = 120.0
LOOK_SECONDS = 30.0  # for a command whose answer was lost
PATIENCE = 180.0  # a box hears of a command with its next heartbeat, which may be a minute away or two

SILENT = (
    f"It has not answered within {PATIENCE / 60:.0f} minutes: a firewall may block its command channel, or it is too "
    "busy. Should it answer later, CT shows it."
)
NOT_THERE = "CT shows no such command for this box, so it most likely never arrived."


def only_looks(command: BoxCommand) -> bool:
    """True where every word of its description is known to be harmless.

    A list of what is forbidden would let through what nobody thought of. A configuration holds passwords, except for
    that of DHCP.
    """
    told = command.name.casefold().strip()
    words, subjects = set(_WORD.findall(told)), _subjects(told)
    harmless = _HARMLESS.union(*(_LOOKS[one] | _BESIDE.get(one, set()) for one in subjects))
    return bool(subjects) and words <= harmless and bool(_PLAIN.fullmatch(told))


async def read_commands(ct: CTUser) -> list[BoxCommand]:
    """All of CT's, by name. Raises NotNowError where it has none."""
    try:
        found = await ct.payloads.commands()
    except CTNotFoundError:
        found = []
    if not found:
        raise NotNowError("CT has no diagnostic commands for your account.")
    return sorted(found, key=lambda one: names.fold(one.name))


def meant(commands: Sequence[BoxCommand], typed: str) -> list[BoxCommand]:
    """Those that are meant by an id, a name, words of it, or another word for the same thing."""
    things = [names.named(one, keys=(one.id,), name=one.name) for one in commands]
    subject = _subjects(typed)
    return (
        names.exact(things, typed)
        or names.containing(things, typed)
        or [one for one in commands if subject & _subjects(one.name)]
    )


def _subjects(text: str) -> set[str]:
    words = set(_WORD.findall(text.casefold()))
    return {subject for subject, known in _LOOKS.items() if words & known}


def cannot_run(box: Box) -> str | None:
    """Why this box runs no command now, or None."""
    if why := cannot(box, JOB):
        return why
    return None if box.location_slug else f"CT does not say at which location {box.name} is."


# --- one command on one box: `params` hold which one, those of the box that were there before, and its payload's id ---


async def plan(ct: CTUser, box: Box, command: BoxCommand) -> dict[str, Any]:
    """What the record is to know before anything is sent. Raises NotNowError for a box that runs none now."""
    refuse(cannot_run(box))
    return {"command": command.id, "detail": command.name, "known": await _known(ct, box)}


async def _known(ct: CTUser, box: Box) -> list[str]:
    """What was sent to it before; nothing where that is more than can be read, for CT may list all answers with it."""
    try:
        return [one.id for one in await ct.payloads.list(box.location_slug or "", box.slug)]
    except CTResponseError:
        return []


async def run(ct: CTUser, op: Operation) -> dict[str, Any]:
    """The one POST."""
    made = await ct.payloads.run(op.before.location_slug or "", op.before.slug, op.params["command"])
    return {"payload": made.id}


async def follow(ct: CTUser, op: Operation) -> Step:
    """Look until the box has answered. A command whose answer was lost is looked for, and never sent again."""
    waited = time.time() - (op.sent_at or op.asked_at)
    try:
        return await (_look_at if "payload" in op.params else _look_for)(ct, op, waited)
    except CTAuthError:
        raise
    except CTError:
        if waited <= PATIENCE:
            raise
        return Step(ending=Ending.UNKNOWN, messages=("CT does not let me read it: look there.",))


async def _look_at(ct: CTUser, op: Operation, waited: float) -> Step:
    try:
        payload = await answer(ct, op)
    except CTNotFoundError:
        return Step(ending=Ending.UNKNOWN, messages=("Somebody removed the command at CT before the box answered.",))
    if payload.body is not None:
        return Step()
    if waited > PATIENCE:
        return Step(ending=Ending.UNKNOWN, messages=(SILENT,))
    return Step(again=_pause(waited))


async def answer(ct: CTUser, op: Operation) -> Payload:
    """What the box said, read from CT."""
    return await ct.payloads.get(op.before.location_slug or "", op.before.slug, op.params["payload"])


async def _look_for(ct: CTUser, op: Operation, waited: float) -> Step:
    since = (op.sent_at or op.asked_at) - CLOCKS_APART
    wanted = {op.params["command"].casefold(), op.params["detail"].casefold(), None}
    for one in await ct.payloads.list(op.before.location_slug or "", op.before.slug):
        named = one.command.casefold() if one.command else None
        recent = one.created_at is None or one.created_at >= since
        if one.id not in op.params["known"] and named in wanted and recent:
            return Step(again=0.0, params={"payload": one.id})
    if waited < LOOK_SECONDS:
        return Step(again=_pause(waited))
    return Step(ending=Ending.UNKNOWN, messages=(NOT_THERE,))


def _pause(waited: float) -> float:
    return 1.0 if waited < 20 else 5.0
