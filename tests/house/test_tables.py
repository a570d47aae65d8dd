"""What the README, `.env.example` and the manifest say is what the code does."""

import re
from typing import Any

import pytest

from bot.errors import ConfigError
from bot.settings import VARIABLES, Settings
from bot.slack.registry import Command, load
from tests.house import tables


def test_the_files_say_what_the_code_says() -> None:
    assert tables.faults() == []


def test_every_visible_command_stands_in_the_readme_with_its_usage() -> None:
    text = tables.commands()
    registry = load()

    for command in registry.visible():
        assert f"| {command.summary} |" in text
        assert command.usage.replace("|", r"\|") in text


def test_every_setting_stands_in_the_readme_once() -> None:
    assert re.findall(r"^\| `(\w+)`", tables.settings(), re.MULTILINE) == [variable.name for variable in VARIABLES]


def test_the_env_example_as_it_stands_asks_for_exactly_what_is_required() -> None:
    """Whoever starts the bot with a bare copy is told of each value to fill in, and of nothing else."""
    lines = [line for line in tables.env_example().splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)

    with pytest.raises(ConfigError) as stop:
        Settings.from_env(given)

    named = {problem.split(" ")[0] for problem in stop.value.problems}
    assert named == {variable.name for variable in VARIABLES if variable.required} | {"SLACK_SIGNING_SECRET"}


def test_a_table_without_its_markers_is_an_error() -> None:
    with pytest.raises(ValueError, match="settings:begin"):
        tables.between("no markers here", "settings", "body")


def test_the_readmes_own_command_is_a_whole_one() -> None:
    text = tables.README.read_text(encoding="utf-8").partition("## Add a command")[2]
    code = text.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {"__name__": "bot.slack.commands.uptime"}

    exec(compile(code, "README.md", "exec", dont_inherit=True), names)

    (made,) = [value for value in names.values() if isinstance(value, Command)]
    assert made.usage == "/ct uptime <box>"
    assert made.example == "/ct uptime lobby ap-3"
