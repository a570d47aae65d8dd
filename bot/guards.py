"""The part of the policy file that guards reboots: what needs a second person, how many are too many, who freezes.

`guarantees.md` section 4 (blast radius, protected, quiet hours); what is done with it stands in `services/guards.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.identity import SlackUser

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_RULE = {"from", "to", "time_zone", "days", "locations", "tags"}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A span of each day in which guests must not lose their Wi-Fi; one over midnight belongs to the day it begins on.

    Without `locations` and `tags` it is for every box.
    """

    begins: time
    ends: time
    zone: ZoneInfo
    days: tuple[int, ...] = tuple(range(7))
    locations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def cover(self, at: float) -> bool:
        """Is this moment (epoch seconds) in them?"""
        there = datetime.fromtimestamp(at, self.zone)
        clock, today = there.time(), there.weekday()
        if self.begins < self.ends:
            return today in self.days and self.begins <= clock < self.ends
        yesterday = (there - timedelta(days=1)).weekday()
        return (today in self.days and clock >= self.begins) or (yesterday in self.days and clock < self.ends)

    def __str__(self) -> str:
        return f"quiet hours, {self.begins:%H:%M} to {self.ends:%H:%M} ({self.zone.key})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What guards reboots; without any of it only the ceilings and the limits on several boxes at once hold.

    `most_alone` boxes, and `most_percent` of a location, may one person reboot at once without a second one.
    """

    protected_locations: tuple[str, ...] = ()
    protected_tags: tuple[str, ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()
    most_alone: int = 5
    most_percent: int = 20
    per_user_and_hour: int = 20
    per_workspace_and_day: int = 100
    admins: tuple[str, ...] = ()

    def reasons(self, *, location: tuple[str | None, ...], tags: tuple[str, ...], at: float) -> list[str]:
        """Why a box needs a second person at this moment; empty where it needs none.

        `location`: whatever its location may be called by, slug and name.
        """
        found = []
        if any(among(name, self.protected_locations) for name in location):
            found.append("its location is protected")
        if tag := next((tag for tag in tags if among(tag, self.protected_tags)), None):
            found.append(f"its tag “{tag}” is protected")
        for hours in self.quiet_hours:
            meant = any(among(name, hours.locations) for name in location) or any(
                among(tag, hours.tags) for tag in tags
            )
            if (meant or not (hours.locations or hours.tags)) and hours.cover(at):
                found.append(f"these are {hours}")
        return found

    def admits(self, who: SlackUser, *, guests: tuple[str, ...]) -> bool:
        """May this person freeze? `TEAM:USER`, or `USER` alone for somebody who is not of one of the `guests` teams."""
        return f"{who.team_id}:{who.user_id}" in self.admins or (
            who.user_id in self.admins and who.team_id not in guests
        )


def among(word: str | None, words: tuple[str, ...]) -> bool:
    """Is it one of them? Capitals do not matter."""
    return word is not None and word.casefold() in {one.casefold() for one in words}


def read_guards(data: Any) -> tuple[Guards, list[str]]:
    """The object `guards` of the policy file, and one line for each thing that is wrong in it."""
    if not isinstance(data, dict):
        return Guards(), ["CT_BOT_POLICY: guards must be an object."]
    problems = unknown("guards.", data, {field.name for field in fields(Guards)})
    values: dict[str, Any] = {}
    for name in ("protected_locations", "protected_tags", "admins"):
        values[name] = _words(f"guards.{name}", data.get(name, []), problems)
    for name, low, high in (
        ("most_alone", 1, 100),
        ("most_percent", 1, 100),
        ("per_user_and_hour", 1, 100_000),
        ("per_workspace_and_day", 1, 1_000_000),
    ):
        value = data.get(name, getattr(Guards(), name))
        if not whole(value, low, high):
            problems.append(f"CT_BOT_POLICY: guards.{name} must be a whole number from {low} to {high}.")
        values[name] = value
    hours = data.get("quiet_hours", [])
    if not isinstance(hours, list):
        problems.append("CT_BOT_POLICY: guards.quiet_hours must be a list.")
        hours = []
    rules = [_hours(f"guards.quiet_hours[{n}]", rule, problems) for n, rule in enumerate(hours)]
    values["quiet_hours"] = tuple(rule for rule in rules if rule)
    return (Guards() if problems else Guards(**values)), problems


def _hours(name: str, rule: Any, problems: list[str]) -> QuietHours | None:
    before = len(problems)
    if not isinstance(rule, dict):
        problems.append(f"CT_BOT_POLICY: {name} must be an object.")
        return None
    problems += unknown(f"{name}.", rule, _RULE)
    begins, ends = _clock(f"{name}.from", rule.get("from"), problems), _clock(f"{name}.to", rule.get("to"), problems)
    if begins is not None and begins == ends:
        problems.append(f"CT_BOT_POLICY: {name}.from and .to must differ.")
    zone = _zone(f"{name}.time_zone", rule.get("time_zone"), problems)
    days = rule.get("days", list(DAYS))
    if not isinstance(days, list) or not days or not all(day in DAYS for day in days):
        problems.append(f"CT_BOT_POLICY: {name}.days must be a list of {', '.join(DAYS)}.")
    locations = _words(f"{name}.locations", rule.get("locations", []), problems)
    tags = _words(f"{name}.tags", rule.get("tags", []), problems)
    if len(problems) > before or begins is None or ends is None or zone is None:
        return None
    return QuietHours(
        begins=begins, ends=ends, zone=zone, days=tuple(map(DAYS.index, days)), locations=locations, tags=tags
    )


def _clock(name: str, value: Any, problems: list[str]) -> time | None:
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        return time.fromisoformat(value)
    problems.append(f'CT_BOT_POLICY: {name} must be a time like "18:30".')
    return None


def _zone(name: str, value: Any, problems: list[str]) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(value or ""))
    except (ValueError, OSError, KeyError):
        problems.append(f'CT_BOT_POLICY: {name} must be a time zone that this machine knows, like "Europe/London".')
        return None


def _words(name: str, value: Any, problems: list[str]) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(word, str) and word.strip() for word in value):
        return tuple(word.strip() for word in value)
    problems.append(f"CT_BOT_POLICY: {name} must be a list of texts.")
    return ()


def unknown(prefix: str, data: Mapping[str, Any], known: set[str]) -> list[str]:
    """One line for each field that the policy file does not have."""
    return [
        f"CT_BOT_POLICY: unknown field {prefix + name!r}; known: {', '.join(sorted(known))}."
        for name in data
        if name not in known
    ]


def whole(value: Any, low: int, high: int) -> bool:
    """A whole number in a range; JSON's true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
