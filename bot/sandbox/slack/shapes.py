"""The small language of Block Kit's rules: a check looks at a value and reports what is wrong."""

from collections.abc import Callable, Mapping
from typing import Any


class Report:
    """What was found wrong, each with a JSON pointer, in Slack's wording."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def wrong(self, pointer: str, reason: str) -> None:
        self.messages.append(f"[ERROR] {reason} [json-pointer:{pointer}]")


Check = Callable[[Any, str, Report], None]
Rule = Callable[[dict[str, Any], str, Report], None]


def string(most: int, least: int = 1) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.wrong(pointer, "must be a string")
        elif len(value) > most:
            report.wrong(pointer, f"must be less than {most + 1} characters")
        elif len(value) < least:
            report.wrong(pointer, f"must be more than {least - 1} characters")

    return check


def url(most: int, *, https: bool = False) -> Check:
    schemes = ("https://",) if https else ("https://", "http://", "mailto:", "tel:", "slack:")
    length = string(most)

    def check(value: Any, pointer: str, report: Report) -> None:
        length(value, pointer, report)
        if isinstance(value, str) and not value.startswith(schemes):
            report.wrong(pointer, f"invalid url: must start with {' or '.join(schemes)}")

    return check


def flag(value: Any, pointer: str, report: Report) -> None:
    if not isinstance(value, bool):
        report.wrong(pointer, "must be a boolean")


def integer(least: int | None = None, most: int | None = None) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.wrong(pointer, "must be an integer")
        elif (least is not None and value < least) or (most is not None and value > most):
            report.wrong(pointer, f"must be between {least} and {most}")

    return check


def number(value: Any, pointer: str, report: Report) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.wrong(pointer, "must be a number")


def anything(value: Any, pointer: str, report: Report) -> None:
    """Not looked into."""


def one_of(*allowed: Any) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if value not in allowed:
            report.wrong(pointer, f"must be one of: {', '.join(map(str, allowed))}")

    return check


def array(item: Check, *, most: int | None = None, least: int = 1) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, list):
            report.wrong(pointer, "must be an array")
            return
        if most is not None and len(value) > most:
            report.wrong(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            report.wrong(pointer, f"must have at least {least} items")
        for number_, each in enumerate(value):
            item(each, f"{pointer}/{number_}", report)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Check:
    """An object with these members and no others; the rules look only at one whose members are sound."""
    known = {**required, **optional}

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.wrong(pointer, "must provide an object")
            return
        before = len(report.messages)
        for name in required:
            if value.get(name) is None:
                report.wrong(pointer, f"missing required field: {name}")
        for name, member in value.items():
            if name == "type":
                continue
            if name not in known:
                report.wrong(pointer, f"invalid additional property: {name}")
            elif member is not None:
                known[name](member, f"{pointer}/{name}", report)
        for rule in rules if len(report.messages) == before else ():
            rule(value, pointer, report)

    return check


def by_type(kinds: Mapping[str, Check], noun: str = "type") -> Check:
    """An object whose `type` says which check applies."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.wrong(pointer, "must provide an object")
        elif value.get("type") is None:
            report.wrong(pointer, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            report.wrong(pointer, f"unsupported {noun}: {value['type']}")
        else:
            kinds[value["type"]](value, pointer, report)

    return check


def any_of(*names: str) -> Rule:
    """At least one of the members is there."""

    def rule(value: dict[str, Any], pointer: str, report: Report) -> None:
        if not any(value.get(name) for name in names):
            report.wrong(pointer, f"missing required field: {' or '.join(names)}")

    return rule


def exactly_one_of(*names: str) -> Rule:
    def rule(value: dict[str, Any], pointer: str, report: Report) -> None:
        if sum(value.get(name) is not None for name in names) != 1:
            report.wrong(pointer, f"must have exactly one of: {', '.join(names)}")

    return rule
