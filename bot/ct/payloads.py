"""Diagnostic commands and what boxes answered to them, which CT calls payloads (ct-api 3.2)."""

import builtins

import msgspec

from bot.ct.api import API
from bot.ct.errors import CTResponseError
from bot.ct.models import Model, Private
from bot.ct.paths import path
from bot.ct.rows import array_reader, object_reader
from bot.ct.wire import Text, epoch, optional_text, text


class BoxCommand(Model, frozen=True, kw_only=True):
    """A command that CT knows; `name` is CT's description of it."""

    id: str
    name: str


class Payload(Private, frozen=True, kw_only=True):
    """A command that was sent to a box. `body` is what the box answered, None before that.

    `command` names it, by its description or its id: which one is not known.
    """

    id: str
    command: str | None = None
    created_at: int | None = None
    body: str | None = None


class CommandRow(msgspec.Struct):
    """A command as CT sends it."""

    unique_id: Text = None
    id: Text = None
    payload_description: Text = None

    def model(self) -> BoxCommand:
        id_ = text(self.unique_id) or text(self.id)
        if not id_:
            raise CTResponseError("CT's answer holds a command without an id")
        return BoxCommand(id=id_, name=text(self.payload_description) or id_)


class PayloadRow(msgspec.Struct):
    """A payload as CT sends it."""

    id: Text = None
    command: Text = None
    created_at: Text = None
    body: Text = None

    def model(self) -> Payload:
        id_ = text(self.id)
        if not id_:
            raise CTResponseError("CT's answer holds a payload without an id")
        return Payload(
            id=id_,
            command=optional_text(self.command),
            created_at=epoch(self.created_at),
            body=optional_text(self.body),
        )


class Payloads:
    """Commands run on boxes. `loc` and `box` are slugs or ids."""

    def __init__(self, api: API) -> None:
        self._api = api

    async def commands(self) -> builtins.list[BoxCommand]:
        """All that CT knows, those that change a box among them."""
        return await self._api.get("payloads.commands", "/commands", array_reader("commands", CommandRow))

    async def list(self, loc: str, box: str) -> builtins.list[Payload]:
        """What was sent to a box, as CT orders it."""
        return await self._api.get("payloads.list", _route(loc, box), array_reader("payloads", PayloadRow))

    async def get(self, loc: str, box: str, payload_id: str) -> Payload:
        """One of them, with the answer of the box where there is one."""
        route = _route(loc, box) + path("/{}", payload_id)
        return await self._api.get("payloads.get", route, object_reader(PayloadRow, "payload"))

    async def run(self, loc: str, box: str, command_id: str) -> Payload:
        """Send a command to a box, with one POST; the box answers later."""
        body = {"payload": {"box_ids": [box], "command_id": command_id, "save": True}}
        return await self._api.change(
            "payloads.run", "POST", _route(loc, box), body, object_reader(PayloadRow, "payload")
        )


def _route(loc: str, box: str) -> str:
    return path("/locations/{}/boxes/{}/payloads", loc, box)
