"""Settings that start, and what somebody may not have meant by them."""

import base64
import os
from dataclasses import replace

import pytest

from bot.crypto import DataKey
from bot.doctor import configuration
from bot.settings import Policy, Secret, Settings
from tests.doctor.answering import brief, only
from tests.stage import DATA_KEY, settings_for


@pytest.fixture
def settings() -> Settings:
    made = settings_for("https://id.ctapp.io", "https://slack.com", "https://bot.acme.example", "redis://r.example/0")
    return replace(made, ct_api_url="https://api.ctapp.io", slack_api_url="https://slack.com/api")


def test_settings_for_real_are_fine_in_every_line(settings: Settings) -> None:
    found = configuration.described(settings, Policy())

    assert brief(found) == dict.fromkeys(("Environment", "Data keys", "PUBLIC_URL", "Policy", "Hosts"), "fine")


def test_the_first_data_key_writes_and_the_others_read(settings: Settings) -> None:
    older = [DataKey(name, os.urandom(32)) for name in ("k1", "k0")]
    found = only(configuration.described(replace(settings, ct_bot_data_keys=(DATA_KEY, *older)), Policy()), "Data keys")

    assert found.seen == "test writes; k1, k0 still read"
    assert base64.b64encode(older[0].key).decode() not in repr(found)


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000", "http://localhost:3000", "https://localhost"])
def test_a_loopback_address_is_a_warning(settings: Settings, url: str) -> None:
    found = only(configuration.described(replace(settings, public_url=url), Policy()), "PUBLIC_URL")

    assert (found.verdict, url in found.seen) == ("warning", True)


def test_a_private_address_is_a_warning_over_http_and_fine_in_socket_mode(settings: Settings) -> None:
    private = replace(settings, public_url="https://10.1.2.3")
    socket = replace(private, slack_app_token=Secret("xapp-1"))

    assert brief(configuration.described(private, Policy()))["PUBLIC_URL"] == "warning"
    assert brief(configuration.described(socket, Policy()))["PUBLIC_URL"] == "fine"


def test_hosts_that_are_not_cts_and_slacks_are_named(settings: Settings) -> None:
    found = only(configuration.described(replace(settings, ct_api_url="https://gw.example"), Policy()), "Hosts")

    assert found.seen == "CT_API_URL leads somewhere else than usual"


def test_a_redis_that_may_forget_is_a_warning_but_not_on_loopback(settings: Settings) -> None:
    may = Policy(redis_may_forget=True)

    assert brief(configuration.described(settings, may))["Policy"] == "warning"
    assert brief(configuration.described(replace(settings, public_url="http://127.0.0.1:1"), may))["Policy"] == "fine"


def test_what_serve_would_refuse_is_wrong_under_its_own_name() -> None:
    found = configuration.refused(["CT_CLIENT_ID is missing: x.", "CT_BOT_POLICY is not JSON: y."])

    assert [(one.name, one.verdict) for one in found] == [("Environment", "wrong"), ("Policy", "wrong")]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rediss://ana:canary@r.example:6380/1", "r.example:6380"),
        ("redis://r.example", "r.example:6379"),
        ("unix://:canary@/run/valkey.sock", "/run/valkey.sock"),
    ],
)
def test_the_address_of_redis_is_shown_without_its_password(settings: Settings, url: str, shown: str) -> None:
    targets = configuration.targets(replace(settings, redis_url=Secret(url)))

    assert shown in targets.values()
    assert "canary" not in repr(targets)
