"""Slack's validator of blocks, messages and views: says what it refuses, where and why (slack-facts 1.2)."""

import copy
import json
import secrets
from typing import Any

from bot.sandbox.slack import elements, limits, tables
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.objects import IMAGE_FIELDS, plain, words
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.rich_text import RICH_TEXT, RICH_TEXT_FIELDS
from bot.sandbox.slack.shapes import (
    Check,
    Report,
    any_of,
    array,
    by_type,
    exactly_one_of,
    flag,
    integer,
    one_of,
    shape,
    string,
)
from bot.sandbox.slack.whole import check_whole

ID: dict[str, Check] = {"block_id": string(limits.BLOCK_ID_MAX_LENGTH)}
IMAGE = by_type({"image": elements.IMAGE})
TASK_STATES = one_of("pending", "in_progress", "complete", "error")

SECTION = shape(
    {},
    ID
    | {
        "text": words(limits.SECTION_TEXT_MAX_LENGTH),
        "fields": array(words(limits.SECTION_FIELDS_ITEM_MAX_LENGTH), most=limits.SECTION_FIELDS_MAX_ITEMS),
        "accessory": elements.IN_SECTION,
        "expand": flag,
    },
    any_of("text", "fields"),
)
CONTEXT_ELEMENT = by_type(
    {"image": elements.IMAGE, "mrkdwn": words(limits.TEXT_MAX_LENGTH), "plain_text": words(limits.TEXT_MAX_LENGTH)},
    "element type",
)
FEEDBACK = by_type({"feedback_buttons": elements.FEEDBACK_BUTTONS, "icon_button": elements.ICON_BUTTON}, "element type")
CARD_FIELDS: dict[str, Check] = {
    "hero_image": IMAGE,
    "icon": IMAGE,
    "title": words(limits.CARD_TITLE_MAX_LENGTH),
    "subtitle": words(limits.CARD_SUBTITLE_MAX_LENGTH),
    "body": words(limits.CARD_BODY_MAX_LENGTH),
    "subtext": words(limits.CARD_SUBTEXT_MAX_LENGTH),
    "actions": array(by_type({"button": elements.BUTTON}, "element type"), most=limits.CARD_ACTIONS_MAX_ITEMS),
}
CARD = shape({}, ID | CARD_FIELDS, any_of("hero_image", "title", "actions", "body"))
TASK = shape(
    {"task_id": string(255), "title": string(3000), "status": TASK_STATES},
    ID
    | {
        "details": RICH_TEXT,
        "output": RICH_TEXT,
        "sources": array(shape({"url": string(3000)}, {"text": string(3000)})),
    },
)

SIMPLE: dict[str, Check] = {
    "section": SECTION,
    "divider": shape({}, ID),
    "header": shape({"text": plain(limits.HEADER_TEXT_MAX_LENGTH)}, ID | {"level": integer(1, 4)}),
    "context": shape({"elements": array(CONTEXT_ELEMENT, most=limits.CONTEXT_ELEMENTS_MAX_ITEMS)}, ID),
    "actions": shape({"elements": array(elements.IN_ACTIONS, most=limits.ACTIONS_ELEMENTS_MAX_ITEMS)}, ID),
    "image": shape(
        {"alt_text": string(limits.IMAGE_ALT_TEXT_MAX_LENGTH)},
        ID | IMAGE_FIELDS | {"title": plain(limits.IMAGE_TITLE_MAX_LENGTH)},
        exactly_one_of("image_url", "slack_file"),
    ),
    "rich_text": shape(RICH_TEXT_FIELDS, ID),
    "input": shape(
        {"label": plain(limits.INPUT_LABEL_MAX_LENGTH), "element": elements.IN_INPUT},
        ID | {"hint": plain(limits.INPUT_HINT_MAX_LENGTH), "optional": flag, "dispatch_action": flag},
    ),
    "table": shape(tables.TABLE_FIELDS, ID | tables.TABLE_OPTIONS, *tables.TABLE_RULES),
    "data_visualization": shape(tables.CHART_FIELDS, ID),
    "alert": shape(
        {"text": words(limits.ALERT_TEXT_MAX_LENGTH)},
        ID | {"level": one_of("default", "info", "warning", "error", "success")},
    ),
    "context_actions": shape({"elements": array(FEEDBACK, most=limits.CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS)}, ID),
    "markdown": shape({"text": string(limits.MARKDOWN_TEXT_MAX_LENGTH)}, ID),
}
CONTAINED = {kind: check for kind, check in SIMPLE.items() if kind != "alert"}
CONTAINER = shape(
    {"child_blocks": array(by_type(CONTAINED, "block type"), most=limits.CONTAINER_CHILD_BLOCKS_MAX_ITEMS)},
    ID
    | {
        "title": plain(limits.CONTAINER_TITLE_MAX_LENGTH),
        "rich_text_title": RICH_TEXT,
        "subtitle": words(limits.CONTAINER_SUBTITLE_MAX_LENGTH),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": IMAGE,
        "is_collapsible": flag,
        "default_collapsed": flag,
        "has_header_divider": flag,
    },
    any_of("title", "rich_text_title"),
)
BLOCKS: dict[str, Check] = {
    **SIMPLE,
    "data_table": shape(tables.DATA_TABLE_FIELDS, ID | tables.DATA_TABLE_OPTIONS, *tables.DATA_TABLE_RULES),
    "card": CARD,
    "carousel": shape({"elements": array(by_type({"card": CARD}), most=limits.CAROUSEL_ELEMENTS_MAX_ITEMS)}, ID),
    "container": CONTAINER,
    "task_card": TASK,
    "plan": shape(
        {"title": string(3000)}, ID | {"tasks": array(by_type({"task_card": TASK}), most=limits.PLAN_TASKS_MAX_ITEMS)}
    ),
}
NOT_ON: dict[str, frozenset[str]] = {
    "message": frozenset({"alert"}),
    "modal": frozenset(
        {"table", "data_table", "data_visualization", "markdown", "carousel", "container", "plan", "task_card"}
        | {"context_actions"}
    ),
    "home": frozenset({"alert", "markdown", "plan", "task_card", "context_actions"}),
}


