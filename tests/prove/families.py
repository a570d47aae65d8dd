"""The modules with rows, in the order of the table."""

import importlib

FAMILIES = ("slack_side", "data", "reboots", "running")


def load() -> None:
    """Import them: each registers its rows."""
    for name in FAMILIES:
        importlib.import_module(f"tests.prove.{name}")
