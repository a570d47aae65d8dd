"""The typed short forms of what changes a box: what is composed is read again as it was."""

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.commands.monitor import MonitorArgs
from bot.slack.commands.move import MoveArgs
from bot.slack.commands.tag import TagArgs, split
from bot.slack.commands.transfer import TransferArgs
from bot.slack.commands.upgrade import UpgradeArgs
from bot.slack.grammar import compose, parse

slugs = st.from_regex(r"[a-z]{1,8}(-[a-z0-9]{1,6}){0,3}", fullmatch=True)
names = st.lists(st.text("abcdeéøß0123456789", min_size=1, max_size=8), min_size=1, max_size=4).map(" ".join)


@given(slugs, names)
def test_a_move_and_a_transfer_read_their_two_names(box: str, target: str) -> None:
    move, transfer = MoveArgs(box, target), TransferArgs(box, target)

    assert parse(MoveArgs, compose("", move).strip(), typed="/ct move") == move
    assert parse(TransferArgs, compose("", transfer).strip(), typed="/ct transfer") == transfer


@given(names, st.sampled_from(["on", "off", "ON", None]))
def test_monitoring_reads_its_word_at_the_end_alone(box: str, word: str | None) -> None:
    args = MonitorArgs(box, word)

    assert parse(MonitorArgs, compose("", args).strip(), typed="/ct monitor") == args


@given(st.sampled_from(["on air", "off licence", "tonight bar"]))
def test_a_name_that_begins_like_a_word_stays_a_name(box: str) -> None:
    assert parse(MonitorArgs, f"{box} off", typed="/ct monitor") == MonitorArgs(box, "off")
    assert parse(UpgradeArgs, f"{box} tonight", typed="/ct upgrade") == UpgradeArgs(box, "tonight")


@given(st.lists(names, max_size=6))
def test_tags_are_each_once_and_in_their_order(tags: list[str]) -> None:
    found = split(" , ".join([*tags, "", *tags]))

    assert found == list(dict.fromkeys(tags))
    assert parse(TagArgs, f"bar as {', '.join(found)}", typed="/ct tag").tags == ", ".join(found) if found else True
