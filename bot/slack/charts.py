"""Slack's chart block (`slack-facts.md` 1.2), with the same in text for a Slack that does not take it yet.

Its members are written as slackblocks 3.0 writes them; slack_sdk 3.47 has no class for it.
"""

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Block

MOST_POINTS = 20
_MOST_TITLE, _MOST_LABEL, _MOST_AXIS = 50, 20, 50
_LEVELS = "▁▂▃▄▅▆▇"


class Chart(Block):
    """One line over up to twenty labels, all different. `plain` takes its place where Slack refuses it."""

    def __init__(self, *, title: str, points: Sequence[tuple[str, float]], unit: str, times: str, plain: Block) -> None:
        super().__init__(type="data_visualization")
        self.title = title[:_MOST_TITLE]
        self.points = [(label[:_MOST_LABEL], value) for label, value in points[:MOST_POINTS]]
        self.unit = unit[:_MOST_AXIS]
        self.times = times[:_MOST_AXIS]
        self.plain = plain

    def to_dict(self, *_args: object) -> dict[str, Any]:
        """As Slack wants it."""
        data = [{"label": label, "value": value} for label, value in self.points]
        axis = {"categories": [label for label, _ in self.points], "x_label": self.times, "y_label": self.unit}
        series = [{"name": self.unit[:_MOST_LABEL], "data": data}]
        chart = {"type": "area", "series": series, "axis_config": axis}
        return {"type": "data_visualization", "title": self.title, "chart": chart}


def without_charts(blocks: Sequence[Block]) -> list[Block] | None:
    """The same with text in place of each chart; None where there is none."""
    if not any(isinstance(block, Chart) for block in blocks):
        return None
    return [block.plain if isinstance(block, Chart) else block for block in blocks]


def bars(values: Sequence[float]) -> str:
    """A sign for each value, the highest for the most; `▁` for nothing."""
    most = max(values, default=0)
    if most <= 0:
        return _LEVELS[0] * len(values)
    return "".join(_LEVELS[round(max(0.0, value) / most * (len(_LEVELS) - 1))] for value in values)
