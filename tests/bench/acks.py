"""`make bench`: how fast the whole bot acks a command, beside an empty @slack/bolt app and a bare floor, in one run.

The servers take turns, round by round, so that a slow moment of the machine meets all of them; medians over the rounds.
"""

import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.bot import Bot, bot
from tests.bench.load import Figures
from tests.bench.servers import Server, cores, floor, install_peer, peer, pinned

ROUNDS = 5
ONE_AT_A_TIME, TOGETHER = (1, 500), (32, 4000)


@dataclass(slots=True)
class Results:
    """One server's figures, a pair a round."""

    server: Server
    text: str
    response_url: str
    single: list[Figures] = field(default_factory=list)
    together: list[Figures] = field(default_factory=list)
    sent: int = 0
    processor: list[float] = field(default_factory=list)
    resident: float = 0.0

    def measure(self) -> None:
        """One round."""
        self.single.append(self._load(*ONE_AT_A_TIME))
        used, sent = self.server.used, self.sent
        self.together.append(self._load(*TOGETHER))
        self.processor.append((self.server.used - used) / (self.sent - sent) * 1e3)
        self.resident = self.server.resident

    def _load(self, at_once: int, requests: int) -> Figures:
        warm_up = requests // 10
        self.sent += requests + warm_up
        order = {
            "port": self.server.port,
            "at_once": at_once,
            "requests": requests,
            "warm_up": warm_up,
            "text": self.text,
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
        """Answers that were not 200; a run with any proves nothing."""
        return sum(figures.refused for figures in self.single + self.together)


@contextlib.contextmanager
def entered() -> Iterator[tuple[Bot, list[Results]]]:
    """Every server that can be had here, running; the bot's figures are the last."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(floor())]
        if reason := install_peer():
            sys.stdout.write(f"No @slack/bolt beside it: {reason}.\n")
        else:
            servers.append(stack.enter_context(peer()))
        ours = stack.enter_context(bot())
        yield ours, [Results(server, "help", ours.response_url) for server in (*servers, ours.server)]


def table(results: list[Results]) -> str:
    """All figures, as Markdown."""
    lines = [
        "| | one at a time: p50 / p99 ms | 32 at once: acks/s | p50 / p99 ms | CPU ms an ack | ready s | RSS MB |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.server.name} | {r.median('single', 'p50'):.2f} / {r.median('single', 'p99'):.2f} "
        f"| {r.median('together', 'rate'):,.0f} "
        f"| {r.median('together', 'p50'):.2f} / {r.median('together', 'p99'):.2f} "
        f"| {statistics.median(r.processor):.3f} | {r.server.ready_after:.2f} | {r.resident:.0f} |"
        for r in results
    ]
    return "\n".join(lines)


def verdicts(ours: Results, other: Results | None, answered: int) -> str:
    """The targets, as Markdown: each with what was measured."""
    rate, p50, p99 = ours.median("together", "rate"), ours.median("single", "p50"), ours.median("together", "p99")
    ready, resident = ours.server.ready_after, ours.resident
    rows = [
        ("ack, one at a time, p50", "≤ 0.6 ms", f"{p50:.2f} ms", p50 <= 0.6),
        ("acks, 32 at once", "≥ 3,000/s", f"{rate:,.0f}/s", rate >= 3000),
        ("acks, 32 at once, p99", "≤ 20 ms", f"{p99:.1f} ms", p99 <= 20),
        ("commands that got their answer", "all", f"{answered:,} of {ours.sent:,}", answered == ours.sent),
        ("start to ready", "≤ 1.0 s", f"{ready:.2f} s", ready <= 1.0),
        (f"RSS after {ours.sent:,} commands", "≤ 100 MB", f"{resident:.0f} MB", resident <= 100),
    ]
    if other:
        ratio = rate / other.median("together", "rate")
        rows.insert(2, ("acks, 32 at once, to the empty @slack/bolt", "≥ 1.7 ×", f"{ratio:.2f} ×", ratio >= 1.7))
    lines = ["| target | wanted | measured | |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {wanted} | {shown} | {'met' if met else '**missed**'} |" for name, wanted, shown, met in rows
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure and print; an answer other than 200 fails the run, a missed target does not: machines differ."""
    with entered() as (ours, results):
        for number in range(ROUNDS):
            for result in results:
                result.measure()
            sys.stderr.write(f"round {number + 1} of {ROUNDS}\n")
        answered = ours.answered(results[-1].sent)
    other = results[1] if len(results) > 2 else None
    sys.stdout.write(f"{table(results)}\n\n{verdicts(results[-1], other, answered)}\n")
    refused = {result.server.name: result.refused for result in results if result.refused}
    sys.stdout.write(f"\nAnswers other than 200: {refused}\n" if refused else "")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
