"""The runbook speaks of metrics, commands and keys that exist."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from bot.__main__ import _parser
from bot.metrics import Metrics
from bot.web.door import SlackDoor

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "runbook.md").read_text()


def _known() -> set[str]:
    metrics = Metrics()
    SlackDoor(dispatch=None, signing_secret="x", registry=metrics.registry)  # type: ignore[arg-type]
    return _names(metrics.registry)


def _names(registry: CollectorRegistry) -> set[str]:
    return {name for family in registry.collect() for name in (family.name, f"{family.name}_total")}


def test_every_metric_that_it_names_is_counted() -> None:
    named = set(re.findall(r"ct_bot_[a-z_]+", TEXT))

    assert len(named) > 6
    assert named - _known() == set()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^ct-bot ([a-z ]+?)(?:  |$)", TEXT, re.MULTILINE))))
def test_every_command_that_it_gives_is_one(command: str) -> None:
    assert _parser().parse_args(command.split()).run


def test_every_key_that_it_looks_at_is_written_by_a_store() -> None:
    code = "".join(file.read_text() for file in (ROOT / "bot" / "stores").glob("*.py"))
    for key in set(re.findall(r"ct:[a-z]+", TEXT)):
        assert key in code, key
