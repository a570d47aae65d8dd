"""The commands: found by what was typed, checked when the bot starts."""

import importlib
from pathlib import Path

import pytest
from hypothesis import given

from bot.errors import ConfigError
from bot.slack import registry as module
from bot.slack.grammar import NoArgs, arguments, parse, tidy
from bot.slack.registry import GROUPS, SLASH, Command, Registry, command, load
from bot.slack.reply import Reply
from tests.slack.foreign import texts

ALL = load()


async def nothing(_ctx: object, _args: object) -> Reply:
    return Reply("nothing")


def named(name: str, *, hidden: bool = False) -> Command:
    return Command(name, "Do nothing", "Look", NoArgs, "", nothing, hidden=hidden)


FEW = Registry([named(""), named("box"), named("box log"), named("boxes"), named("secret", hidden=True)])


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("", "", ""),
        ("box", "box", ""),
        ("BOX lobby ap", "box", "lobby ap"),
        ("boxes lobby", "boxes", "lobby"),
        ("box log lobby", "box log", "lobby"),
        ("Box LOG", "box log", ""),
        ("box logs", "box", "logs"),
        ("secret x", "secret", "x"),
    ],
)
def test_the_longest_name_that_the_text_begins_with_is_meant(text: str, name: str, rest: str) -> None:
    found, left = FEW.match(text)

    assert found is not None
    assert (found.name, left) == (name, rest)


@pytest.mark.parametrize("text", ["lobby", "boxlog", "log box", "b", "bo x"])
def test_what_begins_with_no_name_is_no_command(text: str) -> None:
    assert FEW.match(text) == (None, text)


@given(texts())
def test_any_text_is_matched_or_not_without_an_error(text: str) -> None:
    found, rest = ALL.match(tidy(text))

    assert found is None or tidy(text).casefold().startswith(found.name)
    assert rest in tidy(text)
    assert len(ALL.similar(text)) <= 3


@pytest.mark.parametrize(
    ("word", "meant"), [("rebot", "reboot"), ("reboot!", "reboot"), ("statsu", "status"), ("LOCATION", "location")]
)
def test_a_misspelt_command_is_met_with_what_was_meant(word: str, meant: str) -> None:
    assert ALL.similar(word)[0].name == meant


def test_what_is_like_no_command_has_no_suggestion_and_hidden_ones_are_never_suggested() -> None:
    assert ALL.similar("qqqqq") == []
    assert FEW.similar("secret") == []


def test_help_lists_groups_in_order_and_leaves_out_hidden_commands() -> None:
    assert [found.name for found in FEW.visible()] == ["", "box", "box log", "boxes"]
    assert [found.group for found in ALL] == sorted((found.group for found in ALL), key=GROUPS.index)
    assert all(found.group == "Act" for found in ALL.visible("Act"))


def test_the_usage_hint_names_every_visible_command() -> None:
    hint = ALL.usage_hint()

    assert hint.startswith("[")
    assert all(found.name in hint for found in ALL.visible())


@pytest.mark.parametrize("found", list(ALL), ids=lambda found: found.name or "overview")
def test_every_command_is_whole(found: Command) -> None:
    assert found.summary
    assert not found.summary.endswith(".")
    assert found.usage.startswith(f"{SLASH} {found.name}".strip())
    assert found.example.startswith(f"{SLASH} {found.name}".strip())


@pytest.mark.parametrize("found", list(ALL), ids=lambda found: found.name or "overview")
def test_the_example_of_every_command_is_read_as_that_command(found: Command) -> None:
    matched, rest = ALL.match(found.example.removeprefix(SLASH).strip())

    assert matched is found
    parse(found.args, rest, typed=found.name)


@pytest.mark.parametrize("found", list(ALL), ids=lambda found: found.name or "overview")
def test_what_must_be_given_can_be_picked_or_stands_in_the_usage(found: Command) -> None:
    for argument in arguments(found.args):
        if argument.required:
            assert argument.pick or f"<{argument.label}>" in found.usage


def test_the_decorator_registers_nothing() -> None:
    made = command("x", "Do nothing", group="Look", example="y")(nothing)

    assert made.example == "/ct x y"
    assert ALL.match("x") == (None, "x")


def test_two_commands_of_one_name_stop_the_start() -> None:
    with pytest.raises(ConfigError, match="same name"):
        Registry([named("box"), named("box")])


@pytest.mark.parametrize(
    ("content", "number"),
    [("", 0), ("from bot.slack.commands.help import help_ as a\nfrom bot.slack.commands.link import link as b\n", 2)],
)
def test_a_file_with_no_command_or_two_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, number: int
) -> None:
    name = f"commands_of_this_test_{number}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "odd.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(module, "package", importlib.import_module(name))

    with pytest.raises(ConfigError, match=f"odd.py holds {number} commands"):
        load()
