"""Tables and charts (slack-facts 1.2; the members of charts as slackblocks 3.0 writes them)."""

from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.elements import BUTTON
from bot.sandbox.slack.rich_text import RICH_TEXT
from bot.sandbox.slack.shapes import (
    Check,
    Report,
    anything,
    array,
    by_type,
    flag,
    integer,
    number,
    one_of,
    shape,
    string,
)

_CELLS: dict[str, Check] = {
    "raw_text": shape({"text": string(limits.TABLE_CONTENT_MAX_LENGTH)}, {}),
    "raw_number": shape({"value": number}, {"text": string(255)}),
    "rich_text": RICH_TEXT,
}
_DATA_CELLS: dict[str, Check] = {
    **_CELLS,
    "action_cell": shape({"element": by_type({"button": BUTTON}), "fallback": anything}, {}),
}


def characters(node: Any) -> int:
    """How many characters a person reads in the cells."""
    if isinstance(node, list):
        return sum(map(characters, node))
    if isinstance(node, dict):
        return sum(
            len(held) if name == "text" and isinstance(held, str) else characters(held) for name, held in node.items()
        )
    return 0


def _few_characters(most: int) -> Any:
    def rule(value: dict[str, Any], pointer: str, report: Report) -> None:
        if characters(value["rows"]) > most:
            report.wrong(f"{pointer}/rows", f"must be less than {most + 1} characters in all cells")

    return rule


def _equal_rows(value: dict[str, Any], pointer: str, report: Report) -> None:
    if len({len(row) for row in value["rows"]}) > 1:
        report.wrong(f"{pointer}/rows", "all rows must have the same number of cells")


def _plain_header(value: dict[str, Any], pointer: str, report: Report) -> None:
    for number_, cell in enumerate(value["rows"][0]):
        if cell["type"] == "rich_text":
            report.wrong(f"{pointer}/rows/0/{number_}", "header cells must not be rich_text")


def _nullable(check: Check) -> Check:
    def checked(value: Any, pointer: str, report: Report) -> None:
        if value is not None:
            check(value, pointer, report)

    return checked


TABLE_FIELDS: dict[str, Check] = {
    "rows": array(
        array(by_type(_CELLS, "cell type"), most=limits.TABLE_COLUMNS_MAX_ITEMS), most=limits.TABLE_ROWS_MAX_ITEMS
    )
}
TABLE_OPTIONS: dict[str, Check] = {
    "column_settings": array(
        _nullable(shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})),
        most=limits.TABLE_COLUMN_SETTINGS_MAX_ITEMS,
    )
}
TABLE_RULES = (_few_characters(limits.TABLE_CONTENT_MAX_LENGTH),)
DATA_TABLE_FIELDS: dict[str, Check] = {
    "caption": string(255),
    "rows": array(
        array(by_type(_DATA_CELLS, "cell type"), most=limits.DATA_TABLE_COLUMNS_MAX_ITEMS),
        most=limits.DATA_TABLE_ROWS_MAX_ITEMS,
        least=limits.DATA_TABLE_ROWS_MIN_ITEMS,
    ),
}
DATA_TABLE_OPTIONS: dict[str, Check] = {
    "page_size": integer(limits.DATA_TABLE_PAGE_SIZE_MIN, limits.DATA_TABLE_PAGE_SIZE_MAX),
    "row_header_column_index": integer(0, None),
}
DATA_TABLE_RULES = (_few_characters(limits.DATA_TABLE_TOTAL_CONTENT_MAX_LENGTH), _equal_rows, _plain_header)


def _distinct(values: list[Any]) -> bool:
    return len({str(value) for value in values}) == len(values)


def _every_category(value: dict[str, Any], pointer: str, report: Report) -> None:
    """Each series has one point for each category, and no two series one name."""
    series, categories = value["series"], value["axis_config"]["categories"]
    if not _distinct(categories):
        report.wrong(f"{pointer}/axis_config/categories", "categories must be unique")
    if not _distinct([each["name"] for each in series]):
        report.wrong(f"{pointer}/series", "series names must be unique")
    for position, each in enumerate(series):
        labels = [point["label"] for point in each["data"]]
        if sorted(labels) != sorted(categories):
            report.wrong(f"{pointer}/series/{position}/data", "must have exactly one point for every category")


def _positive(value: Any, pointer: str, report: Report) -> None:
    number(value, pointer, report)
    if isinstance(value, int | float) and value <= 0:
        report.wrong(pointer, "must be greater than 0")


_SEGMENT = shape({"label": string(limits.DATA_VISUALIZATION_SEGMENT_LABEL_MAX_LENGTH), "value": _positive}, {})
_POINT = shape({"label": string(limits.DATA_VISUALIZATION_POINT_LABEL_MAX_LENGTH), "value": number}, {})
_SERIES = shape(
    {
        "name": string(limits.DATA_VISUALIZATION_SERIES_NAME_MAX_LENGTH),
        "data": array(_POINT, most=limits.DATA_VISUALIZATION_DATA_MAX_ITEMS),
    },
    {},
)
_AXIS = shape(
    {
        "categories": array(
            string(limits.DATA_VISUALIZATION_CATEGORY_LABEL_MAX_LENGTH),
            most=limits.DATA_VISUALIZATION_CATEGORIES_MAX_ITEMS,
        )
    },
    {name: string(limits.DATA_VISUALIZATION_AXIS_LABEL_MAX_LENGTH) for name in ("x_label", "y_label")},
)
_AXIS_CHART = shape(
    {"series": array(_SERIES, most=limits.DATA_VISUALIZATION_SERIES_MAX_ITEMS), "axis_config": _AXIS},
    {},
    _every_category,
)
_CHARTS: dict[str, Check] = {
    "pie": shape({"segments": array(_SEGMENT, most=limits.DATA_VISUALIZATION_SEGMENTS_MAX_ITEMS)}, {}),
    "bar": _AXIS_CHART,
    "line": _AXIS_CHART,
    "area": _AXIS_CHART,
}
CHART_FIELDS: dict[str, Check] = {
    "title": string(limits.DATA_VISUALIZATION_TITLE_MAX_LENGTH),
    "chart": by_type(_CHARTS, "chart type"),
}
