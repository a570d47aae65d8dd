"""What was measured of one server, and the table of all."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.bench.load import Figures
from tests.bench.servers import Server, cores, pinned

ONE_AT_A_TIME, TOGETHER = (1, 500), (32, 4000)


@dataclass(slots=True)
class Results:
    """One server's figures, a pair a round."""

    name: str
    server: Server
    again: bool
    response_url: str
    single: list[Figures] = field(default_factory=list)
    together: list[Figures] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    resident: float = 0.0
    sent: int = 0
    measurements: int = 0

    def measure(self) -> None:
        """One round."""
        self.single.append(self.load(*ONE_AT_A_TIME))
        used, sent = self.server.used, self.sent
        self.together.append(self.load(*TOGETHER))
        self.processor.append((self.server.used - used) / (self.sent - sent) * 1e3)
        self.resident = self.server.resident

    def load(self, at_once: int, requests: int) -> Figures:
        """Warm up with a tenth of the requests, then measure them."""
        warm_up = requests // 10
        self.sent += requests + warm_up
        self.measurements += 2
        order = {
            "port": self.server.port,
            "at_once": at_once,
            "requests": requests,
            "warm_up": warm_up,
            "again": self.again,
            "response_url": self.response_url,
        }
        argv = [sys.executable, "-m", "tests.bench.load", json.dumps(order)]
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=120, check=True, preexec_fn=pinned(cores()[1])
        )
        return Figures(**json.loads(done.stdout))

    def median(self, kind: str, figure: str) -> float:
        """Of one figure over the rounds."""
        return statistics.median([float(getattr(figures, figure)) for figures in getattr(self, kind)])

    @property
    def refused(self) -> int:
        """Answers that were not 200."""
        return sum(figures.refused for figures in self.single + self.together)


def table(results: Iterable[Results]) -> str:
    """All figures, as Markdown."""
    lines = [
        "| | one at a time: p50 / p99 ms | 32 at once: /s | p50 / p99 ms | CPU ms each | ready s | RSS MB |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.name} | {r.median('single', 'p50'):.2f} / {r.median('single', 'p99'):.2f} "
        f"| {r.median('together', 'rate'):,.0f} "
        f"| {r.median('together', 'p50'):.2f} / {r.median('together', 'p99'):.2f} "
        f"| {statistics.median(r.processor):.3f} | {r.server.ready_after:.2f} | {r.resident:.0f} |"
        for r in results
    ]
    return "\n".join(lines)
