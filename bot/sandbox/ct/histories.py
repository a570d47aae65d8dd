"""What happened to boxes and locations: operations (who asked for what) and versions (who changed what)."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Operation:
    """A job as CT's audit shows it (ct-api.md 3.2); its status follows from the clock."""

    id: int
    operation_type: str
    user: str
    created_at: float
    sent_at: float
    done_at: float
    outcome: str  # SUCCESS or FAIL

    def status(self, now: float) -> str:
        return self.outcome if now >= self.done_at else "PENDING" if now >= self.sent_at else "NEW"

    def as_json(self, now: float) -> dict[str, Any]:
        return {
            "id": self.id,
            "operation_type": self.operation_type,
            "user": self.user,
            "created_at": int(self.created_at),
            "completed_at": int(self.done_at) if now >= self.done_at else None,
            "status": self.status(now),
        }


@dataclass
class Version:
    """A change of fields with its author."""

    id: int
    whodunnit: str
    created_at: int
    changeset: dict[str, list[Any]]


@dataclass
class Histories:
    """Newest last; both keyed by the slug of what they are about."""

    operations: dict[str, list[Operation]] = field(default_factory=lambda: defaultdict(list))
    versions: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    last_id: int = 70_000

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def started(self, slug: str, kind: str, *, user: str, at: float, seconds: float, succeeds: bool) -> None:
        """Record an operation that is sent shortly and over `seconds` after `at`."""
        outcome = "SUCCESS" if succeeds else "FAIL"
        operation = Operation(self.next_id(), kind, user, at, at + 0.05 * seconds, at + seconds, outcome)
        self.operations[slug].append(operation)

    def done(self, slug: str, kind: str, *, user: str, at: float, seconds: float) -> None:
        self.started(slug, kind, user=user, at=at, seconds=seconds, succeeds=True)

    def changed(self, slug: str, *, by: str, at: float, changeset: dict[str, list[Any]]) -> None:
        self.versions[slug].append(Version(self.next_id(), by, int(at), changeset))
