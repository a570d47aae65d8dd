"""The modules with rows."""

import importlib

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
        importlib.import_module(f"tests.prove.{name}")
