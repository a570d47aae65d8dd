"""What the practice Slack was asked and what it refused, for tests to read."""

import time
from collections import deque
from typing import Any


class Journal:
    def __init__(self, *, keep: int = 20_000) -> None:
        self.calls: deque[dict[str, Any]] = deque(maxlen=keep)
        self.refusals: deque[dict[str, Any]] = deque(maxlen=keep)

    def called(self, method: str, arguments: Any, answer: Any, status: int = 200) -> None:
        self.calls.append(
            {"method": method, "arguments": arguments, "answer": answer, "status": status, "at": time.time()}
        )

    def refused(self, where: str, error: str, messages: list[str], payload: Any, *, kind: str = "refused") -> None:
        self.refusals.append(
            {
                "kind": kind,
                "where": where,
                "error": error,
                "messages": messages,
                "payload": payload,
                "at": time.time(),
            }
        )

    def clear(self) -> None:
        self.calls.clear()
        self.refusals.clear()
