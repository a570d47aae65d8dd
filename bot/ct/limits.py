"""The limits of CT's forms, checked before anything is sent: a sentence for the field, or None where it is right."""

from datetime import datetime

Problems = dict[str, str]


def text_problem(value: str | None, low: int, high: int) -> str | None:
    """`low` to `high` characters, without the blanks around them."""
    size = len((value or "").strip())
    if low <= size <= high:
        return None
    return f"Give {low} to {high} characters." if low else f"Give at most {high} characters."


def number_problem(value: int | None, low: int, high: int) -> str | None:
    """A whole number from `low` to `high`."""
    return None if value is not None and low <= value <= high else f"Give a whole number from {low:,} to {high:,}."


def choice_problem(value: object, choices: tuple[object, ...]) -> str | None:
    """One of a few."""
    return None if value in choices else "Choose one of the offered values."


def span_problem(start: datetime | None, end: datetime) -> str | None:
    """An end that comes after its start."""
    return "Give an end that is after the start." if start is not None and end <= start else None


def found(checks: dict[str, str | None]) -> Problems:
    """The fields that have a problem."""
    return {field: sentence for field, sentence in checks.items() if sentence is not None}
