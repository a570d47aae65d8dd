"""Help stays inside Slack's limits, however many commands there are."""

from dataclasses import replace

from bot.slack.registry import Registry, load
from bot.slack.views import asking
from tests.slack.drawing import check


def test_the_help_of_a_hundred_commands_is_whole_and_fits() -> None:
    known = load().visible()
    many = [replace(c, name=f"{c.name} {n}", summary=c.summary) for n in range(3) for c in known if c.name][:100]

    page = asking.help_page(Registry(many))

    check(page)
    text = str([block.to_dict() for block in page.blocks])
    assert all(c.name in text for c in many)


def test_help_names_every_command_and_tells_more_of_one_or_of_a_subject() -> None:
    registry = load()

    page = str([block.to_dict() for block in asking.help_page(registry).blocks])
    about = [c.name for c in registry.about("vouchers")]

    assert all(c.name in page for c in registry.visible())
    assert {"vouchers", "voucher new"} <= set(about)
    assert "reboot" not in about
