"""Everything the practice Slack knows, in one place; what acts on it is built around it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.sandbox.slack.audience import Audience
from bot.sandbox.slack.background import Background
from bot.sandbox.slack.deliveries import Deliveries
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.installations import Installations
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.manifest import Manifest
from bot.sandbox.slack.messages import MessageBook
from bot.sandbox.slack.people import practice_directory
from bot.sandbox.slack.response_urls import ResponseURLs
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.switches import Switches
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.views import ViewBook


class World:
    def __init__(self, manifest: Mapping[str, Any] | str | Path) -> None:
        self.manifest = Manifest.load(manifest)
        self.redirect_uris: tuple[str, ...] = self.manifest.redirect_uris
        self.socket_mode = self.manifest.socket_mode
        self.base_url = ""
        self.directory = practice_directory()
        self.switches = Switches()
        self.journal = Journal()
        self.audience = Audience()
        self.messages = MessageBook(self.directory, self.audience)
        self.views = ViewBook(self.audience)
        self.triggers = Triggers()
        self.installations = Installations()
        self.faults = Faults()
        self.deliveries = Deliveries()
        self.background = Background()
        self.sockets = SocketMode()
        self.response_urls = ResponseURLs(
            messages=self.messages, directory=self.directory, journal=self.journal, switches=self.switches
        )

    def use_manifest(self, manifest: Mapping[str, Any] | str | Path) -> None:
        self.manifest = Manifest.load(manifest)
        self.redirect_uris = self.manifest.redirect_uris
        self.socket_mode = self.manifest.socket_mode

    def clear(self) -> None:
        """Back to a fresh workspace: no messages, no views, no logs, all switches as Slack has them."""
        self.messages.clear()
        self.views.clear()
        self.journal.clear()
        self.deliveries.clear()
        self.faults.clear()
        self.switches.turn(Switches().asdict())
        fresh = practice_directory()
        self.directory.people |= fresh.people
        self.directory.channels |= fresh.channels
        self.audience.tell(frozenset(self.directory.people), {"type": "reset"})
        for team_id in self.directory.teams:
            if self.installations.was(team_id):
                self.installations.add(team_id)
