"""`make bench`: how fast the whole bot acks a command, beside @slack/bolt and a bare floor, in one run.

The servers take turns, round by round, so that a slow moment of the machine meets all of them; medians over the rounds.
The bot is measured twice: up to the ack, and with `/ct help` worked out and its answer posted behind each ack.
"""

import contextlib
import sys
from collections.abc import Iterator

from tests.bench.bot import Bot, bot
from tests.bench.results import Results, table
from tests.bench.servers import floor, install_peer, peer

ROUNDS = 5


@contextlib.contextmanager
def running() -> Iterator[tuple[Bot, dict[str, Results]]]:
    """Every server that can be had here, running."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(bot())
        server = stack.enter_context(floor())
        results = {"floor": Results(server.name, server, again=False, response_url=ours.elsewhere)}
        if reason := install_peer():
            sys.stdout.write(f"No @slack/bolt beside it: {reason}.\n")
        else:
            for kind in ("empty", "answering"):
                server = stack.enter_context(peer(answering=kind == "answering"))
                results[kind] = Results(server.name, server, again=False, response_url=ours.elsewhere)
        url = ours.response_url
        results["ack"] = Results("ct-bot, up to the ack", ours.server, again=True, response_url=url)
        results["whole"] = Results("ct-bot, answer included", ours.server, again=False, response_url=url)
        yield ours, results


def verdicts(results: dict[str, Results], ready_after: float) -> str:
    """The targets of the design, as Markdown: each with what was measured."""
    ack, whole = results["ack"], results["whole"]
    rows = [
        _row("ack, one at a time, p50", ack.median("single", "p50"), 0.6, "ms", most=True),
        _row("acks, 32 at once", ack.median("together", "rate"), 3000, "/s"),
        _row("acks, 32 at once, p99", ack.median("together", "p99"), 20, "ms", most=True),
        _row("answers included, 32 at once", whole.median("together", "rate"), 3000, "/s"),
        _row("answers included, 32 at once, p99", whole.median("together", "p99"), 20, "ms", most=True),
        _row("start to ready", ready_after, 1.0, "s", most=True),
        _row(f"RSS after {ack.sent + whole.sent:,} commands", whole.resident, 100, "MB", most=True),
    ]
    for ours, other, name in (
        (ack, "empty", "an empty @slack/bolt"),
        (whole, "answering", "@slack/bolt with one line"),
    ):
        if other in results:
            ratio = ours.median("together", "rate") / results[other].median("together", "rate")
            rows.append(_row(f"{ours.name}, to {name}", ratio, 1.7, "×"))
    return "\n".join(["| target | wanted | measured | |", "|---|---|---|---|", *rows])


def _row(name: str, value: float, bound: float, unit: str, *, most: bool = False) -> str:
    met = value <= bound if most else value >= bound
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return f"| {name} | {'≤' if most else '≥'} {bound:,} {unit} | {shown} {unit} | {'met' if met else '**missed**'} |"


def main() -> int:
    """Measure and print; a lost command fails the run, a missed target does not: machines differ."""
    with running() as (ours, results):
        for number in range(ROUNDS):
            for result in results.values():
                result.measure()
            sys.stderr.write(f"round {number + 1} of {ROUNDS}\n")
        # A resent command is answered once in each of its measurements.
        due = results["whole"].sent + results["ack"].measurements
        answered = ours.answered(due)
    sys.stdout.write(f"{table(results.values())}\n\n{verdicts(results, ours.server.ready_after)}\n")
    refused = {result.name: result.refused for result in results.values() if result.refused}
    if refused or answered != due:
        sys.stdout.write(f"\nNot 200: {refused}; answered {answered:,} of {due:,}: this run proves nothing.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
