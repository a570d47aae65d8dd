"""How blocks hold blocks and elements."""

from collections.abc import Iterator
from typing import Any

Tree = dict[str, Any]


def flat(blocks: list[Any], pointer: str = "") -> Iterator[tuple[Tree, str]]:
    """Each block with its pointer, those inside containers, carousels and plans too."""
    for position, block in enumerate(blocks):
        if isinstance(block, dict):
            here = f"{pointer}/{position}"
            yield block, here
            for name in ("child_blocks", "tasks"):
                if isinstance(block.get(name), list):
                    yield from flat(block[name], f"{here}/{name}")
            if block.get("type") == "carousel" and isinstance(block.get("elements"), list):
                yield from flat(block["elements"], f"{here}/elements")


def elements_of(block: Tree) -> Iterator[Tree]:
    """The elements of one block, not of the blocks inside it."""
    found: list[Any] = [block.get("accessory"), block.get("element"), *(block.get("actions") or [])]
    if block.get("type") in ("actions", "context_actions"):
        found += block.get("elements") or []
    if block.get("type") == "data_table":
        found += [cell.get("element") for row in block.get("rows") or [] for cell in row]
    for element in found:
        if isinstance(element, dict):
            yield element


def shown_to(element: Tree, user: str) -> bool:
    """`visible_to_user_ids` hides a button from everybody else; it is no access control."""
    allowed = element.get("visible_to_user_ids")
    return not allowed or user in allowed
