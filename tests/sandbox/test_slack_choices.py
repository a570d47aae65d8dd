"""Every kind of input: what it holds at first, and what it says once somebody chose."""

from typing import Any

import pytest

from bot.sandbox.slack.choices import NotOfferedError, chosen, initial, offered_by

ONE, TWO = ({"text": {"type": "plain_text", "text": name}, "value": name} for name in ("one", "two"))
SECTION = {"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}


@pytest.mark.parametrize(
    ("element", "value", "says"),
    [
        ({"type": "button", "value": "op1"}, None, {"value": "op1"}),
        ({"type": "button"}, None, {}),
        ({"type": "static_select"}, "two", {"selected_option": TWO}),
        ({"type": "static_select"}, None, {"selected_option": None}),
        ({"type": "radio_buttons"}, "one", {"selected_option": ONE}),
        ({"type": "checkboxes"}, ["one", "two"], {"selected_options": [ONE, TWO]}),
        ({"type": "multi_external_select"}, [], {"selected_options": []}),
        ({"type": "users_select"}, "U01ANA", {"selected_user": "U01ANA"}),
        ({"type": "multi_users_select"}, ["U01ANA"], {"selected_users": ["U01ANA"]}),
        ({"type": "conversations_select"}, "C01NOC", {"selected_conversation": "C01NOC"}),
        ({"type": "datepicker"}, "2026-11-23", {"selected_date": "2026-11-23"}),
        ({"type": "datetimepicker"}, 1795404901, {"selected_date_time": 1795404901}),
        ({"type": "plain_text_input"}, "because", {"value": "because"}),
        ({"type": "rich_text_input"}, "hi", {"rich_text_value": {"type": "rich_text", "elements": [SECTION]}}),
        ({"type": "rich_text_input"}, None, {"rich_text_value": None}),
    ],
)
def test_a_choice_says_what_was_chosen(element: dict[str, Any], value: Any, says: dict[str, Any]) -> None:
    assert chosen(element, value, [ONE, TWO]) == says


def test_no_more_can_be_chosen_than_the_element_allows() -> None:
    with pytest.raises(NotOfferedError):
        chosen({"type": "multi_static_select", "max_selected_items": 1}, ["one", "two"], [ONE, TWO])


@pytest.mark.parametrize(
    ("element", "holds"),
    [
        ({"type": "button"}, None),
        ({"type": "static_select", "initial_option": ONE}, {"selected_option": ONE}),
        ({"type": "checkboxes"}, {"selected_options": []}),
        ({"type": "multi_users_select", "initial_users": ["U01ANA"]}, {"selected_users": ["U01ANA"]}),
        ({"type": "users_select", "initial_user": "U01ANA"}, {"selected_user": "U01ANA"}),
        ({"type": "timepicker", "initial_time": "03:14"}, {"selected_time": "03:14"}),
        ({"type": "plain_text_input", "initial_value": "x"}, {"value": "x"}),
        ({"type": "rich_text_input"}, {"rich_text_value": None}),
    ],
)
def test_an_untouched_input_holds_its_initial_value(element: dict[str, Any], holds: Any) -> None:
    assert initial(element) == holds


def test_grouped_options_are_all_offered() -> None:
    assert offered_by({"option_groups": [{"options": [ONE]}, {"options": [TWO]}]}) == [ONE, TWO]
