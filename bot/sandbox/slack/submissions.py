"""Modals submitted and closed, and what the app's answer does to the stack."""

from typing import Any

from bot.sandbox.slack.choices import ONE_ID, NotOfferedError, is_empty
from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.payloads import Payloads, full_state
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.surfaces import Surface
from bot.sandbox.slack.world import World

View = dict[str, Any]
REQUIRED = "Please complete this required field."
TROUBLE = "We had some trouble connecting. Try again?"


class Submissions:
    def __init__(self, world: World, courier: Courier, interactions: Interactions) -> None:
        self._world = world
        self._courier = courier
        self._interactions = interactions
        self._payloads = Payloads(world)

    async def submit(self, user: str, view: View, values: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Check as Slack's client does, then ask the app; `{ok}`, with `errors` by block_id or one `error`."""
        surface = Surface("modal", view["id"], view["blocks"], view["state"]["values"], view=view)
        if errors := self._fill_in(user, surface, values):
            return {"ok": False, "errors": errors}
        view["state"]["values"] = full_state(surface)
        payload = self._payloads.submission(user, view, self._response_urls(user, surface))
        payload["trigger_id"] = self._world.triggers.mint(user, view["team_id"], view_id=view["id"])
        ack = await self._courier.send("view_submission", payload)
        if ack.error:
            return {"ok": False, "error": f"{TROUBLE} ({ack.error})"}
        try:
            return self._obey(user, view, ack.answer)
        except RefusedError as refusal:
            self._world.journal.refused("view_submission", refusal.error, refusal.messages, ack.answer)
            return {"ok": False, "error": f"{TROUBLE} ({refusal.error})"}

    def _fill_in(self, user: str, surface: Surface, values: dict[str, dict[str, Any]]) -> dict[str, str]:
        for block_id, held in values.items():
            for action_id, value in held.items():
                found = surface.find(block_id, action_id, user)
                if found is None:
                    raise NotOfferedError(f"no {block_id}/{action_id} in this view")
                fields = self._interactions.entered(user, surface, block_id, found[1], value)
                surface.state.setdefault(block_id, {})[action_id] = {"type": found[1]["type"], **fields}
        return _complaints(surface)

    def _response_urls(self, user: str, surface: Surface) -> list[dict[str, Any]]:
        """One for each conversation chosen in a select with `response_url_enabled`."""
        found = []
        for block in surface.blocks:
            element = block.get("element") or {}
            if element.get("response_url_enabled"):
                held = surface.state[block["block_id"]][element["action_id"]]
                channel = held[ONE_ID[element["type"]]]
                url, _ = self._world.response_urls.mint(self._world.base_url, "app", user, channel)
                ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
                found.append({**ids, "channel_id": channel, "response_url": url})
        return found

    def _obey(self, user: str, view: View, answer: Any) -> dict[str, Any]:
        action = answer.get("response_action") if isinstance(answer, dict) else None
        views, team_id = self._world.views, view["team_id"]
        if action == "errors":
            return {"ok": False, "errors": self._known_errors(view, answer.get("errors") or {})}
        if action == "update":
            views.update(answer.get("view"), view_id=view["id"], external_id=None, known_hash=None)
        elif action == "push":
            views.push(user, team_id, answer.get("view"))
        elif action == "clear":
            views.close(user, view, all_of_them=True)
        elif action is None and answer in (None, "", {}):
            views.close(user, view)
        else:
            raise RefusedError("invalid_response_action", [repr(answer)])
        return {"ok": True}

    def _known_errors(self, view: View, errors: dict[str, str]) -> dict[str, str]:
        inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        if not errors or set(errors) - inputs:
            raise RefusedError(
                "invalid_errors", [f"errors must be keyed by the block_id of an input: {sorted(errors)}"]
            )
        return errors

    async def close(self, user: str, view: View, *, all_of_them: bool = False) -> None:
        """The person closes it; the app is told only if the view asked to be."""
        cleared = all_of_them or bool(view["clear_on_close"])
        self._world.views.close(user, view, all_of_them=cleared)
        if view["notify_on_close"]:
            await self._courier.send("view_closed", self._payloads.closed(user, view, cleared=cleared))


def _complaints(surface: Surface) -> dict[str, str]:
    """What Slack's own client holds against the inputs before the app hears of them."""
    found = {}
    state = full_state(surface)
    for block in surface.blocks:
        if block["type"] != "input":
            continue
        element, held = block["element"], state[block["block_id"]][block["element"]["action_id"]]
        if is_empty(held):
            if not block.get("optional"):
                found[block["block_id"]] = REQUIRED
            continue
        length = len(str(held.get("value") or ""))
        if element["type"] == "plain_text_input" and length < element.get("min_length", 0):
            found[block["block_id"]] = f"Please use {element['min_length']} or more characters."
        if element["type"] == "plain_text_input" and length > element.get("max_length", 3000):
            found[block["block_id"]] = f"Please use {element.get('max_length', 3000)} or fewer characters."
    return found
