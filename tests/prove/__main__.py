"""`python -m tests.prove [--rows R1,R6] [--n 20] [--seed 7]`: run rows, print and write one table."""

import argparse
import asyncio
import dataclasses
import datetime
import gc
import json
import os
import random
import sys
import tempfile
from pathlib import Path

import structlog

from tests.prove import families
from tests.prove.rows import ROWS, Run, Verdict, judged, place
from tests.prove.table import machine, table

OUT = Path(".prove")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make prove", description="Attack the guarantees.")
    parser.add_argument("--rows", default="", help="comma-separated ids; a letter stands for its family; default: all")
    parser.add_argument("--n", type=int, default=0, help="so many tries a row, instead of each row's own number")
    parser.add_argument("--seed", default="", help="replays an earlier run")
    parser.add_argument("--small", action="store_true", help="as `make test` runs them")
    parser.add_argument("--p", default="", help="only rows of these priorities, such as 0 or 0,1")
    parser.add_argument("--name", default="last", help="the table is .prove/<name>.md and .json")
    return parser.parse_args()


def chosen(wanted: str, priorities: str) -> list[str]:
    """Row ids in the table's order. Raises SystemExit for one that does not exist."""
    names = [name.strip().upper() for name in wanted.split(",") if name.strip()]
    for name in names:
        if name not in ROWS and not any(row.startswith(name) and name.isalpha() for row in ROWS):
            raise SystemExit(f"There is no row {name}; there are {', '.join(sorted(ROWS, key=place))}.")
    numbers = {int(number) for number in priorities.split(",") if number.strip()}
    return [
        row.id
        for row in sorted(ROWS.values(), key=lambda row: place(row.id))
        if (not names or row.id in names or any(name.isalpha() and row.id.startswith(name) for name in names))
        and (not numbers or row.p in numbers)
    ]


async def prove(options: argparse.Namespace) -> int:
    seed = options.seed or f"{random.SystemRandom().randrange(10**8):08d}"
    verdicts: list[Verdict] = []
    sys.stdout.write(f"Seed {seed} (replay with SEED={seed}); {machine()}\n")
    for name in chosen(options.rows, options.p):
        row = ROWS[name]
        n = options.n or (row.small if options.small else row.full)
        sys.stdout.write(f"{row.id:4} {n:>6} {row.unit:<28} ")
        sys.stdout.flush()
        with tempfile.TemporaryDirectory(prefix=f"ct-bot-prove-{row.id}-") as folder:
            verdict = await judged(row, Run(n=n, seed=f"{seed}/{row.id}", folder=Path(folder)))
            if not verdict.good:
                _keep(Path(folder), row.id)
        verdicts.append(verdict)
        sys.stdout.write(f"{verdict.result}  {verdict.seconds:.1f} s  {'; '.join(verdict.notes)}\n")
        _write(options.name, seed, verdicts)
    sys.stdout.write("\n" + table(verdicts) + "\n")
    return 0 if all(verdict.good for verdict in verdicts) else 1


def _write(name: str, seed: str, verdicts: list[Verdict]) -> None:
    OUT.mkdir(exist_ok=True)
    when = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    told = {"when": when, "seed": seed, "machine": machine(), "rows": [dataclasses.asdict(one) for one in verdicts]}
    (OUT / f"{name}.json").write_text(json.dumps(told, indent=1))
    (OUT / f"{name}.md").write_text(f"{when} · seed {seed} · {machine()}\n\n{table(verdicts)}\n")


def _keep(folder: Path, row: str) -> None:
    """Logs of a row that fell, for whoever mends it."""
    kept = OUT / row
    kept.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.suffix in {".log", ".txt"}:
            (kept / file.name).write_bytes(file.read_bytes()[-2_000_000:])


def main() -> int:
    """Everything but errors is kept off the screen: the table is what is read."""
    os.environ.pop("SLACK_BOT_TOKEN", None)  # noqa: TID251 - the rows give the bot an environment of their own
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    # The proxies, Slack and CT stand still while Python looks through millions of kept payloads for garbage.
    gc.set_threshold(50_000, 20, 1_000)
    families.load()
    return asyncio.run(prove(arguments()))


if __name__ == "__main__":
    sys.exit(main())
