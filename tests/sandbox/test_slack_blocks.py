"""The validator refuses what Slack refuses (slack-facts 1.2), says where, and never falls over."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.slack.blocks import BLOCKS, check_view, find_faults, normalised
from bot.sandbox.slack.refused import RefusedError

Tree = dict[str, Any]


def plain(text: str = "x") -> Tree:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> Tree:
    return {"type": "mrkdwn", "text": text}


def button(**more: Any) -> Tree:
    return {"type": "button", "text": plain(), "action_id": "go"} | more


def actions(*elements: Tree, **more: Any) -> Tree:
    return {"type": "actions", "elements": list(elements)} | more


def section(**more: Any) -> Tree:
    return {"type": "section", "text": mrkdwn()} | more


def options(count: int, **more: Any) -> list[Tree]:
    return [{"text": plain(f"o{each}"), "value": f"v{each}"} | more for each in range(count)]


def select(kind: str = "static_select", **more: Any) -> Tree:
    return {"type": kind, "action_id": "pick", "placeholder": plain()} | more


def asked(**element: Any) -> Tree:
    return {"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "say"} | element}


def cells(rows: int, columns: int, text: str = "x") -> list[list[Tree]]:
    return [[{"type": "raw_text", "text": text} for _ in range(columns)] for _ in range(rows)]


def table(rows: int = 2, columns: int = 2, **more: Any) -> Tree:
    return {"type": "table", "rows": cells(rows, columns)} | more


def data_table(rows: int = 2, columns: int = 2, **more: Any) -> Tree:
    return {"type": "data_table", "caption": "Boxes", "rows": cells(rows, columns)} | more


def pie(count: int = 2, **more: Any) -> Tree:
    segments = [{"label": f"s{each}", "value": 1} | more for each in range(count)]
    return {"type": "data_visualization", "title": "Boxes", "chart": {"type": "pie", "segments": segments}}


def line(labels: list[str], categories: list[str], names: tuple[str, ...] = ("up",)) -> Tree:
    series = [{"name": name, "data": [{"label": label, "value": 1} for label in labels]} for name in names]
    axis = {"categories": categories}
    return {
        "type": "data_visualization",
        "title": "x",
        "chart": {"type": "line", "series": series, "axis_config": axis},
    }


CONFIRM = {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain()}
IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a box"}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
CARD = {"type": "card", "title": mrkdwn(), "actions": [button()]}

GOOD: list[list[Tree]] = [
    [section(), {"type": "divider"}, {"type": "header", "text": plain("x" * 150), "level": 2}],
    [section(fields=[mrkdwn("x" * 2000)] + [mrkdwn()] * 9, expand=True), section(text=plain("x" * 3000))],
    [{"type": "context", "elements": [mrkdwn()] * 9 + [IMAGE]}],
    [actions(*(button(action_id=f"a{each}") for each in range(25)))],
    [actions(button(text=plain("x" * 75), value="x" * 2000, url="https://x.example", style="danger", confirm=CONFIRM))],
    [section(accessory=select(options=options(100)))],
    [section(accessory=select(option_groups=[{"label": plain(), "options": options(2)}]))],
    [actions(select("external_select", min_query_length=0), select("users_select", action_id="u"))],
    [actions(select("conversations_select", response_url_enabled=True, filter={"include": ["public"]}))],
    [section(accessory={"type": "overflow", "action_id": "m", "options": options(5, url="https://x.example")})],
    [section(accessory={"type": "checkboxes", "action_id": "c", "options": options(10)})],
    [actions({"type": "radio_buttons", "action_id": "r", "options": options(2), "initial_option": options(1)[0]})],
    [actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-11-23"})],
    [
        actions(
            {"type": "timepicker", "action_id": "t", "initial_time": "23:59"},
            {"type": "datetimepicker", "action_id": "x"},
        )
    ],
    [table(100, 20), section()],
    [table(column_settings=[{"align": "right", "is_wrapped": True}, None])],
    [data_table(201, 20, page_size=100)],
    [pie(12), line(["a", "b"], ["b", "a"], ("up", "down"))],
    [{"type": "markdown", "text": "x" * 12_000}],
    [CARD, {"type": "carousel", "elements": [CARD]}],
    [{"type": "container", "title": plain(), "child_blocks": [section()] * 10, "is_collapsible": True}],
    [
        {
            "type": "plan",
            "title": "x",
            "tasks": [{"type": "task_card", "task_id": "1", "title": "x", "status": "pending"}],
        }
    ],
    [RICH, IMAGE | {"title": plain()}],
    [asked(multiline=True, max_length=3000)],
    [section()] * 50,
]

BAD: list[tuple[list[Tree], str, str]] = [
    ([section()] * 51, "/blocks", "no more than 50 items"),
    ([{"type": "sections"}], "/blocks/0", "unsupported block type: sections"),
    ([{"text": mrkdwn()}], "/blocks/0", "missing required field: type"),
    ([{"type": "section"}], "/blocks/0", "text or fields"),
    ([section(text=mrkdwn("x" * 3001))], "/blocks/0/text/text", "less than 3001"),
    ([section(text=mrkdwn(""))], "/blocks/0/text/text", "more than 0"),
    ([section(text="plain words")], "/blocks/0/text", "must provide an object"),
    ([section(text={"type": "html", "text": "x"})], "/blocks/0/text", "unsupported text type: html"),
    ([section(colour="red")], "/blocks/0", "invalid additional property: colour"),
    ([section(fields=[mrkdwn()] * 11)], "/blocks/0/fields", "no more than 10"),
    ([section(fields=[mrkdwn("x" * 2001)])], "/blocks/0/fields/0/text", "less than 2001"),
    ([section(block_id="x" * 256)], "/blocks/0/block_id", "less than 256"),
    ([section(block_id="b"), section(block_id="b")], "/blocks/1/block_id", "already exists"),
    ([{"type": "header", "text": mrkdwn()}], "/blocks/0/text", "unsupported text type: mrkdwn"),
    ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text", "less than 151"),
    ([{"type": "header", "text": plain(), "level": 5}], "/blocks/0/level", "between 1 and 4"),
    ([{"type": "context", "elements": [mrkdwn()] * 11}], "/blocks/0/elements", "no more than 10"),
    ([{"type": "context", "elements": [button()]}], "/blocks/0/elements/0", "unsupported element type"),
    ([actions()], "/blocks/0/elements", "at least 1"),
    ([actions(*(button(action_id=f"a{each}") for each in range(26)))], "/blocks/0/elements", "no more than 25"),
    ([actions(button(), button())], "/blocks/0", "action_id already exists"),
    ([actions({"type": "plain_text_input", "action_id": "x"})], "/blocks/0/elements/0", "unsupported element type"),
    ([actions(button(text=plain("x" * 76)))], "/blocks/0/elements/0/text/text", "less than 76"),
    ([actions(button(text=mrkdwn()))], "/blocks/0/elements/0/text", "unsupported text type"),
    ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value", "less than 2001"),
    ([actions(button(url="javascript:alert(1)"))], "/blocks/0/elements/0/url", "invalid url"),
    ([actions(button(style="green"))], "/blocks/0/elements/0/style", "one of: primary, danger"),
    ([actions(button(action_id="x" * 256))], "/blocks/0/elements/0/action_id", "less than 256"),
    ([actions(button(confirm=CONFIRM | {"deny": plain("x" * 31)}))], "/blocks/0/elements/0/confirm/deny/text", "31"),
    ([actions(button(confirm={"title": plain()}))], "/blocks/0/elements/0/confirm", "missing required field: text"),
    (
        [actions(button(confirm=CONFIRM | {"title": plain("x" * 101)}))],
        "/blocks/0/elements/0/confirm/title/text",
        "101",
    ),
    ([actions(button(confirm=CONFIRM | {"text": plain("x" * 301)}))], "/blocks/0/elements/0/confirm/text/text", "301"),
    ([section(accessory=select(options=options(101)))], "/blocks/0/accessory/options", "no more than 100"),
    ([section(accessory=select())], "/blocks/0/accessory", "exactly one of: options, option_groups"),
    ([section(accessory=select(options=options(1) * 2))], "/blocks/0/accessory/options", "must be unique"),
    ([section(accessory=select(options=options(1, value="x" * 151)))], "/blocks/0/accessory/options/0/value", "151"),
    (
        [section(accessory=select(options=options(1, text=plain("x" * 76))))],
        "/blocks/0/accessory/options/0/text/text",
        "76",
    ),
    ([section(accessory=select(options=options(1, url="https://x.example")))], "/blocks/0/accessory/options/0", "url"),
    (
        [section(accessory=select(options=options(1), initial_option=options(2)[1]))],
        "/blocks/0/accessory",
        "initial option must match",
    ),
    (
        [section(accessory=select(options=options(1), placeholder=plain("x" * 151)))],
        "/blocks/0/accessory/placeholder/text",
        "151",
    ),
    ([section(accessory={"type": "overflow", "options": options(6)})], "/blocks/0/accessory/options", "no more than 5"),
    (
        [section(accessory={"type": "checkboxes", "options": options(11)})],
        "/blocks/0/accessory/options",
        "no more than 10",
    ),
    (
        [section(accessory={"type": "radio_buttons", "options": options(11)})],
        "/blocks/0/accessory/options",
        "more than 10",
    ),
    (
        [section(accessory={"type": "datepicker", "initial_date": "23.11.26"})],
        "/blocks/0/accessory/initial_date",
        "YYYY",
    ),
    ([section(accessory={"type": "timepicker", "initial_time": "24:00"})], "/blocks/0/accessory/initial_time", "HH:mm"),
    ([{"type": "image", "image_url": "http://x.example/a.png", "alt_text": "x"}], "/blocks/0/image_url", "https://"),
    ([{"type": "image", "image_url": "https://x.example/a.png"}], "/blocks/0", "missing required field: alt_text"),
    ([{"type": "image", "alt_text": "x"}], "/blocks/0", "exactly one of: image_url, slack_file"),
    ([table(101)], "/blocks/0/rows", "no more than 100"),
    ([table(1, 21)], "/blocks/0/rows/0", "no more than 20"),
    ([table(), table()], "/blocks", "only_one_table_allowed"),
    ([table(), data_table()], "/blocks", "only_one_table_allowed"),
    ([table(rows=1, columns=1) | {"rows": cells(1, 1, "")}], "/blocks/0/rows/0/0/text", "more than 0"),
    ([table() | {"rows": cells(11, 1, "x" * 1000)}], "/blocks/0/rows", "10001 characters in all cells"),
    ([data_table(1)], "/blocks/0/rows", "at least 2"),
    ([data_table(202)], "/blocks/0/rows", "no more than 201"),
    ([{"type": "data_table", "rows": cells(2, 2)}], "/blocks/0", "missing required field: caption"),
    ([data_table(page_size=101)], "/blocks/0/page_size", "between 1 and 100"),
    ([data_table() | {"rows": cells(1, 2) + cells(1, 3)}], "/blocks/0/rows", "same number of cells"),
    ([data_table() | {"rows": [[RICH], *cells(1, 1)]}], "/blocks/0/rows/0/0", "must not be rich_text"),
    ([pie(13)], "/blocks/0/chart/segments", "no more than 12"),
    ([pie(value=0)], "/blocks/0/chart/segments/0/value", "greater than 0"),
    ([pie(), pie(), pie()], "/blocks", "no more than 2 data_visualization"),
    ([line(["a"], ["a", "b"])], "/blocks/0/chart/series/0/data", "every category"),
    ([line(["a"], ["a"], ("up", "up"))], "/blocks/0/chart/series", "names must be unique"),
    ([{"type": "markdown", "text": "x" * 6001}] * 2, "/blocks", "12001 characters in all"),
    ([section(text=mrkdwn("x" * 3000))] * 5, "/blocks", "more than 12000 characters in all"),
    ([CARD | {"body": mrkdwn("x" * 201)}], "/blocks/0/body/text", "less than 201"),
    ([CARD | {"actions": [button(action_id=f"{each}") for each in range(4)]}], "/blocks/0/actions", "no more than 3"),
    ([{"type": "carousel", "elements": [CARD] * 11}], "/blocks/0/elements", "no more than 10"),
    ([{"type": "container", "title": plain(), "child_blocks": [CARD]}], "/blocks/0/child_blocks/0", "unsupported"),
    ([{"type": "container", "child_blocks": [section()]}], "/blocks/0", "title or rich_text_title"),
    ([{"type": "alert", "text": plain()}], "/blocks/0", "unsupported block type: alert"),
    ([{"type": "task_card", "task_id": "1", "title": "x", "status": "pending"}], "/blocks/0/status", "inside a plan"),
    ([asked(max_length=3001)], "/blocks/0/element/max_length", "between 1 and 3000"),
    ([asked(focus_on_load=True), asked(focus_on_load=True)], "/blocks", "only one element"),
]


@pytest.mark.parametrize("blocks", GOOD, ids=lambda blocks: blocks[0]["type"])
def test_what_slack_takes_is_taken(blocks: list[Tree]) -> None:
    assert find_faults(blocks, "message").messages == []


@pytest.mark.parametrize(("blocks", "pointer", "reason"), BAD, ids=lambda held: held if isinstance(held, str) else "")
def test_what_slack_refuses_is_refused_with_pointer_and_reason(blocks: list[Tree], pointer: str, reason: str) -> None:
    messages = find_faults(blocks, "message").messages

    assert [message for message in messages if f"[json-pointer:{pointer}]" in message and reason in message], messages


@pytest.mark.parametrize(
    ("kind", "blocks"),
    [
        ("modal", [table()]),
        ("modal", [{"type": "markdown", "text": "x"}]),
        ("modal", [pie()]),
        ("home", [{"type": "alert", "text": plain()}]),
        ("home", [{"type": "markdown", "text": "x"}]),
    ],
)
def test_some_blocks_stand_on_some_surfaces_only(kind: str, blocks: list[Tree]) -> None:
    view = {"type": kind, "blocks": blocks} | ({"title": plain()} if kind == "modal" else {})
    with pytest.raises(RefusedError) as caught:
        check_view(view, kind)

    assert "unsupported block type" in caught.value.messages[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": plain("x" * 25)}, "less than 25"),
        ({"title": mrkdwn()}, "unsupported text type"),
        ({"title": None}, "missing required field: title"),
        ({"submit": plain("x" * 25)}, "less than 25"),
        ({"close": plain("x" * 25)}, "less than 25"),
        ({"private_metadata": "x" * 3001}, "less than 3001"),
        ({"callback_id": "x" * 256}, "less than 256"),
        ({"external_id": "x" * 256}, "less than 256"),
        ({"blocks": [section()] * 101}, "no more than 100"),
        ({"blocks": None}, "must be an array"),
        ({"blocks": 5}, "must be an array"),
        ({"blocks": [asked()]}, "submit is required"),
        ({"type": "home"}, "must be modal"),
        ({"footer": "x"}, "invalid additional property: footer"),
    ],
)
def test_a_modal_keeps_to_its_limits(change: Tree, reason: str) -> None:
    view = {"type": "modal", "title": plain(), "blocks": [section()]} | change
    with pytest.raises(RefusedError) as caught:
        check_view(view, "modal")

    assert caught.value.error == "invalid_arguments"
    assert any(reason in message for message in caught.value.messages)


def test_blocks_come_back_with_the_ids_and_flags_that_slack_adds() -> None:
    blocks = normalised([section(), actions({"type": "button", "text": plain()})])

    assert blocks[0]["text"] == {"type": "mrkdwn", "text": "x", "verbatim": False}
    assert blocks[1]["elements"][0]["text"]["emoji"] is True
    assert all(block["block_id"] for block in blocks)
    assert blocks[1]["elements"][0]["action_id"]


NAMES = st.sampled_from(
    ["type", "text", "elements", "block_id", "action_id", "options", "rows", "chart", "series", "accessory", "confirm",
     "child_blocks", "tasks", "title", "initial_option", "option_groups", "axis_config", "value", "url", "element"]
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([*BLOCKS, "button", "mrkdwn"])
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)


def paths(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each member of a tree."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [here, *(path for name, held in members for path in paths(held, (*here, name)))]


def replaced(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The tree with another value at the end of the path."""
    if not path:
        return value
    name, rest = path[0], path[1:]
    if isinstance(node, list):
        return [replaced(held, rest, value) if each == name else held for each, held in enumerate(node)]
    return {each: replaced(held, rest, value) if each == name else held for each, held in node.items()}


SMALL = [blocks for blocks in GOOD if len(paths(blocks)) < 300]


@settings(max_examples=400, deadline=None)
@given(data=st.data(), value=JSON, kind=st.sampled_from(["message", "modal", "home"]))
def test_no_payload_makes_the_validator_fall_over(data: st.DataObject, value: Any, kind: str) -> None:
    blocks = data.draw(st.sampled_from(SMALL))
    path = data.draw(st.sampled_from(paths(blocks)))

    assert isinstance(find_faults(replaced(blocks, path, value), kind).messages, list)


@settings(max_examples=100, deadline=None)
@given(view=JSON)
def test_no_view_makes_the_validator_fall_over(view: Any) -> None:
    try:
        check_view(view, "modal")
    except RefusedError as refusal:
        assert refusal.error == "invalid_arguments"
