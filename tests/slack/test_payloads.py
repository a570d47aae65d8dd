"""What Slack sends, typed at the edge: whose it is (row S4), and what is no payload of ours (row S6)."""

from typing import Any

import pytest

from bot.identity import SlackUser
from bot.slack.payloads import ODD, Gone, gone, member, pressed, submitted, typed
from tests.slack.forged import click, command


def test_a_command_is_read_tidily() -> None:
    read = typed(command("ana", "  box\u00a0lobby–ap “x”  ", response_url="https://hooks.slack.com/1"))

    assert read.who == SlackUser("T01ACME", "U01ANA")
    assert read.text == 'box lobby-ap "x"'
    assert read.channel_id == "C01NOC"
    assert read.response_url == "https://hooks.slack.com/1"
    assert read.handle == "ana"


def test_a_command_of_an_organisation_belongs_to_it() -> None:
    read = typed(command("ana", "", enterprise_id="E01"))

    assert read.who == SlackUser("T01ACME", "U01ANA", "E01")


def test_a_click_is_read_with_what_stands_behind_its_button() -> None:
    read = pressed(click("ana", "ct.command.run:2", "status", response_url="https://hooks.slack.com/1"))

    assert (read.action, read.value, read.private) == ("ct.command.run", "status", True)
    assert read.workspace == "acme"


def test_a_pick_is_read_from_the_option() -> None:
    action = {"action_id": "ct.box.pick", "block_id": "ct.ask:1", "selected_option": {"value": "ap-3"}}

    read = pressed(click("ana", "", "", actions=[action]))

    assert (read.action, read.block, read.value) == ("ct.box.pick", "ct.ask:1", "ap-3")


@pytest.mark.parametrize(
    ("body", "who"),
    [
        ({"user": {"id": "U1", "team_id": "T2"}, "team": {"id": "T1"}}, SlackUser("T2", "U1")),
        ({"user": {"id": "U1"}, "team": {"id": "T1"}}, SlackUser("T1", "U1")),
        (
            {"user": {"id": "U1", "team_id": "T2"}, "team": None, "enterprise": {"id": "E1"}},
            SlackUser("T2", "U1", "E1"),
        ),
        ({"user": {"id": "U1"}, "team": {"id": "T1", "enterprise_id": "E1"}}, SlackUser("T1", "U1", "E1")),
        ({"user": {"id": "U1"}, "team": {"id": "T1"}, "enterprise": None}, SlackUser("T1", "U1")),
    ],
)
def test_a_person_belongs_to_their_own_team_not_to_the_channels(body: dict[str, Any], who: SlackUser) -> None:
    assert member(body) == who


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user": None},
        {"user": "U1"},
        {"user": {}},
        {"user": {"id": 7, "team_id": "T1"}},
        {"user": {"id": "U1", "team_id": ["T1"]}},
        {"user": {"id": "U1"}, "team": "T1"},
        {"user": {"id": "U1"}, "team": {}},
        {"user": {"id": "U1", "team_id": "T1"}, "enterprise": {"id": 7}},
        {"user": {"id": "U1", "team_id": "T1"}, "enterprise": ["E1"]},
    ],
)
def test_nobody_is_read_out_of_an_odd_shape(body: dict[str, Any]) -> None:
    with pytest.raises(ODD):
        member(body)


@pytest.mark.parametrize("actions", [None, [], {}, [None], ["x"], [{}], [{"action_id": None}], [{"action_id": ""}]])
def test_a_click_on_nothing_is_odd(actions: Any) -> None:
    with pytest.raises(ODD):
        pressed(click("ana", "", "", actions=actions))


@pytest.mark.parametrize("name", ["team_id", "user_id", "channel_id", "trigger_id"])
@pytest.mark.parametrize("value", [None, "", 7])
def test_a_command_without_its_ids_is_odd(name: str, value: Any) -> None:
    with pytest.raises(ODD):
        typed(command("ana", "") | {name: value})


def view(**changes: Any) -> dict[str, Any]:
    shown = {"id": "V1", "callback_id": "ct.form:x", "private_metadata": "{}", "hash": "h", **changes}
    return {"user": {"id": "U1", "team_id": "T1"}, "view": shown}


def test_a_submission_is_read_with_its_values() -> None:
    read = submitted(view(state={"values": {"name": {"name": {"value": "x"}}, "odd": 7}}))

    assert read.state == {"name": {"name": {"value": "x"}}}
    assert (read.callback, read.view_id, read.metadata, read.delivery) == ("ct.form:x", "V1", "{}", "h")


@pytest.mark.parametrize("changes", [{"id": None}, {"callback_id": 7}, {"state": {"values": ["x"]}}, {"state": "x"}])
def test_an_odd_view_is_not_read(changes: dict[str, Any]) -> None:
    with pytest.raises(ODD):
        submitted(view(**changes))


@pytest.mark.parametrize(
    ("event", "body", "ended"),
    [
        ({"type": "app_uninstalled"}, {"team_id": "T1"}, Gone("T1", "T1", None)),
        ({"type": "app_uninstalled"}, {"team_id": "T1", "enterprise_id": "E1"}, Gone("E1", "T1", None)),
        ({"type": "app_uninstalled"}, {"team_id": None, "enterprise_id": "E1"}, Gone("E1", None, None)),
        (
            {"type": "tokens_revoked", "tokens": {"bot": ["U0"], "oauth": ["U1"]}},
            {"team_id": "T1"},
            Gone("T1", "T1", None),
        ),
        (
            {"type": "tokens_revoked", "tokens": {"oauth": ["U1", "U2"]}},
            {"team_id": "T1"},
            Gone("T1", "T1", ["U1", "U2"]),
        ),
        ({"type": "tokens_revoked", "tokens": {}}, {"team_id": "T1"}, None),
        ({"type": "tokens_revoked", "tokens": {"bot": [], "oauth": []}}, {"team_id": "T1"}, None),
    ],
)
def test_whose_tokens_are_over(event: dict[str, Any], body: dict[str, Any], ended: Gone | None) -> None:
    assert gone({**body, "event": event}) == ended


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ({"type": "app_uninstalled"}, {}),
        ({"type": "app_uninstalled"}, {"team_id": ["T1"]}),
        ({"type": "tokens_revoked"}, {"team_id": "T1"}),
        ({"type": "tokens_revoked", "tokens": []}, {"team_id": "T1"}),
        ({"type": "tokens_revoked", "tokens": {"oauth": 7}}, {"team_id": "T1"}),
        ({"type": "tokens_revoked", "tokens": {"oauth": [7]}}, {"team_id": "T1"}),
    ],
)
def test_nothing_is_forgotten_for_an_odd_shape(event: dict[str, Any], body: dict[str, Any]) -> None:
    with pytest.raises(ODD):
        gone({**body, "event": event})
