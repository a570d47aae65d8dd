"""Row O3: a bad configuration never starts, and says why in one line each; no line holds a secret (row U2)."""

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.app import read_policy
from bot.errors import ConfigError
from bot.settings import VARIABLES, Pace, Policy, ProofKind, Secret, Settings

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(32, 64))).decode()
SAME = base64.b64encode(b"a" * 32).decode()
SHORT = base64.b64encode(b"sixteen bytes ok").decode()
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-canary-1",
    "SLACK_SIGNING_SECRET": "canary-2",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "canary-3",
    "CT_CLIENT_ID": "app",
    "CT_CLIENT_SECRET": "canary-4",
    "PUBLIC_URL": "https://bot.example",
    "REDIS_URL": "redis://:canary-5@redis.example:6379/0",
    "CT_BOT_DATA_KEYS": f"k1:{KEY}",
}
CANARIES = ("canary", KEY, OTHER, SHORT)


def env(**changes: str | None) -> dict[str, str]:
    """A good environment with some changes; None leaves a variable out."""
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not None}


def problems(**changes: str | None) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        Settings.from_env(env(**changes))
    return refused.value.problems


# --- what starts ------------------------------------------------------------------------------


def test_a_good_environment_gives_settings() -> None:
    settings = Settings.from_env(env())

    assert settings.slack_bot_token == "xoxb-canary-1"
    assert settings.public_url == "https://bot.example"
    assert settings.slack_api_url == "https://slack.com/api"
    assert settings.port == 3000
    assert settings.ct_bot_data_keys[0].key == bytes(range(32))
    assert not settings.socket_mode
    assert not settings.loopback


def test_the_defaults_of_the_table_are_those_of_the_class() -> None:
    settings = Settings.from_env(env())

    for field in dataclasses.fields(Settings):
        if field.default is not dataclasses.MISSING and field.name.upper() not in GOOD:
            assert getattr(settings, field.name) == field.default, field.name


def test_every_setting_is_a_variable_and_the_other_way_round() -> None:
    assert {v.name.lower() for v in VARIABLES} == {field.name for field in dataclasses.fields(Settings)}


