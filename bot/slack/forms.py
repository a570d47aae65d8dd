"""Modals: a command's file declares a Form; this is how it is opened, submitted, and shown again with what is wrong.

What people typed is never lost: when CT refuses, the same form comes back with their words and CT's sentence at the
field it belongs to.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slack_sdk.models.blocks import (
    Block,
    ExternalDataSelectElement,
    InputBlock,
    NumberInputElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.errors import UserError
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts

if TYPE_CHECKING:
    from bot.slack.context import Context

CALLBACK = "ct.form:"
MOST_TITLE = 24
MOST_METADATA = 3_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A form at one moment: what it is about (`meta`), what is in its fields, what is wrong with them.

    The key "" of `problems` is for what belongs to no field.
    """

    meta: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field as text, trimmed; empty when it was left out."""
        value = self.values.get(name)
        return str(value).strip() if value is not None else ""


class FormProblems(UserError):  # noqa: N818 - it is raised by forms, which speak of problems
    """What is wrong, by field name; "" for no field in particular. The form stays open with what was typed."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One modal. `fields` draws its inputs (pure); `submit` acts, and raises FormProblems or CTInvalidError."""

    name: str
    title: str
    button: str
    fields: Callable[[Filled], Sequence[Block]]
    submit: Callable[["Context", Filled], Awaitable[Reply | None]]

    def view(self, filled: Filled) -> View:
        """The modal with its fields as they are, and what is wrong above them."""
        blocks = list(self.fields(filled))
        known = {block.block_id for block in blocks}
        loose = [text for name, text in filled.problems.items() if name not in known]
        if loose:
            blocks.insert(0, parts.section(t.esc(" ".join(loose), 500) or "Something in it is not right."))
        return View(
            type="modal",
            callback_id=f"{CALLBACK}{self.name}",
            title=PlainTextObject(text=t.clean(self.title, MOST_TITLE), emoji=False),
            submit=PlainTextObject(text=t.clean(self.button, MOST_TITLE), emoji=False),
            close=PlainTextObject(text="Cancel", emoji=False),
            private_metadata=_metadata(filled.meta),
            blocks=blocks,
        )


def _metadata(meta: Mapping[str, str]) -> str:
    packed = json.dumps(dict(meta), ensure_ascii=False)
    if len(packed) > MOST_METADATA:
        raise ValueError("a form carries too much")
    return packed


def read_metadata(text: str) -> dict[str, str]:
    """What the form was about; nothing for a shape we do not know."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in data.items()} if isinstance(data, dict) else {}


def working(title: str) -> View:
    """What a form shows while CT takes its time."""
    blocks = [parts.section("CT is working on it. You can close this; I tell you in Slack how it ends.")]
    return message_view(title, blocks)


def message_view(title: str, blocks: Sequence[Block]) -> View:
    """A modal that only says something."""
    return View(
        type="modal",
        title=PlainTextObject(text=t.clean(title, MOST_TITLE), emoji=False),
        close=PlainTextObject(text="Close", emoji=False),
        blocks=list(blocks),
    )


# --- the kinds of field ------------------------------------------------------------------------------


def _input(name: str, label: str, element: Any, filled: Filled, *, hint: str | None, optional: bool) -> InputBlock:
    problem = filled.problems.get(name)
    shown = t.clean(f"⚠ {problem}" if problem else hint or "", 300)
    return InputBlock(
        block_id=name,
        label=PlainTextObject(text=label, emoji=False),
        element=element,
        hint=PlainTextObject(text=shown, emoji=False) if shown else None,
        optional=optional,
    )


def shown(text: str, longest: int) -> str:
    """Of a text at CT, what a field of so many characters can hold; whoever leaves it so has changed nothing."""
    return text.strip()[:longest].strip()


def text_field(
    name: str,
    label: str,
    filled: Filled,
    *,
    hint: str | None = None,
    optional: bool = False,
    longest: int = 200,
    shortest: int = 0,
    many_lines: bool = False,
    placeholder: str | None = None,
) -> InputBlock:
    """One line, or several, of text."""
    element = PlainTextInputElement(
        action_id=name,
        initial_value=shown(filled.text(name), longest) or None,
        max_length=longest,
        min_length=shortest or None,
        multiline=many_lines,
        placeholder=PlainTextObject(text=placeholder, emoji=False) if placeholder else None,
    )
    return _input(name, label, element, filled, hint=hint, optional=optional)


def number_field(
    name: str, label: str, filled: Filled, *, low: int, high: int, hint: str | None = None, optional: bool = False
) -> InputBlock:
    """A whole number in a range; Slack itself refuses others."""
    element = NumberInputElement(
        action_id=name,
        is_decimal_allowed=False,
        initial_value=filled.text(name) or None,
        min_value=str(low),
        max_value=str(high),
    )
    return _input(name, label, element, filled, hint=hint, optional=optional)


def choice_field(
    name: str,
    label: str,
    filled: Filled,
    choices: Sequence[tuple[str, str]],
    *,
    hint: str | None = None,
    optional: bool = False,
) -> InputBlock:
    """One of a few: (value, label) pairs; at most 100, Slack's limit."""
    options = [
        Option(value=value[:150], text=PlainTextObject(text=t.name(text, 75), emoji=False))
        for value, text in choices[:100]
    ]
    chosen = next((option for option in options if option.value == filled.text(name)), None)
    element = StaticSelectElement(action_id=name, options=options, initial_option=chosen)
    return _input(name, label, element, filled, hint=hint, optional=optional)


def pick_field(noun: str, label: str, filled: Filled, *, chosen: Option | None = None) -> InputBlock:
    """A box or location, searched as one types."""
    element = ExternalDataSelectElement(
        action_id=f"ct.{noun}.pick",
        placeholder=PlainTextObject(text=f"Find a {noun}", emoji=False),
        min_query_length=0,
        initial_option=chosen,
    )
    return _input(noun, label, element, filled, hint=None, optional=False)


def person_field(name: str, label: str, filled: Filled, *, hint: str | None = None) -> InputBlock:
    """Somebody of the workspace."""
    element = UserSelectElement(
        action_id=name,
        initial_user=filled.text(name) or None,
        placeholder=PlainTextObject(text="Find a person", emoji=False),
    )
    return _input(name, label, element, filled, hint=hint, optional=False)


def read_values(state: Mapping[str, Any]) -> dict[str, Any]:
    """`view.state.values` as block id → value: text, number as text, chosen value, or list of chosen values."""
    found: dict[str, Any] = {}
    for block_id, actions in state.items():
        for element in actions.values() if isinstance(actions, Mapping) else ():
            found[block_id] = _value(element)
    return found


def _value(element: Any) -> Any:
    if not isinstance(element, Mapping):
        return None
    if isinstance(many := element.get("selected_options"), list):
        return [option.get("value") for option in many if isinstance(option, Mapping)]
    if isinstance(one := element.get("selected_option"), Mapping):
        return one.get("value")
    for key in ("value", "selected_date", "selected_time", "selected_user", "selected_conversation"):
        if element.get(key) is not None:
            return element[key]
    return None
