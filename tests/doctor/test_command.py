"""What the command line makes of an examination: exit codes, and what `serve` would refuse."""

import json

import pytest
from pytest_mock import MockerFixture

from bot.__main__ import main
from bot.doctor import command
from bot.doctor.command import examine
from bot.errors import ConfigError
from bot.settings import VARIABLES, Policy, Settings
from tests.doctor.answering import only
from tests.stage import settings_for

AWAY = "http://127.0.0.1:1"


@pytest.fixture
def settings() -> Settings:
    return settings_for(AWAY, AWAY, "https://bot.acme.example.invalid", "redis://127.0.0.1:1/0")


def unset() -> Settings:
    raise ConfigError(["CT_CLIENT_ID is missing: App ID of the CT application."])


def unreadable(_settings: Settings) -> Policy:
    raise ConfigError(["CT_BOT_POLICY is not JSON: Expecting value."])


async def test_settings_that_serve_refuses_are_all_that_is_said() -> None:
    outcome = await examine(unset, lambda _: Policy())

    assert outcome.code == command.NOT_SET_UP
    assert [finding.verdict for finding in outcome.findings] == ["wrong"]


async def test_a_policy_that_serve_refuses_stands_beside_everything_else(settings: Settings) -> None:
    outcome = await examine(lambda: settings, unreadable)

    assert outcome.code == command.NOT_SET_UP
    assert only(outcome.findings, "Policy").seen.startswith("CT_BOT_POLICY is not JSON")
    assert len({finding.group for finding in outcome.findings}) == 6


async def test_what_is_wrong_makes_the_code_1(settings: Settings) -> None:
    assert (await examine(lambda: settings, lambda _: Policy())).code == command.WRONG


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_it_is_a_command_that_prints_and_ends_with_its_code(
    how: list[str], monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mocker.patch("bot.log.configure")  # the tests have logs of their own
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)

    code = main(["doctor", *how])
    said = capsys.readouterr().out

    assert code == 2
    assert "CT_CLIENT_ID is missing" in said
    assert bool(how) == said.startswith("{")
    assert not how or json.loads(said)["verdict"] == "wrong"