def test_an_app_token_switches_socket_mode_on_and_needs_no_signing_secret() -> None:
    settings = Settings.from_env(env(SLACK_SIGNING_SECRET=None, SLACK_APP_TOKEN="xapp-canary"))

    assert settings.socket_mode


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://bot.example/", "https://bot.example"),
        ("HTTPS://bot.example/ct/", "https://bot.example/ct"),
        ("  https://bot.example:8443 ", "https://bot.example:8443"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_address_is_kept_without_its_last_slash(written: str, read: str) -> None:
    assert Settings.from_env(env(PUBLIC_URL=written)).public_url == read


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000", "HTTP://localhost:3000", "http://[::1]:3000"])
def test_loopback_may_do_without_tls(url: str) -> None:
    assert Settings.from_env(env(PUBLIC_URL=url)).loopback


@pytest.mark.parametrize(
    "url",
    ["redis://localhost", "rediss://:pw@r.example:6380/1", "unix:///run/valkey.sock?db=1", "redis://r.example/"],
)
def test_redis_is_reached_in_three_ways(url: str) -> None:
    assert Settings.from_env(env(REDIS_URL=url)).redis_url == url


def test_several_data_keys_are_read_in_order() -> None:
    settings = Settings.from_env(env(CT_BOT_DATA_KEYS=f" k2:{OTHER} , k1:{KEY} ,"))

    assert [key.id for key in settings.ct_bot_data_keys] == ["k2", "k1"]


def test_a_level_is_read_in_any_case() -> None:
    assert Settings.from_env(env(LOG_LEVEL="debug")).log_level == "DEBUG"


# --- what does not ----------------------------------------------------------------------------

REQUIRED = [variable.name for variable in VARIABLES if variable.required]


@pytest.mark.parametrize("name", [*REQUIRED, "SLACK_SIGNING_SECRET"])
def test_a_missing_variable_is_one_line_that_names_it(name: str) -> None:
    assert [line.split(" ")[:3] for line in problems(**{name: None})] == [[name, "is", "missing:"]]


@pytest.mark.parametrize("name", [variable.name for variable in VARIABLES])
@pytest.mark.parametrize("blank", ["", " \t"])
def test_an_empty_variable_is_one_line_that_names_it(name: str, blank: str) -> None:
    assert problems(**{name: blank}) == [f"{name} is empty: give it a value or leave it out."]


BAD = [
    ("SLACK_BOT_TOKEN", "xoxp-canary", "must start with xoxb-"),
    ("SLACK_BOT_TOKEN", "xapp-canary", ""),
    ("SLACK_APP_TOKEN", "xoxb-canary", "must start with xapp-"),
    ("PUBLIC_URL", "http://bot.example", ""),
    ("PUBLIC_URL", "bot.example", ""),
    ("PUBLIC_URL", "ftp://bot.example", ""),
    ("PUBLIC_URL", "https://", ""),
    ("PUBLIC_URL", "https://bot.example:port", "port must be a number"),
    ("PUBLIC_URL", "https://bot.example:99999", ""),
    ("PUBLIC_URL", "https://[::1", ""),
    ("PUBLIC_URL", "https://bot.example?x=canary", "must have no user, query or fragment"),
    ("PUBLIC_URL", "https://bot.example#canary", ""),
    ("PUBLIC_URL", "https://ana:canary@bot.example", "must have no user, query or fragment"),
    ("PUBLIC_URL", "https://:canary@bot.example", ""),
    ("PUBLIC_URL", "https://bot.example/a b", ""),
    ("PUBLIC_URL", "https://bot.exam\nple", ""),
    ("CT_API_URL", "http://api.ctapp.io", "must be https"),
    ("CT_AUTH_URL", "http://id.ctapp.io", ""),
    ("CT_DASHBOARD_URL", "javascript:alert(1)", ""),
    ("SLACK_API_URL", "http://slack.com/api/", ""),
    ("SLACK_URL", "slack.com", ""),
    ("REDIS_URL", "http://redis.example", "must start with redis://"),
    ("REDIS_URL", "redis://", ""),
    ("REDIS_URL", "redis://:canary@", ""),
    ("REDIS_URL", "redis://:canary/with-a-slash@redis.example:6379/0", ""),
    ("REDIS_URL", "redis://:canary\u2100@redis.example", ""),
    ("REDIS_URL", "redis://redis.example:canary/0", "port must be a number"),
    ("REDIS_URL", "redis://redis.example/canary", ""),
    ("REDIS_URL", "redis://redis.example/0 canary", ""),
    ("CT_BOT_DATA_KEYS", ",", "holds no key"),
    ("CT_BOT_DATA_KEYS", KEY, ""),
    ("CT_BOT_DATA_KEYS", "canary", "a key's id must be"),
    ("CT_BOT_DATA_KEYS", f":{KEY}", ""),
    ("CT_BOT_DATA_KEYS", f"k-1:{KEY}", ""),
    ("CT_BOT_DATA_KEYS", f"{'k' * 17}:{KEY}", ""),
    ("CT_BOT_DATA_KEYS", f"k1:{SHORT}", ""),
    ("CT_BOT_DATA_KEYS", "k1:", ""),
    ("CT_BOT_DATA_KEYS", "k1:not base64, canary", ""),
    ("CT_BOT_DATA_KEYS", f"k1:{KEY},k1:{OTHER}", "two keys have the same id"),
    ("CT_BOT_DATA_KEYS", f"k1:{SAME}", ""),
    ("PORT", "0", "must be a number from 1 to 65535"),
    ("PORT", "65536", "must be a number from 1 to 65535"),
    ("PORT", "-1", ""),
    ("PORT", "3000.5", ""),
    ("PORT", "３０００", ""),
    ("PORT", "9" * 5000, ""),
    ("LOG_LEVEL", "LOUD", "must be DEBUG, INFO, WARNING or ERROR"),
    ("CT_API_URL", "api.ctapp.io", "must be an address that starts with https://"),
    ("CT_BOT_DATA_KEYS", f"a:{KEY},a:{KEY}", "two keys have the same id"),
    ("CT_BOT_DATA_KEYS", "a:!", "key a is not base64"),
    ("CT_BOT_DATA_KEYS", "a:YQ==", "key a must be 32 bytes, it is 1"),
    ("PORT", "٣", "must be a number from 1 to 65535"),
    ("SLACK_CLIENT_ID", "  ", "is empty"),
]


@pytest.mark.parametrize(("name", "value", "says"), BAD)
def test_a_bad_value_is_one_line_without_the_value_that_says_what_is_wrong(name: str, value: str, says: str) -> None:
    (line,) = problems(**{name: value})

    assert line.startswith(f"{name} ")
    assert says in line
    assert line.endswith(".")
    assert line.isprintable()
    assert len(line) < 200
    assert not any(canary in line for canary in CANARIES)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_env({"PORT": "http", "LOG_LEVEL": ""})

    named = [line.split(" ")[0] for line in refused.value.problems]
    assert sorted(named) == sorted([*REQUIRED, "PORT", "LOG_LEVEL", "SLACK_SIGNING_SECRET"])
    assert str(refused.value).splitlines() == refused.value.problems


def test_neither_mode_chosen_says_what_to_choose_from() -> None:
    (line,) = problems(SLACK_SIGNING_SECRET=None)

    assert line == "SLACK_SIGNING_SECRET is missing: needed unless SLACK_APP_TOKEN switches Socket Mode on."


def test_the_command_line_exits_with_two_and_prints_one_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    for name, value in env(PORT="x", SLACK_BOT_TOKEN="canary").items():
        monkeypatch.setenv(name, value)

    code = main(["serve"])

    out = capsys.readouterr()
    assert code == 2
    assert out.out == ""
    assert sorted(line.split(" ")[:2] for line in out.err.splitlines()) == [
        ["ct-bot:", "PORT"],
        ["ct-bot:", "SLACK_BOT_TOKEN"],
    ]
    assert "canary" not in out.err


# --- secrets ----------------------------------------------------------------------------------


def test_settings_print_no_secret() -> None:
    settings = Settings.from_env(env(SLACK_APP_TOKEN="xapp-canary-6"))

    for text in (repr(settings), f"{settings}", f"{settings!r}", str([settings]), repr(dataclasses.astuple(settings))):
        assert not any(canary in text for canary in CANARIES)


def test_a_secret_is_still_the_text_where_it_is_sent() -> None:
    assert Secret("canary").encode() == b"canary"
    assert repr(Secret("canary")) == "Secret('***')"
    assert repr({"token": Secret("canary")}) == "{'token': Secret('***')}"


# --- the policy file --------------------------------------------------------------------------


def test_no_policy_file_means_the_defaults() -> None:
    assert read_policy(Settings.from_env(env())) == Policy()
    assert Policy.from_json("{}") == Policy()


def test_a_policy_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"reboot_cooldown_seconds": 900, "allowed_teams": ["T02ORBIT"], "pace": {"poll": 5}}')

    policy = read_policy(Settings.from_env(env(CT_BOT_POLICY=str(file))))

    assert policy == Policy(reboot_cooldown_seconds=900, allowed_teams=("T02ORBIT",), pace=Pace(poll=5))


