"""Block Kit's elements: what may be pressed, chosen or filled in (slack-facts 1.2)."""

from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.objects import IMAGE_FIELDS, confirm_object, option, option_groups, options, plain
from bot.sandbox.slack.shapes import (
    Check,
    Report,
    Rule,
    any_of,
    anything,
    array,
    by_type,
    exactly_one_of,
    flag,
    integer,
    one_of,
    shape,
    string,
    url,
)

ACTION_ID = {"action_id": string(limits.ACTION_ID_MAX_LENGTH)}
CONFIRM = {"confirm": confirm_object()}
FOCUS = {"focus_on_load": flag}
PLACEHOLDER = {"placeholder": plain(limits.SELECT_PLACEHOLDER_MAX_LENGTH)}
COMMON = ACTION_ID | CONFIRM | FOCUS | PLACEHOLDER
MANY = {"max_selected_items": integer(1, None)}
IDS = array(string(255), least=1)
DISPATCH = {
    "dispatch_action_config": shape(
        {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), most=2)}, {}
    )
}
PRESSED = {
    "accessibility_label": string(limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
    "visible_to_user_ids": array(string(255), most=limits.ICON_BUTTON_VISIBLE_TO_USER_IDS_MAX_ITEMS),
}


def _initial_is_offered(value: dict[str, Any], pointer: str, report: Report) -> None:
    groups = value.get("option_groups") or []
    offered = [*(value.get("options") or []), *(each for group in groups for each in group["options"])]
    many = value.get("initial_options") or []
    for chosen in [*([value["initial_option"]] if value.get("initial_option") else []), *many]:
        if chosen not in offered:
            report.wrong(pointer, "initial option must match one of the options")


def _matches(name: str, pattern_of: str, check_text: Any) -> Rule:
    def rule(value: dict[str, Any], pointer: str, report: Report) -> None:
        held = value.get(name)
        if held is not None and not (isinstance(held, str) and check_text(held)):
            report.wrong(f"{pointer}/{name}", f"must be in the form {pattern_of}")

    return rule


def _date(text: str) -> bool:
    parts = text.split("-")
    return [len(part) for part in parts] == [4, 2, 2] and "".join(parts).isdigit()


def _time(text: str) -> bool:
    hours, _, minutes = text.partition(":")
    return len(hours) == len(minutes) == 2 and hours.isdigit() and minutes.isdigit() and hours < "24" and minutes < "60"


BUTTON = shape(
    {"text": plain(limits.BUTTON_TEXT_MAX_LENGTH)},
    ACTION_ID
    | CONFIRM
    | PRESSED
    | {
        "url": url(limits.BUTTON_URL_MAX_LENGTH),
        "value": string(limits.BUTTON_VALUE_MAX_LENGTH),
        "style": one_of("primary", "danger"),
        "agent_prompt": string(limits.BUTTON_AGENT_PROMPT_MAX_LENGTH),
    },
)
ICON_BUTTON = shape(
    {"icon": one_of("trash"), "text": plain(limits.BUTTON_TEXT_MAX_LENGTH)},
    ACTION_ID | CONFIRM | PRESSED | {"value": string(limits.BUTTON_VALUE_MAX_LENGTH)},
)
_FEEDBACK = shape(
    {"text": plain(limits.BUTTON_TEXT_MAX_LENGTH), "value": string(limits.BUTTON_VALUE_MAX_LENGTH)},
    {"accessibility_label": string(limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH)},
)
FEEDBACK_BUTTONS = shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, ACTION_ID)
IMAGE = shape(
    {"alt_text": string(limits.IMAGE_ALT_TEXT_MAX_LENGTH)}, IMAGE_FIELDS, exactly_one_of("image_url", "slack_file")
)
OVERFLOW = shape({"options": options(limits.OVERFLOW_OPTIONS_MAX_ITEMS, link=True)}, ACTION_ID | CONFIRM)


def _static(*, many: bool) -> Check:
    initial: dict[str, Check] = {"initial_options": array(option())} | MANY if many else {"initial_option": option()}
    offered = {"options": options(limits.SELECT_OPTIONS_MAX_ITEMS), "option_groups": option_groups()}
    return shape({}, COMMON | offered | initial, exactly_one_of("options", "option_groups"), _initial_is_offered)


def _external(*, many: bool) -> Check:
    initial: dict[str, Check] = {"initial_options": array(option())} | MANY if many else {"initial_option": option()}
    return shape({}, COMMON | {"min_query_length": integer(0, None)} | initial)


