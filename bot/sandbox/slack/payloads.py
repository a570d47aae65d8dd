"""The payloads that an app is sent, with every member Slack sends (slack-facts 1.3)."""

import time
from typing import Any

from bot.sandbox.slack.choices import has_state, initial
from bot.sandbox.slack.credentials import APP_ID, VERIFICATION_TOKEN
from bot.sandbox.slack.layout import elements_of, flat
from bot.sandbox.slack.people import ACME, Channel
from bot.sandbox.slack.surfaces import Surface
from bot.sandbox.slack.world import World

Payload = dict[str, Any]


class Payloads:
    def __init__(self, world: World) -> None:
        self._world = world

    def _org(self) -> bool:
        return self._world.switches.org_install

    def _enterprise(self) -> Payload | None:
        held = self._world.switches.enterprise_id
        return {"id": held, "name": "Practice Grid"} if held else None

    def command(self, user: str, channel: Channel, command: str, text: str) -> Payload:
        """A slash command's form fields; the caller adds `response_url` and `trigger_id`."""
        team, enterprise = self._world.directory.team_of(user), self._enterprise()
        grid = {"enterprise_id": enterprise["id"], "enterprise_name": enterprise["name"]} if enterprise else {}
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": team.id,
            "team_domain": team.domain,
            **grid,
            "channel_id": channel.id,
            "channel_name": channel.name_in_payload,
            "user_id": user,
            "user_name": self._world.directory.person(user).name,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "true" if self._org() else "false",
        }

    def _person(self, user: str) -> Payload:
        person = self._world.directory.person(user)
        return {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id}

    def _team(self, team_id: str) -> Payload | None:
        if self._org():
            return None
        team, enterprise = self._world.directory.teams[team_id], self._enterprise()
        grid = {"enterprise_id": enterprise["id"], "enterprise_name": enterprise["name"]} if enterprise else {}
        return {"id": team.id, "domain": team.domain, **grid}

    def _base(self, kind: str, user: str, team_id: str) -> Payload:
        return {
            "type": kind,
            "user": self._person(user),
            "api_app_id": APP_ID,
            "token": VERIFICATION_TOKEN,
            "team": self._team(team_id),
            "enterprise": self._enterprise(),
            "is_enterprise_install": self._org(),
        }

    def team_of_surface(self, surface: Surface) -> str:
        """Of the installation that made it, which is not always the team of the person."""
        if surface.view is not None:
            return str(surface.view["app_installed_team_id"])
        message = surface.message
        return self._world.directory.channels[message.channel].team_id if message else ACME

    def _place(self, surface: Surface) -> Payload:
        message = surface.message
        if message is None:
            return {"container": {"type": "view", "view_id": surface.id}, "view": surface.view}
        channel, hidden = self._world.directory.channels[message.channel], message.only_for is not None
        place: Payload = {
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": hidden,
            },
            "channel": {"id": channel.id, "name": channel.name_in_payload},
        }
        if not hidden:
            place["message"] = message.payload(team_id=channel.team_id)
        return place

    def action(self, user: str, surface: Surface, element: Payload, block_id: str, fields: Payload) -> Payload:
        """One `block_actions`; the caller adds `response_url` and `trigger_id`."""
        payload = self._base("block_actions", user, self.team_of_surface(surface)) | self._place(surface)
        if surface.view is not None:
            surface.view["state"]["values"] = full_state(surface)
        else:
            payload["state"] = {"values": full_state(surface)}
        action: Payload = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block_id,
            "action_ts": f"{time.time():.6f}",
            **{name: element[name] for name in ("text", "placeholder", "style") if name in element},
            **fields,
        }
        return payload | {"actions": [action]}

    def suggestion(self, user: str, surface: Surface, block_id: str, action_id: str, query: str) -> Payload:
        payload = self._base("block_suggestion", user, self.team_of_surface(surface)) | self._place(surface)
        asked: Payload = {"action_id": action_id, "block_id": block_id, "value": query}
        return payload | asked

    def submission(self, user: str, view: Payload, response_urls: list[Payload]) -> Payload:
        base = self._base("view_submission", user, view["app_installed_team_id"])
        return {**base, "view": view, "response_urls": response_urls}

    def closed(self, user: str, view: Payload, *, cleared: bool) -> Payload:
        base = self._base("view_closed", user, view["app_installed_team_id"])
        return base | {"view": view, "is_cleared": cleared}


def full_state(surface: Surface) -> dict[str, dict[str, Payload]]:
    """Every element that can hold something, with what it holds now."""
    values: dict[str, dict[str, Payload]] = {}
    for block, _ in flat(surface.blocks):
        for element in elements_of(block):
            if has_state(element) and element.get("type") != "image":
                held = surface.state.get(block["block_id"], {}).get(element["action_id"]) or initial(element) or {}
                values.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], **held}
    return values
