"""Rules that look at all blocks of a message or view together: ids, sums, and how many of a kind."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.layout import flat
from bot.sandbox.slack.shapes import Report

TABLES = ("table", "data_table")


def characters(node: Any) -> int:
    """All text of the message; cells of tables have a limit of their own."""
    if isinstance(node, list):
        return sum(map(characters, node))
    if not isinstance(node, dict) or node.get("type") in TABLES:
        return 0
    return sum(
        len(held) if name in ("text", "title", "alt_text") and isinstance(held, str) else characters(held)
        for name, held in node.items()
    )


def _action_ids(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _action_ids(item)
    elif isinstance(node, dict):
        if isinstance(node.get("action_id"), str):
            yield node["action_id"]
        for name, held in node.items():
            if name not in ("child_blocks", "tasks"):
                yield from _action_ids(held)


def _check_ids(blocks: list[tuple[dict[str, Any], str]], report: Report) -> None:
    seen: set[str] = set()
    for block, where in blocks:
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in seen:
                report.wrong(f"{where}/block_id", f"block_id already exists: {block_id}")
            seen.add(block_id)
        if block.get("type") == "carousel":
            continue
        held: set[str] = set()
        for action_id in _action_ids(block):
            if action_id in held:
                report.wrong(where, f"action_id already exists in this block: {action_id}")
            held.add(action_id)


def check_whole(blocks: list[Any], surface: str, pointer: str, report: Report) -> None:
    found = list(flat(blocks, pointer))
    _check_ids(found, report)
    kinds = [block.get("type") for block, _ in found]
    if sum(kind in TABLES for kind in kinds) > 1:
        report.wrong(pointer, "only_one_table_allowed")
    if kinds.count("data_visualization") > limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS:
        report.wrong(pointer, f"no more than {limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS} data_visualization blocks")
    markdown = sum(len(str(block.get("text", ""))) for block, _ in found if block.get("type") == "markdown")
    if markdown > limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH:
        report.wrong(pointer, "markdown blocks must be less than 12001 characters in all")
    if surface == "message" and characters(blocks) > limits.MESSAGE_CHARACTERS_MAX:
        report.wrong(pointer, f"more than {limits.MESSAGE_CHARACTERS_MAX} characters in all blocks")
    if "plan" not in kinds:
        for block, where in found:
            if block.get("type") == "task_card" and block.get("status") == "pending":
                report.wrong(f"{where}/status", "pending only inside a plan")
    if sum(bool(element.get("focus_on_load")) for element in _focusable(blocks)) > 1:
        report.wrong(pointer, "only one element can have focus_on_load")


def _focusable(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _focusable(item)
    elif isinstance(node, dict):
        yield node
        for held in node.values():
            yield from _focusable(held)
