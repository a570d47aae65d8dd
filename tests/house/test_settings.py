"""The settings and the policy: whatever is wrong is named, all of it, before anything starts."""

import base64

import pytest

from bot.errors import ConfigError
from bot.settings import VARIABLES, Policy, ProofKind, Secret, Settings

KEY = "a:" + base64.b64encode(bytes(range(32))).decode()
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "signing",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "secret",
    "CT_CLIENT_ID": "app",
    "CT_CLIENT_SECRET": "secret",
    "PUBLIC_URL": "https://bot.acme.example/",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "CT_BOT_DATA_KEYS": KEY,
}


def problems(**changes: str) -> list[str]:
    with pytest.raises(ConfigError) as stop:
        Settings.from_env(GOOD | changes)
    return stop.value.problems


def test_what_is_required_is_enough() -> None:
    settings = Settings.from_env(GOOD)

    assert settings.public_url == "https://bot.acme.example"
    assert settings.slack_api_url == "https://slack.com/api"
    assert settings.port == 3000
    assert not settings.socket_mode
    assert not settings.loopback


def test_an_app_token_switches_socket_mode_on_and_the_signing_secret_is_not_needed() -> None:
    env = {name: value for name, value in GOOD.items() if name != "SLACK_SIGNING_SECRET"}

    assert Settings.from_env(env | {"SLACK_APP_TOKEN": "xapp-1"}).socket_mode
    with pytest.raises(ConfigError, match="SLACK_SIGNING_SECRET is missing: needed unless SLACK_APP_TOKEN"):
        Settings.from_env(env)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as stop:
        Settings.from_env({"PORT": "http", "LOG_LEVEL": ""})

    named = {line.split(" ")[0] for line in stop.value.problems}
    required = {variable.name for variable in VARIABLES if variable.required}
    assert named == required | {"PORT", "LOG_LEVEL", "SLACK_SIGNING_SECRET"}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-1", "must start with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "must start with xapp-"),
        ("CT_API_URL", "api.ctapp.io", "must be an address that starts with https://"),
        ("CT_API_URL", "http://api.ctapp.io", "must be https"),
        ("PUBLIC_URL", "https://bot?x=1", "must have no user, query or fragment"),
        ("PUBLIC_URL", "https://ana:pw@bot", "must have no user, query or fragment"),
        ("PUBLIC_URL", "https://bot:port", "port must be a number"),
        ("REDIS_URL", "https://redis", "must start with redis://"),
        ("REDIS_URL", "redis://store:six", "port must be a number"),
        ("CT_BOT_DATA_KEYS", ",", "holds no key"),
        ("CT_BOT_DATA_KEYS", f"{KEY},{KEY}", "two keys have the same id"),
        ("CT_BOT_DATA_KEYS", "a:!", "key a is not base64"),
        ("CT_BOT_DATA_KEYS", "a:YQ==", "key a must be 32 bytes, it is 1"),
        ("CT_BOT_DATA_KEYS", "no-id", "a key's id must be"),
        ("PORT", "0", "must be a number from 1 to 65535"),
        ("PORT", "65536", "must be a number from 1 to 65535"),
        ("PORT", "٣", "must be a number from 1 to 65535"),
        ("LOG_LEVEL", "loud", "must be DEBUG, INFO, WARNING or ERROR"),
        ("SLACK_CLIENT_ID", "  ", "is empty"),
    ],
)
def test_a_bad_value_is_named_in_one_line_that_does_not_repeat_it(name: str, value: str, says: str) -> None:
    (problem,) = problems(**{name: value})

    assert problem.startswith(f"{name} ")
    assert says in problem
    assert "\n" not in problem
    assert "pw" not in problem


def test_http_is_for_loopback() -> None:
    settings = Settings.from_env(GOOD | {"PUBLIC_URL": "http://127.0.0.1:3000", "LOG_LEVEL": "debug"})

    assert settings.loopback
    assert settings.log_level == "DEBUG"


def test_settings_do_not_print_their_secrets() -> None:
    shown = repr(Settings.from_env(GOOD | {"SLACK_BOT_TOKEN": "xoxb-canary", "CT_CLIENT_SECRET": "canary"}))

    assert "canary" not in shown
    assert KEY.partition(":")[2] not in shown
    assert repr(Secret("canary")) == "Secret('***')"


def test_a_policy_is_read() -> None:
    policy = Policy.from_json('{"reboot_cooldown_seconds": 60, "allowed_teams": ["T1"], "pace": {"poll": 1}}')

    assert policy.reboot_cooldown_seconds == 60
    assert policy.allowed_teams == ("T1",)
    assert policy.pace.poll == 1
    assert Policy.from_json("{}") == Policy()


def test_a_policy_chooses_how_people_prove_who_they_are() -> None:
    assert Policy.from_json('{"link_proof": "typed_code", "allowed_teams": []}').link_proof is ProofKind.TYPED_CODE
    assert Policy.from_json('{"link_proof": "slack", "allowed_teams": ["T2"]}').link_proof is ProofKind.SLACK
    assert Policy().link_proof is ProofKind.SLACK


def test_no_policy_at_all_lets_other_teams_in_beside_the_typed_code() -> None:
    with pytest.raises(ConfigError, match="is for one workspace alone"):
        Policy(link_proof=ProofKind.TYPED_CODE, allowed_teams=("T2",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "must be a JSON object"),
        ('{"cooldown": 1}', "unknown field 'cooldown'"),
        ('{"reboot_cooldown_seconds": 59}', "must be a whole number from 60 to 86400"),
        ('{"reboot_cooldown_seconds": true}', "must be a whole number from 60 to 86400"),
        ('{"allowed_teams": "T1"}', "must be a list of team ids"),
        ('{"link_proof": "state"}', "link_proof must be slack or typed_code"),
        ('{"link_proof": ["slack"]}', "link_proof must be slack or typed_code"),
        ('{"link_proof": null}', "link_proof must be slack or typed_code"),
        ('{"link_proof": "typed_code", "allowed_teams": ["T2"]}', "link_proof typed_code is for one workspace alone"),
        ('{"pace": {"poll": 0}}', "must be an object of seconds"),
        ('{"pace": {"pool": 1}}', "unknown field 'pace.pool'"),
    ],
)
def test_a_wrong_policy_is_named(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as stop:
        Policy.from_json(text)

    (problem,) = stop.value.problems
    assert problem.startswith("CT_BOT_POLICY")
    assert says in problem
