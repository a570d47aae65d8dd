"""`/ct help`, and help on one command."""

from typing import cast

import pytest

from bot.slack.context import Services
from bot.slack.dispatch import Dispatcher
from bot.slack.registry import load
from bot.slack.reply import Reply
from tests.slack.drawing import ANA, check, pressable, shown

REGISTRY = load()


async def helped(text: str) -> Reply:
    services = cast("Services", type("Some", (), {"registry": REGISTRY, "asks": None})())
    reply = await Dispatcher(services=services, observe=lambda *_: None).answer(ANA, text, channel_id="C01NOC")
    assert reply is not None
    return check(reply)


async def test_help_shows_three_groups_and_an_example() -> None:
    text = shown(await helped("help"))

    assert text.index("*Look*") < text.index("*Act*") < text.index("*Account*") < text.index("*Example*")


async def test_help_names_every_command_once_in_its_group_and_fits_a_phone() -> None:
    text = shown(await helped("help"))
    _, look, act = text.split("*Look*\n")[0], *text.split("*Look*\n")[1].split("\n*Act*\n")
    act = act.partition("\n*Account*")[0]

    named = look.splitlines()[0].split(" · ")
    assert "voucher (codes)" in named and "box (firmware, health, radio)" in named and "status" in named
    assert "hand over" in act.split(" · ") and "box add" in act.split(" · ")
    assert "location (archive, edit, new, unarchive)" in act.split(" · ")
    assert len(text) < 1_200


@pytest.mark.parametrize("topic", ["reboot", "REBOOT", "/ct reboot"])
async def test_help_on_one_command_shows_it_in_full(topic: str) -> None:
    text = shown(await helped(f"help {topic}"))

    assert text.startswith("`/ct reboot &lt;box&gt; [because &lt;reason&gt;]`\nRestart a box and watch it come back.")
    assert "Example: `/ct reboot lobby ap because guests cannot log in`" in text


@pytest.mark.parametrize("found", REGISTRY.visible(), ids=lambda found: found.name)
async def test_there_is_help_on_every_command(found: object) -> None:
    name = getattr(found, "name", "")

    assert f"`/ct {name}" in shown(await helped(f"help {name}"))


async def test_help_on_nothing_we_know_suggests_what_was_meant() -> None:
    reply = await helped("help rebot")

    assert "I don't know “rebot”. Did you mean `/ct reboot" in shown(reply)
    assert pressable(reply) == {"Help": "help"}
