"""What a check says, in words for whoever runs the bot."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """UNKNOWN: nobody can be asked, or nobody answered; what to try stands in the finding."""

    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class Group(StrEnum):
    """In the order in which they are shown."""

    SETTINGS = "Settings"
    REDIS = "Redis"
    CT = "CT"
    SLACK = "Slack"
    ADDRESS = "Public address"
    BOT = "Bot"
    YOU = "You"
    PAYLOADS = "Slack's own validator"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, what was seen, and what to do about it."""

    group: Group
    name: str
    verdict: Verdict
    seen: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """Makes the findings on one thing."""

    group: Group
    name: str

    def fine(self, seen: str) -> Finding:
        return Finding(self.group, self.name, Verdict.FINE, seen)

    def warning(self, seen: str, todo: str) -> Finding:
        return Finding(self.group, self.name, Verdict.WARNING, seen, todo)

    def wrong(self, seen: str, todo: str) -> Finding:
        return Finding(self.group, self.name, Verdict.WRONG, seen, todo)

    def unknown(self, seen: str, todo: str = "") -> Finding:
        return Finding(self.group, self.name, Verdict.UNKNOWN, seen, todo)


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """By group, and inside a group as they were found."""
    groups = list(Group)
    return sorted(findings, key=lambda finding: groups.index(finding.group))


def of(findings: Sequence[Finding], *verdicts: Verdict) -> list[Finding]:
    """Those with one of these verdicts."""
    return [finding for finding in findings if finding.verdict in verdicts]