def test_a_box_may_rest_no_shorter_than_a_minute() -> None:
    assert Policy.from_json('{"reboot_cooldown_seconds": 60}').reboot_cooldown_seconds == 60


def test_a_policy_chooses_how_people_prove_who_they_are() -> None:
    assert Policy.from_json('{"link_proof": "typed_code", "allowed_teams": []}').link_proof is ProofKind.TYPED_CODE
    assert Policy.from_json('{"link_proof": "slack", "allowed_teams": ["T2"]}').link_proof is ProofKind.SLACK
    assert Policy().link_proof is ProofKind.SLACK


def test_no_policy_at_all_lets_other_teams_in_beside_the_typed_code() -> None:
    with pytest.raises(ConfigError, match="is for one workspace alone"):
        Policy(link_proof=ProofKind.TYPED_CODE, allowed_teams=("T2",))


SIGN_IN = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")


def policy_file(folder: Path, **policy: object) -> str:
    file = folder / "policy.json"
    file.write_text(json.dumps(policy))
    return str(file)


def test_with_the_typed_code_sign_in_with_slack_needs_no_settings(tmp_path: Path) -> None:
    settings = Settings.from_env(
        env(CT_BOT_POLICY=policy_file(tmp_path, link_proof="typed_code"), **dict.fromkeys(SIGN_IN))
    )

    assert read_policy(settings).link_proof is ProofKind.TYPED_CODE
    assert (settings.slack_client_id, settings.slack_client_secret) == (None, None)


