"""Modals and Home tabs: a stack of three for each person, each view with a hash (slack-facts 1.1)."""

import json
import secrets
import time
from collections import defaultdict
from typing import Any

from bot.sandbox.slack.audience import Audience
from bot.sandbox.slack.blocks import check_view
from bot.sandbox.slack.credentials import APP_ID, BOT_ID
from bot.sandbox.slack.refused import RefusedError

STACK = 3
View = dict[str, Any]


class ViewBook:
    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._stacks: dict[str, list[View]] = defaultdict(list)
        self.homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        return self._stacks[user]

    def find(self, user: str, view_id: str) -> View | None:
        home = self.homes.get(user)
        held = [*self._stacks[user], *([home] if home else [])]
        return next((view for view in held if view["id"] == view_id), None)

    def open(self, user: str, team_id: str, spec: Any) -> View:
        view = self._built(spec, team_id, "modal")
        view["root_view_id"] = view["id"]
        self._stacks[user] = [view]
        self.tell(user)
        return view

    def push(self, user: str, team_id: str, spec: Any) -> View:
        stack = self._stacks[user]
        if not stack:
            raise RefusedError("not_found")
        if len(stack) >= STACK:
            raise RefusedError("push_limit_reached")
        view = self._built(spec, team_id, "modal")
        view["root_view_id"], view["previous_view_id"] = stack[0]["id"], stack[-1]["id"]
        stack.append(view)
        self.tell(user)
        return view

    def update(self, spec: Any, *, view_id: str | None, external_id: str | None, known_hash: str | None) -> View:
        """Replace a view in place. Raises `not_found`, or `hash_conflict` when it was changed since `known_hash`."""
        user, view = self._held(view_id, external_id)
        if known_hash and known_hash != view["hash"]:
            raise RefusedError("hash_conflict")
        fresh = self._built(spec, view["team_id"], "modal", replaces=view)
        kept = ("id", "root_view_id", "previous_view_id")
        fresh |= {name: view[name] for name in kept}
        stack = self._stacks[user]
        stack[stack.index(view)] = fresh
        self.tell(user)
        return fresh

    def publish(self, user: str, team_id: str, spec: Any, *, known_hash: str | None) -> View:
        home = self.homes.get(user)
        if known_hash and home and known_hash != home["hash"]:
            raise RefusedError("hash_conflict")
        view = self._built(spec, team_id, "home")
        if home:
            view["id"] = home["id"]
        view["root_view_id"] = view["id"]
        self.homes[user] = view
        self._audience.tell(frozenset({user}), {"type": "home", "view": view})
        return view

    def close(self, user: str, view: View, *, all_of_them: bool = False) -> None:
        stack = self._stacks[user]
        self._stacks[user] = [] if all_of_them else stack[: stack.index(view)]
        self.tell(user)

    def tell(self, user: str) -> None:
        self._audience.tell(frozenset({user}), {"type": "views", "stack": self._stacks[user]})

    def clear(self) -> None:
        self._stacks.clear()
        self.homes.clear()

    def _held(self, view_id: str | None, external_id: str | None) -> tuple[str, View]:
        for user, stack in self._stacks.items():
            for view in stack:
                if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                    return user, view
        raise RefusedError("not_found")

    def _built(self, spec: Any, team_id: str, kind: str, *, replaces: View | None = None) -> View:
        """Slack's own form of a view that the app described."""
        spec = _read(spec)
        blocks = check_view(spec, kind)
        external_id = spec.get("external_id", "")
        held = (view for stack in self._stacks.values() for view in stack if view is not replaces)
        if external_id and any(view["external_id"] == external_id for view in held):
            raise RefusedError("duplicate_external_id")
        return {
            "id": "V" + secrets.token_hex(5).upper(),
            "team_id": team_id,
            "type": kind,
            "blocks": blocks,
            "private_metadata": spec.get("private_metadata", ""),
            "callback_id": spec.get("callback_id", ""),
            "external_id": external_id,
            "state": {"values": _kept_values(replaces, blocks)},
            "hash": f"{time.time():.0f}.{secrets.token_hex(4)}",
            "title": spec.get("title"),
            "close": spec.get("close"),
            "submit": spec.get("submit"),
            "clear_on_close": bool(spec.get("clear_on_close", False)),
            "notify_on_close": bool(spec.get("notify_on_close", False)),
            "submit_disabled": bool(spec.get("submit_disabled", False)),
            "previous_view_id": None,
            "root_view_id": None,
            "app_id": APP_ID,
            "app_installed_team_id": team_id,
            "bot_id": BOT_ID,
        }


def _read(spec: Any) -> Any:
    """A view may arrive as JSON in a form field."""
    if isinstance(spec, str):
        try:
            return json.loads(spec)
        except ValueError:
            raise RefusedError("invalid_arguments", ["[ERROR] invalid JSON [json-pointer:/view]"]) from None
    return spec


def _kept_values(replaces: View | None, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """What a person had entered stays for the blocks whose block_id stays."""
    if replaces is None:
        return {}
    kept = {block["block_id"] for block in blocks if "block_id" in block}
    return {block_id: held for block_id, held in replaces["state"]["values"].items() if block_id in kept}
