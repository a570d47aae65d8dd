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
    assert all(f"/ct {c.name}" in text for c in many)