@pytest.mark.parametrize("without", [SIGN_IN[:1], SIGN_IN[1:], SIGN_IN])
@pytest.mark.parametrize("policy", [{}, {"link_proof": "slack"}])
def test_any_other_policy_needs_them_and_each_that_is_missing_is_one_line(
    tmp_path: Path, policy: dict[str, str], without: tuple[str, ...]
) -> None:
    settings = Settings.from_env(env(CT_BOT_POLICY=policy_file(tmp_path, **policy), **dict.fromkeys(without)))
    with pytest.raises(ConfigError) as refused:
        read_policy(settings)

    assert [line.split(" ")[:3] for line in refused.value.problems] == [[name, "is", "missing:"] for name in without]


def test_only_the_policy_lets_redis_forget() -> None:
    assert not Policy.from_json("{}").redis_may_forget
    assert Policy.from_json('{"redis_may_forget": true}').redis_may_forget


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", None])
def test_a_policy_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "policy.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        read_policy(Settings.from_env(env(CT_BOT_POLICY=str(file))))

    assert [line.split(" ")[0] for line in refused.value.problems] == ["CT_BOT_POLICY"]


def test_a_directory_is_no_policy_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^CT_BOT_POLICY cannot be read: Is a directory\.$"):
        read_policy(Settings.from_env(env(CT_BOT_POLICY=str(tmp_path))))


