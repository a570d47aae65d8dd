"""The modules with rows, in the order of the table."""

import importlib
import importlib.util

FAMILIES = (
    "slack_side",
    "linking",
    "linking_ends",
    "linking_leaving",
    "linking_outside",
    "linking_codes",
    "tokens",
    "token_faults",
    "data",
    "reboots",
    "blasts",
    "outside",
    "slack_failing",
    "lies",
    "outgoing",
    "running",
)


def load() -> None:
    """Import them: each registers its rows."""
    for name in FAMILIES:
        if importlib.util.find_spec(f"tests.prove.{name}"):
            importlib.import_module(f"tests.prove.{name}")
