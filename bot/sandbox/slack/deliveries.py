"""What was sent to the app, and what it said: one record a try."""

import itertools
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Delivery:
    id: str
    kind: str
    transport: str
    content_type: str
    body: bytes
    payload: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    envelope_id: str | None = None
    attempt: int = 0
    at: float = field(default_factory=time.time)
    ack_ms: float | None = None
    status: int | None = None
    answer: Any = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.error is None

    def report(self) -> dict[str, Any]:
        told = asdict(self)
        told["body"] = self.body.decode("utf-8", "replace")
        return told


class Deliveries:
    def __init__(self, *, keep: int = 20_000) -> None:
        self._records: deque[Delivery] = deque(maxlen=keep)
        self._numbers = itertools.count(1)

    def open(self, kind: str, transport: str, content_type: str, body: bytes, payload: dict[str, Any]) -> Delivery:
        delivery = Delivery(f"DEL{next(self._numbers)}", kind, transport, content_type, body, payload)
        self._records.append(delivery)
        return delivery

    def get(self, delivery_id: str) -> Delivery | None:
        return next((record for record in self._records if record.id == delivery_id), None)

    def report(self, kind: str | None = None) -> list[dict[str, Any]]:
        return [record.report() for record in self._records if kind in (None, record.kind)]

    def clear(self) -> None:
        self._records.clear()