QUIET = {"from": "18:00", "to": "23:30", "time_zone": "Europe/London"}
BETWEEN = "must be a whole number from 60 to 86400"
BAD_POLICIES: list[Any] = [
    ([], "must be a JSON object"),
    ("text", ""),
    (None, ""),
    ({"reboot_cooldown": 600}, "unknown field 'reboot_cooldown'"),
    ({"reboot_cooldown_seconds": 59}, BETWEEN),
    ({"reboot_cooldown_seconds": 86_401}, BETWEEN),
    ({"reboot_cooldown_seconds": True}, BETWEEN),
    ({"reboot_cooldown_seconds": 600.5}, BETWEEN),
    ({"reboot_cooldown_seconds": "600"}, BETWEEN),
    ({"reboot_cooldown_seconds": None}, BETWEEN),
    ({"requests_per_minute": 9}, "from 10 to 100000"),
    ({"requests_per_minute": "30"}, "from 10 to 100000"),
    ({"redis_copies": -1}, "from 0 to 5"),
    ({"redis_copies": True}, "from 0 to 5"),
    ({"allowed_teams": "T02ORBIT"}, "must be a list of team ids"),
    ({"allowed_teams": [1]}, ""),
    ({"allowed_teams": None}, ""),
    ({"redis_may_forget": "yes"}, "must be true or false"),
    ({"redis_may_forget": 1}, "must be true or false"),
    ({"redis_may_forget": None}, "must be true or false"),
    ({"link_proof": "state"}, "link_proof must be slack or typed_code"),
    ({"link_proof": ["slack"]}, "link_proof must be slack or typed_code"),
    ({"link_proof": None}, "link_proof must be slack or typed_code"),
    ({"link_proof": "typed_code", "allowed_teams": ["T2"]}, "link_proof typed_code is for one workspace alone"),
    ({"pace": []}, ""),
    ({"pace": {"poll": 0}}, "must be an object of seconds"),
    ({"pace": {"poll": 86_401}}, ""),
    ({"pace": {"poll": True}}, ""),
    ({"pace": {"poll": "10"}}, ""),
    ({"pace": {"poll": float("nan")}}, ""),
    ({"pace": {"poll": float("inf")}}, ""),
    ({"pace": {"polls": 10}}, "unknown field 'pace.polls'"),
    ({"pa\nce": {}}, ""),
    ({"guards": []}, "guards must be an object"),
    ({"guards": {"protected": []}}, "unknown field 'guards.protected'"),
    ({"guards": {"protected_tags": "core"}}, "guards.protected_tags must be a list of texts"),
    ({"guards": {"protected_locations": [""]}}, "guards.protected_locations must be a list of texts"),
    ({"guards": {"admins": [1]}}, "guards.admins must be a list of texts"),
    ({"guards": {"most_alone": 0}}, "guards.most_alone must be a whole number from 1 to 100"),
    ({"guards": {"most_percent": 101}}, "guards.most_percent must be a whole number from 1 to 100"),
    ({"guards": {"per_user_and_hour": True}}, "guards.per_user_and_hour must be a whole number"),
    ({"guards": {"per_workspace_and_day": "100"}}, "guards.per_workspace_and_day must be a whole number"),
    ({"guards": {"quiet_hours": {}}}, "guards.quiet_hours must be a list"),
    ({"guards": {"quiet_hours": ["18:00"]}}, "guards.quiet_hours[0] must be an object"),
    ({"guards": {"quiet_hours": [{**QUIET, "from": "6pm"}]}}, "guards.quiet_hours[0].from must be a time"),
    ({"guards": {"quiet_hours": [QUIET, {**QUIET, "to": None}]}}, "guards.quiet_hours[1].to must be a time"),
    ({"guards": {"quiet_hours": [{**QUIET, "to": "18:00"}]}}, "must differ"),
    ({"guards": {"quiet_hours": [{**QUIET, "time_zone": "Mars/Base"}]}}, "time_zone must be a time zone"),
    ({"guards": {"quiet_hours": [{**QUIET, "time_zone": "../../etc/passwd"}]}}, "time_zone must be a time zone"),
    ({"guards": {"quiet_hours": [{**QUIET, "time_zone": None}]}}, "time_zone must be a time zone"),
    ({"guards": {"quiet_hours": [{**QUIET, "days": ["monday"]}]}}, "days must be a list of mon, tue"),
    ({"guards": {"quiet_hours": [{**QUIET, "days": []}]}}, "days must be a list of mon, tue"),
    ({"guards": {"quiet_hours": [{**QUIET, "until": "1"}]}}, "unknown field 'guards.quiet_hours[0].until'"),
]


@pytest.mark.parametrize(
    ("text", "says"), [("{", "is not JSON"), *((json.dumps(policy), says) for policy, says in BAD_POLICIES)]
)
def test_a_bad_policy_is_one_line_that_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Policy.from_json(text)

    (line,) = refused.value.problems
    assert line.startswith("CT_BOT_POLICY")
    assert says in line
    assert line.isprintable()


def test_every_problem_of_a_policy_is_told() -> None:
    with pytest.raises(ConfigError) as refused:
        Policy.from_json('{"a": 1, "reboot_cooldown_seconds": 1, "allowed_teams": 1, "pace": {"x": 1, "y": 2}}')

    assert len(refused.value.problems) == 5


def test_a_policy_of_a_million_brackets_is_not_json() -> None:
    with pytest.raises(ConfigError):
        Policy.from_json("[" * 1_000_000)
