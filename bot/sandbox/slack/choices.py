"""What a person entered, turned into the words of a payload; refused when it was never offered."""

from typing import Any

Tree = dict[str, Any]
ONE_OPTION = ("static_select", "external_select", "radio_buttons", "overflow")
MANY_OPTIONS = ("multi_static_select", "multi_external_select", "checkboxes")
ONE_ID = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
}
MANY_IDS = {
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}


class NotOfferedError(ValueError):
    """Nobody could have chosen this."""


def offered_by(element: Tree) -> list[Tree]:
    """The options that stand in the element itself."""
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(option for group in groups for option in group["options"])]


def _pick(options: list[Tree], value: Any) -> Tree:
    for option in options:
        if option["value"] == value:
            return option
    raise NotOfferedError(f"{value!r} is not one of {[option['value'] for option in options]}")


def chosen(element: Tree, value: Any, offered: list[Tree]) -> Tree:
    """The members that say what was chosen, for the action and for the state. Raises `NotOfferedError`."""
    kind = element["type"]
    if kind in ONE_OPTION:
        return {"selected_option": None if value is None else _pick(offered, value)}
    if kind in MANY_OPTIONS:
        picked = [_pick(offered, each) for each in value or []]
        if len(picked) > element.get("max_selected_items", len(picked)):
            raise NotOfferedError(f"more than {element['max_selected_items']} were chosen")
        return {"selected_options": picked}
    if kind in ONE_ID:
        return {ONE_ID[kind]: value}
    if kind in MANY_IDS:
        return {MANY_IDS[kind]: list(value or [])}
    if kind == "rich_text_input":
        return {"rich_text_value": _rich(value)}
    return {name: element[name] for name in ("value",) if name in element}


def chosen_ids(element: Tree, fields: Tree) -> list[str]:
    """The people and places among what was chosen."""
    if not element["type"].endswith(("users_select", "conversations_select", "channels_select")):
        return []
    held = next(iter(fields.values()))
    return [held] if isinstance(held, str) else list(held or [])


def _rich(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": value}]}
    return {"type": "rich_text", "elements": [section]}


def has_state(element: Tree) -> bool:
    return element["type"] not in ("button", "overflow", "icon_button", "feedback_buttons", "workflow_button")


def initial(element: Tree) -> Tree | None:
    """What the element holds before anybody touches it, as state; None for elements that hold nothing."""
    if not has_state(element):
        return None
    kind = element["type"]
    if kind in MANY_OPTIONS:
        return {"selected_options": element.get("initial_options", [])}
    if kind in ONE_OPTION:
        return {"selected_option": element.get("initial_option")}
    if kind in MANY_IDS:
        name = MANY_IDS[kind]
        return {name: element.get(name.replace("selected", "initial"), [])}
    if kind == "rich_text_input":
        return {"rich_text_value": element.get("initial_value")}
    name = ONE_ID.get(kind, "value")
    return {name: element.get("initial_value" if name == "value" else name.replace("selected", "initial"))}


def is_empty(held: Tree) -> bool:
    return all(not value for name, value in held.items() if name != "type")