def find_faults(blocks: Any, surface: str, pointer: str = "/blocks") -> Report:
    """Everything that is wrong with `blocks` on a `message`, a `modal` or a `home`."""
    report = Report()
    most = limits.MESSAGE_BLOCKS_MAX_ITEMS if surface == "message" else limits.VIEW_BLOCKS_MAX_ITEMS
    here = {kind: check for kind, check in BLOCKS.items() if kind not in NOT_ON[surface]}
    array(by_type(here, "block type"), most=most, least=0)(blocks, pointer, report)
    if not report.messages:
        check_whole(blocks, surface, pointer, report)
    return report


def decoded(value: Any) -> Any:
    """Blocks and views may arrive as JSON in a form field."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            raise RefusedError("invalid_blocks_format") from None
    return value


def check_message(payload: dict[str, Any], *, journal: Journal, where: str) -> list[dict[str, Any]]:
    """The blocks of a message as Slack would keep them. Raises `RefusedError`; what is merely unwise is journalled."""
    blocks = decoded(payload.get("blocks")) or []
    report = find_faults(blocks, "message")
    if report.messages:
        raise RefusedError(_code(report), report.messages)
    attachments = decoded(payload.get("attachments")) or []
    if not (blocks or payload.get("text") or attachments):
        raise RefusedError("no_text")
    if len(attachments) > limits.MESSAGE_ATTACHMENTS_MAX_ITEMS:
        raise RefusedError("too_many_attachments")
    for position, attachment in enumerate(attachments):
        found = find_faults(attachment.get("blocks") or [], "message", f"/attachments/{position}/blocks")
        if found.messages:
            raise RefusedError("invalid_attachments", found.messages)
    if not payload.get("text"):
        journal.refused(
            where, "text_missing", ["notifications and screen readers have nothing"], payload, kind="warning"
        )
    elif len(str(payload["text"])) > limits.MESSAGE_TEXT_ADVISED_LENGTH:
        journal.refused(where, "text_long", ["keep the text under 4,000 characters"], payload, kind="warning")
    return normalised(blocks)


def _code(report: Report) -> str:
    if any("characters in all blocks" in message for message in report.messages):
        return "msg_blocks_too_long"
    if any("only_one_table_allowed" in message for message in report.messages):
        return "invalid_attachments"
    return "invalid_blocks"


def check_view(spec: Any, kind: str) -> list[dict[str, Any]]:
    """The blocks of a view as Slack would keep them. Raises `RefusedError`: `invalid_arguments` or `view_too_large`."""
    report = Report()
    if not isinstance(spec, dict):
        raise RefusedError("invalid_arguments", ["[ERROR] must provide an object [json-pointer:/view]"])
    if len(json.dumps(spec).encode()) > limits.VIEW_BYTES_MAX:
        raise RefusedError("view_too_large")
    if spec.get("type") != kind:
        report.wrong("/view/type", f"must be {kind}")
    MODAL_OR_HOME[kind]({name: held for name, held in spec.items() if name != "blocks"}, "/view", report)
    found = find_faults(spec.get("blocks"), kind, "/view/blocks")
    asks = not found.messages and any(block["type"] == "input" for block in spec["blocks"])
    if kind == "modal" and asks and not spec.get("submit"):
        report.wrong("/view", "submit is required when an input block is within blocks")
    if report.messages or found.messages:
        raise RefusedError("invalid_arguments", report.messages + found.messages)
    return normalised(spec["blocks"])


_VIEW: dict[str, Check] = {
    "private_metadata": string(limits.VIEW_PRIVATE_METADATA_MAX_LENGTH, 0),
    "callback_id": string(limits.VIEW_CALLBACK_ID_MAX_LENGTH, 0),
    "external_id": string(limits.VIEW_EXTERNAL_ID_MAX_LENGTH, 0),
}
MODAL_OR_HOME: dict[str, Check] = {
    "modal": shape(
        {"title": plain(limits.VIEW_TITLE_MAX_LENGTH)},
        _VIEW
        | {"close": plain(limits.VIEW_CLOSE_MAX_LENGTH), "submit": plain(limits.VIEW_SUBMIT_MAX_LENGTH)}
        | dict.fromkeys(("clear_on_close", "notify_on_close", "submit_disabled"), flag),
    ),
    "home": shape({}, _VIEW),
}


def normalised(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As Slack hands them back: each block and element with an id, each text with its flags."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        if block.get("type") == "markdown" or not block.get("block_id"):
            block["block_id"] = secrets.token_urlsafe(4)[:5]
        _fill_in(block)
    return kept


def _fill_in(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _fill_in(item)
    elif isinstance(node, dict):
        kind = node.get("type")
        if kind == "plain_text":
            node.setdefault("emoji", True)
        elif kind == "mrkdwn":
            node.setdefault("verbatim", False)
        elif kind in elements.INPUTS or kind in ("button", "overflow", "icon_button", "feedback_buttons"):
            node.setdefault("action_id", secrets.token_urlsafe(4)[:5])
        for held in node.values():
            _fill_in(held)
