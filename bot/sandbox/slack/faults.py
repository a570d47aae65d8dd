"""Faults on demand: what the Web API (or a response_url) does wrong for the next so many calls."""

import random
from dataclasses import dataclass
from typing import Any


@dataclass
class Fault:
    """`acts`: the call is carried out and only its answer is lost; `rate`: how many of the calls it hits."""

    method: str
    status: int | None = None
    error: str | None = None
    retry_after: int | None = None
    times: int = 1
    delay: float = 0.0
    rate: float = 1.0
    acts: bool = False

    @property
    def harmless(self) -> bool:
        """Slow, and nothing worse."""
        return self.status is None and self.error is None


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._dice = random.Random(7)  # noqa: S311 - the same run of luck every time

    def add(self, spec: dict[str, Any]) -> Fault:
        fault = Fault(**spec)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def next(self, method: str) -> Fault | None:
        """The fault for this call of `method`, one time of it used up; `*` stands for every method."""
        for fault in self._faults:
            if fault.method in (method, "*") and fault.times > 0 and self._dice.random() < fault.rate:
                fault.times -= 1
                return fault
        return None
