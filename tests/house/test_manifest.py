"""The manifest: what Slack accepts, what the bot needs, and nothing more."""

import re
from typing import Any

import pytest
import yaml

from bot.errors import ConfigError
from bot.manifest import EXAMPLE_URL, manifest, scopes, template
from tests.house.slack_manifest import faults

URL = "https://bot.acme.example"


def parsed(*, socket_mode: bool = False) -> Any:
    return yaml.safe_load(manifest(URL, socket_mode=socket_mode))


@pytest.mark.parametrize("typed_code", [False, True])
@pytest.mark.parametrize("socket_mode", [False, True])
def test_slack_accepts_the_manifest(socket_mode: bool, typed_code: bool) -> None:
    assert faults(manifest(URL, socket_mode=socket_mode, typed_code=typed_code)) == []


def test_with_the_typed_code_nobody_is_asked_to_sign_in_with_slack_and_all_else_is_the_same() -> None:
    usual, typed = parsed(), yaml.safe_load(manifest(URL, typed_code=True))
    del usual["oauth_config"]["redirect_urls"], usual["oauth_config"]["scopes"]["user"]

    assert typed == usual


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: CT\n", f"name: {'x' * 36}\n"),
        ("command: /ct", "command: ct"),
        ("always_online: true", "always_online: maybe"),
        ("should_escape:", "escape:"),
        (f"{URL}/slack/events", "bot.acme.example"),
    ],
)
def test_the_rules_refuse_what_slack_refuses(old: str, new: str) -> None:
    text = manifest(URL)

    assert old in text
    assert faults(text.replace(old, new)) != []


def test_every_address_is_the_operators_and_the_paths_are_the_bots() -> None:
    text = manifest(URL + "/")
    app = yaml.safe_load(text)

    assert EXAMPLE_URL not in text
    assert app["features"]["slash_commands"][0]["url"] == f"{URL}/slack/events"
    assert app["settings"]["interactivity"]["request_url"] == f"{URL}/slack/events"
    assert app["settings"]["interactivity"]["message_menu_options_url"] == f"{URL}/slack/events"
    assert app["settings"]["event_subscriptions"]["request_url"] == f"{URL}/slack/events"
    assert app["oauth_config"]["redirect_urls"] == [f"{URL}/oauth/slack/callback"]


def test_in_socket_mode_only_browsers_are_given_an_address() -> None:
    app = parsed(socket_mode=True)
    usual = parsed()

    assert app["settings"]["socket_mode_enabled"] is True
    assert app["oauth_config"] == usual["oauth_config"]
    assert app["oauth_config"]["redirect_urls"] == [f"{URL}/oauth/slack/callback"]
    assert re.findall(rf"{URL}/\S+", manifest(URL, socket_mode=True)) == [f"{URL}/oauth/slack/callback"]
    assert app["settings"]["interactivity"] == {"is_enabled": True}


def test_the_scopes_are_the_least_and_each_says_why() -> None:
    asked = parsed()["oauth_config"]["scopes"]
    reasons = re.findall(r"^      - (\S+) # \S", template(), re.MULTILINE)

    assert asked == {
        "bot": ["commands", "chat:write", "im:write"],
        "bot_optional": ["chat:write.public", "files:write"],
        "user": ["openid"],
    }
    assert set(reasons) >= {scope for group in asked.values() for scope in group}


def test_the_doctor_reads_the_same_scopes_with_what_each_is_for() -> None:
    held = parsed()["oauth_config"]["scopes"]
    found = scopes()

    assert [scope.name for scope in found if not scope.optional] == held["bot"]
    assert [scope.name for scope in found if scope.optional] == held["bot_optional"]
    assert [scope.name for scope in found if scope.optional and "without it" not in scope.why] == []


def test_uninstalls_and_the_home_tab_are_heard_of() -> None:
    app = parsed()

    assert app["settings"]["event_subscriptions"]["bot_events"] == [
        "app_home_opened",
        "app_uninstalled",
        "tokens_revoked",
    ]
    assert app["features"]["app_home"]["home_tab_enabled"] is True
    assert app["features"]["slash_commands"][0]["should_escape"] is True
    assert app["settings"]["token_rotation_enabled"] is False


@pytest.mark.parametrize(
    "url", ["", "bot.acme.example", "ftp://bot", "https://", "https://a b", "https://a\nb: c", "https://a#b"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="is no address"):
        manifest(url)
