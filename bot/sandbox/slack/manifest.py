"""What the app is, by its manifest: its commands, scopes, events, and how it wants to be reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class SlashCommand:
    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True)
class Manifest:
    name: str
    commands: dict[str, SlashCommand]
    scopes: frozenset[str]
    events: frozenset[str]
    interactive: bool
    has_options_url: bool
    socket_mode: bool
    redirect_uris: tuple[str, ...] = field(default=())

    @classmethod
    def load(cls, source: Mapping[str, Any] | str | Path) -> "Manifest":
        """From a mapping, or from a YAML file (JSON is YAML as well)."""
        held: Mapping[str, Any] = source if isinstance(source, Mapping) else _read(Path(source))
        features, settings = held.get("features", {}), held.get("settings", {})
        oauth, interactivity = held.get("oauth_config", {}), settings.get("interactivity", {})
        commands = (
            SlashCommand(
                command["command"],
                command.get("description", ""),
                command.get("usage_hint", ""),
                bool(command.get("should_escape", False)),
            )
            for command in features.get("slash_commands", [])
        )
        return cls(
            name=features.get("bot_user", {}).get("display_name") or held["display_information"]["name"],
            commands={command.command: command for command in commands},
            scopes=frozenset(oauth.get("scopes", {}).get("bot", []) + oauth.get("scopes", {}).get("bot_optional", [])),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            interactive=bool(interactivity.get("is_enabled", False)),
            has_options_url=bool(interactivity.get("message_menu_options_url")),
            socket_mode=bool(settings.get("socket_mode_enabled", False)),
            redirect_uris=tuple(oauth.get("redirect_urls", [])),
        )


def _read(path: Path) -> Mapping[str, Any]:
    held: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return held


PRACTICE_MANIFEST: dict[str, Any] = {
    "display_information": {"name": "CT"},
    "features": {
        "bot_user": {"display_name": "CT", "always_online": True},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {"command": "/ct", "description": "Look after your Wi-Fi", "usage_hint": "help", "should_escape": False}
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "im:write"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "app_uninstalled", "tokens_revoked"]},
        "interactivity": {"is_enabled": True, "message_menu_options_url": "https://example.com/slack/events"},
        "socket_mode_enabled": False,
    },
}
