"""What people do, carried to the app: commands, clicks, suggestions, submissions. Tried once, never repeated."""

import re
from typing import Any

from bot.sandbox.slack.choices import NotOfferedError, chosen, chosen_ids, has_state, offered_by
from bot.sandbox.slack.courier import Ack, Courier
from bot.sandbox.slack.credentials import SLACKBOT_ID
from bot.sandbox.slack.installations import Installation
from bot.sandbox.slack.limits import SELECT_MIN_QUERY_LENGTH_DEFAULT
from bot.sandbox.slack.objects import check_suggestions
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.people import Channel
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.response_urls import ResponseURL
from bot.sandbox.slack.surfaces import Surface
from bot.sandbox.slack.world import World

NOT_A_COMMAND = (
    '{} is not a valid command. In Slack, all messages that start with "/" are interpreted as commands. '
    "If you are sending a message, try preceding it with an empty space."
)
FAILED = '{} failed with the error "{}"'
CLICK_FAILED = "This app did not respond to that. ({})"
LOADING_FAILED = "Sorry, we couldn't load the options. ({})"


class Interactions:
    def __init__(self, world: World, courier: Courier) -> None:
        self._world = world
        self._courier = courier
        self._payloads = Payloads(world)
        self._offered: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}

    def slackbot(self, user: str, channel: str, text: str) -> None:
        """What Slack itself says to one person."""
        self._world.messages.add(channel, SLACKBOT_ID, text, only_for=user)

    async def command(self, user: str, channel: Channel, typed: str) -> str | None:
        """Deliver a slash command and show what its ack says; the error that the person was shown, if any."""
        world, (name, _, text) = self._world, typed.partition(" ")
        command, installed = world.manifest.commands.get(name), self._installation(user, channel)
        if command is None or installed is None:
            self.slackbot(user, channel.id, NOT_A_COMMAND.format(name))
            return "invalid_command"
        text = self._escaped(text.strip()) if command.should_escape else text.strip()
        form = self._payloads.command(user, channel, name, text)
        url, held = world.response_urls.mint(world.base_url, "commands", user, channel.id, typed=typed)
        form |= {"response_url": url, "trigger_id": world.triggers.mint(user, installed.team_id)}
        ack = await self._courier.send("command", form)
        error = ack.error or self._show_ack(held, ack)
        if error:
            self.slackbot(user, channel.id, FAILED.format(name, error))
        return error

    def _installation(self, user: str, channel: Channel) -> Installation | None:
        """Their own workspace's; in a shared channel also that of its owner, if the switch says so."""
        world = self._world
        own = world.installations.of_team(world.directory.person(user).team_id)
        if own is None and channel.kind == "shared" and world.switches.outsider_commands:
            return world.installations.of_team(channel.team_id)
        return own

    def _show_ack(self, held: ResponseURL, ack: Ack) -> str | None:
        body = {"text": ack.answer} if isinstance(ack.answer, str) else ack.answer
        if not isinstance(body, dict) or not body.keys() & {"text", "blocks", "attachments"}:
            return None
        try:
            self._world.response_urls.answer(held, body)
        except RefusedError as refusal:
            self._world.journal.refused("command ack", refusal.error, refusal.messages, body)
            return refusal.error
        return None

    def _escaped(self, text: str) -> str:
        """`@bob` and `#noc` as ids, as `should_escape: true` has it."""
        directory = self._world.directory
        people = {person.name: person.id for person in directory.people.values()}
        channels = {channel.name: channel.id for channel in directory.channels.values() if channel.kind != "app"}
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = re.sub(r"@([\w.-]+)", lambda m: f"<@{people[m[1]]}|{m[1]}>" if m[1] in people else m[0], text)
        return re.sub(r"#([\w-]+)", lambda m: f"<#{channels[m[1]]}|{m[1]}>" if m[1] in channels else m[0], text)

    def entered(
        self, user: str, surface: Surface, block_id: str, element: dict[str, Any], value: Any
    ) -> dict[str, Any]:
        """What the person chose or typed, as a payload says it. Raises `NotOfferedError`."""
        fields = chosen(element, value, self.options_of(user, surface, block_id, element))
        known = {*self._world.directory.people, *(held.id for held in self._world.directory.channels_of(user))}
        if unknown := set(chosen_ids(element, fields)) - known:
            raise NotOfferedError(f"nobody and nothing that {user} knows: {sorted(unknown)}")
        return fields

    def options_of(self, user: str, surface: Surface, block_id: str, element: dict[str, Any]) -> list[dict[str, Any]]:
        """What was really offered: in the element, or by the app when it was asked."""
        asked = self._offered.get((user, surface.id, block_id, element["action_id"]), [])
        initial = [
            *element.get("initial_options", []),
            *([element["initial_option"]] if "initial_option" in element else []),
        ]
        return [*offered_by(element), *asked, *initial]

    async def act(
        self, user: str, surface: Surface, block: dict[str, Any], element: dict[str, Any], value: Any
    ) -> str | None:
        """Carry one action; the error, if any. Raises `NotOfferedError`."""
        world, block_id = self._world, block["block_id"]
        fields = self.entered(user, surface, block_id, element, value)
        if has_state(element):
            held = {"type": element["type"], **fields}
            surface.state.setdefault(block_id, {})[element["action_id"]] = held
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        team_id = self._payloads.team_of_surface(surface)
        if not world.manifest.interactive:
            return self._click_failed(user, surface, "interactivity is not enabled in the manifest")
        if world.installations.of_team(team_id) is None:
            return self._click_failed(user, surface, "the app is not installed any more")
        payload = self._payloads.action(user, surface, element, block_id, fields)
        view_id = surface.id if surface.kind == "modal" else None
        payload["trigger_id"] = world.triggers.mint(user, team_id, view_id=view_id)
        if surface.message is not None:
            payload["response_url"], _ = world.response_urls.mint(
                world.base_url, "actions", user, surface.message.channel, original=surface.id
            )
        ack = await self._courier.send("block_actions", payload)
        return self._click_failed(user, surface, ack.error) if ack.error else None

    def _click_failed(self, user: str, surface: Surface, error: str) -> str:
        if surface.message is not None:
            self.slackbot(user, surface.message.channel, CLICK_FAILED.format(error))
        return error

    async def suggest(
        self, user: str, surface: Surface, block_id: str, element: dict[str, Any], query: str
    ) -> dict[str, Any]:
        """Ask the app what to offer: `options`, `option_groups`, and `error` when nothing can be shown."""
        nothing: dict[str, Any] = {"options": [], "option_groups": []}
        if len(query) < element.get("min_query_length", SELECT_MIN_QUERY_LENGTH_DEFAULT):
            return nothing | {"error": "query_too_short"}
        if not (self._world.manifest.has_options_url or self._courier.socket_mode):
            return nothing | {"error": LOADING_FAILED.format("the manifest has no message_menu_options_url")}
        payload = self._payloads.suggestion(user, surface, block_id, element["action_id"], query)
        ack = await self._courier.send("block_suggestion", payload, seconds=self._world.switches.options_seconds)
        if ack.error:
            return nothing | {"error": LOADING_FAILED.format(ack.error)}
        if faults := check_suggestions(ack.answer):
            self._world.journal.refused("block_suggestion", "invalid_options", faults, ack.answer)
            return nothing | {"error": LOADING_FAILED.format("; ".join(faults))}
        self._offered[user, surface.id, block_id, element["action_id"]] = offered_by(ack.answer)
        return nothing | {name: ack.answer[name] or [] for name in nothing if name in ack.answer}
