"""What Slack's manifest schema asks of the parts that we use (slack-facts 3; schema 0.5.0, draft 7, strict)."""

import sys
from typing import Any

import jsonschema
import yaml

from bot.manifest import manifest


def _text(most: int, least: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most}


def _address(most: int) -> dict[str, Any]:
    return {"type": "string", "pattern": "^https?://", "maxLength": most}


def _names(most: int) -> dict[str, Any]:
    return {"type": "array", "items": _text(50), "maxItems": most, "uniqueItems": True}


def _object(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


_YES_NO = {"type": "boolean"}
_COMMAND = _object(
    ("command", "description"),
    command={"type": "string", "pattern": "^/", "minLength": 2, "maxLength": 32},
    url=_address(3000),
    description=_text(2000),
    usage_hint=_text(1000),
    should_escape=_YES_NO,
)
RULES = _object(
    ("display_information",),
    _metadata=_object(major_version={"const": 1}),
    display_information=_object(
        ("name",),
        name=_text(35),
        description=_text(140),
        long_description=_text(4000, 175),
        background_color={"type": "string", "pattern": "^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$"},
    ),
    features=_object(
        app_home=_object(
            home_tab_enabled=_YES_NO, messages_tab_enabled=_YES_NO, messages_tab_read_only_enabled=_YES_NO
        ),
        bot_user=_object(("display_name",), display_name=_text(80), always_online=_YES_NO),
        slash_commands={"type": "array", "items": _COMMAND, "minItems": 1, "maxItems": 50},
    ),
    oauth_config=_object(
        redirect_urls={"type": "array", "items": _address(2500), "maxItems": 1000, "uniqueItems": True},
        scopes=_object(bot=_names(255), bot_optional=_names(255), user=_names(255)),
    ),
    settings=_object(
        event_subscriptions=_object(request_url=_address(3500), bot_events=_names(100)),
        interactivity=_object(
            ("is_enabled",),
            is_enabled=_YES_NO,
            request_url=_address(3500),
            message_menu_options_url=_address(3500),
        ),
        org_deploy_enabled=_YES_NO,
        socket_mode_enabled=_YES_NO,
        token_rotation_enabled=_YES_NO,
    ),
)


def faults(text: str) -> list[str]:
    """What Slack would refuse in this manifest."""
    errors = jsonschema.Draft7Validator(RULES).iter_errors(yaml.safe_load(text))
    return [f"manifest: {error.json_path}: {error.message}" for error in errors]


if __name__ == "__main__":
    texts = [manifest("https://bot.example.com", socket_mode=socket_mode) for socket_mode in (False, True)]
    sys.exit("\n".join(fault for text in texts for fault in faults(text)) or None)
