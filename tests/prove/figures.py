"""Percentiles."""

from collections.abc import Sequence


def percent(values: Sequence[float], which: float) -> float:
    """The value that `which` percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * which / 100))]


def p99(values: Sequence[float]) -> float:
    return percent(values, 99)
