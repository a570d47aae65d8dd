"""Our table of Slack's limits beside an independent one: PyPI's slackblocks."""

import slackblocks._limits as theirs

from bot.sandbox.slack import limits

OURS = {name: value for name, value in vars(limits).items() if name.isupper()}
THEIRS = {name: value for name, value in vars(theirs).items() if name.isupper()}
ONLY_OURS = {
    "SELECT_MIN_QUERY_LENGTH_DEFAULT": "a default, not a limit",
    "TABLE_CONTENT_MAX_LENGTH": "slack-facts 1.2: 10,000 characters over all cells",
    "MESSAGE_CHARACTERS_MAX": "slack-facts 1.2: undocumented, measured by others",
    "MESSAGE_TEXT_MAX_LENGTH": "slack-facts 1.2: cut at 40,000",
    "MESSAGE_TEXT_ADVISED_LENGTH": "slack-facts 1.2: advice",
    "VIEW_BYTES_MAX": "slack-facts 1.1: view_too_large",
}


def test_where_both_tables_have_a_number_it_is_the_same() -> None:
    shared = OURS.keys() & THEIRS.keys()
    different = {name: (OURS[name], THEIRS[name]) for name in shared if OURS[name] != THEIRS[name]}

    assert different == {}
    assert len(shared) > 60


def test_each_number_that_only_we_have_has_its_reason() -> None:
    assert OURS.keys() - THEIRS.keys() == ONLY_OURS.keys()