def _of(noun: str, *, many: bool, **more: Check) -> Check:
    initial: dict[str, Check] = {f"initial_{noun}s": IDS} | MANY if many else {f"initial_{noun}": string(255)}
    return shape({}, COMMON | initial | more)


def _conversations(*, many: bool) -> Check:
    narrowed = shape(
        {},
        {
            "include": array(one_of("im", "mpim", "private", "public")),
            "exclude_external_shared_channels": flag,
            "exclude_bot_users": flag,
        },
        any_of("include", "exclude_external_shared_channels", "exclude_bot_users"),
    )
    more: dict[str, Check] = {"default_to_current_conversation": flag, "filter": narrowed}
    return _of("conversation", many=many, **(more if many else more | {"response_url_enabled": flag}))


def _choices(most: int, initial: dict[str, Check]) -> Check:
    return shape({"options": options(most, rich=True)}, ACTION_ID | CONFIRM | FOCUS | initial, _initial_is_offered)


CHECKBOXES = _choices(limits.CHECKBOXES_OPTIONS_MAX_ITEMS, {"initial_options": array(option(rich=True))})
RADIO_BUTTONS = _choices(limits.RADIO_BUTTONS_OPTIONS_MAX_ITEMS, {"initial_option": option(rich=True)})
DATEPICKER = shape({}, COMMON | {"initial_date": string(10)}, _matches("initial_date", "YYYY-MM-DD", _date))
TIMEPICKER = shape(
    {}, COMMON | {"initial_time": string(5), "timezone": string(255)}, _matches("initial_time", "HH:mm", _time)
)
DATETIMEPICKER = shape({}, ACTION_ID | CONFIRM | FOCUS | {"initial_date_time": integer(10**9, 10**10 - 1)})
TYPED = ACTION_ID | FOCUS | PLACEHOLDER | DISPATCH
PLAIN_TEXT_INPUT = shape(
    {},
    TYPED
    | {
        "initial_value": string(limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX, 0),
        "multiline": flag,
        "min_length": integer(0, limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX),
        "max_length": integer(1, limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX),
    },
)
NUMBER_INPUT = shape(
    {"is_decimal_allowed": flag},
    TYPED | {"initial_value": string(255), "min_value": string(255), "max_value": string(255)},
)
FILE_INPUT = shape(
    {}, ACTION_ID | {"filetypes": array(string(255)), "max_files": integer(1, limits.FILE_INPUT_MAX_FILES_MAX)}
)

SELECTS: dict[str, Check] = {
    "static_select": _static(many=False),
    "multi_static_select": _static(many=True),
    "external_select": _external(many=False),
    "multi_external_select": _external(many=True),
    "users_select": _of("user", many=False),
    "multi_users_select": _of("user", many=True),
    "conversations_select": _conversations(many=False),
    "multi_conversations_select": _conversations(many=True),
    "channels_select": _of("channel", many=False, response_url_enabled=flag),
    "multi_channels_select": _of("channel", many=True),
}
PICKERS: dict[str, Check] = {
    "checkboxes": CHECKBOXES,
    "radio_buttons": RADIO_BUTTONS,
    "datepicker": DATEPICKER,
    "timepicker": TIMEPICKER,
}
PRESSES: dict[str, Check] = {"button": BUTTON, "overflow": OVERFLOW}
INPUTS: dict[str, Check] = {
    **SELECTS,
    **PICKERS,
    "datetimepicker": DATETIMEPICKER,
    "plain_text_input": PLAIN_TEXT_INPUT,
    "email_text_input": shape({}, TYPED | {"initial_value": string(3000, 0)}),
    "url_text_input": shape({}, TYPED | {"initial_value": string(3000, 0)}),
    "number_input": NUMBER_INPUT,
    "rich_text_input": shape({}, TYPED | {"initial_value": anything}),
    "file_input": FILE_INPUT,
}
SINGLE = {kind: check for kind, check in SELECTS.items() if not kind.startswith("multi_")}

IN_ACTIONS = by_type({**PRESSES, **SINGLE, **PICKERS, "datetimepicker": DATETIMEPICKER}, "element type")
IN_SECTION = by_type({**PRESSES, **SELECTS, **PICKERS, "image": IMAGE}, "element type")
IN_INPUT = by_type(INPUTS, "element type")
