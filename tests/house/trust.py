"""`make trust`: the page "Can I trust it?", written from the tables of full proof runs (`make prove`)."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.prove.rows import place

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "trust.md"


def page(text: str, runs: Sequence[dict[str, Any]]) -> str:
    """The page with its tables anew: the newest run row by row, the ones before it in a line each.

    A line of an earlier run stays, as its files need not be at hand.
    """
    head = ["| | what must hold | tried | result | seen |", "|---|---|---|---|---|"]
    earlier = _parts(text, "runs")[1].splitlines()
    seeds = [f"seed `{run['seed']}`" for run in runs]
    kept = [line for line in earlier if not any(seed in line for seed in seeds)]
    text = _between(text, "runs", [*map(_summary, runs), *kept])
    return _between(text, "rows", [*head, *(_line(row) for row in runs[0]["rows"])])


def _between(text: str, name: str, lines: Sequence[str]) -> str:
    before, _, after = _parts(text, name)
    return "\n".join([before, *lines, after])


def _parts(text: str, name: str) -> tuple[str, str, str]:
    """What stands between the marks of that name; before it, and after it, with them."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, _, rest = text.partition(begin)
    within, _, after = rest.partition(end)
    return before + begin, within.strip("\n"), end + after


def _summary(run: dict[str, Any]) -> str:
    held = sum(row["result"] == "holds" for row in run["rows"])
    rest = [f"{row['id']}: {row['result']}" for row in run["rows"] if row["result"] != "holds"]
    others = "".join(f"; {one}" for one in rest)
    return f"- {run['when']}, seed `{run['seed']}`: {held} rows hold{others}. {run['machine']}."


def _line(row: dict[str, Any]) -> str:
    result = row["result"] if row["result"] in {"holds", "not run"} else f"**{row['result']}**"
    seen = "; ".join(row["notes"]).replace("|", "\\|").replace("\n", " ")
    return f"| [{row['id']}](../{row['where']}) | {row['hold']} | {row['n']:,} {row['unit']} | {result} | {seen} |"


def merged(files: Sequence[Path]) -> dict[str, Any]:
    """Runs of different rows as one run; of a row that is in several, the last one given counts."""
    told = [json.loads(file.read_text()) for file in files]
    rows = {row["id"]: row for run in told for row in run["rows"]}
    seeds = ", ".join(dict.fromkeys(run["seed"] for run in told))
    ordered = sorted(rows.values(), key=lambda row: place(row["id"]))
    return {**told[-1], "seed": seeds, "rows": ordered}


if __name__ == "__main__":
    # Each argument is one full run: files of .prove/, with commas between those that belong together.
    wanted = [[ROOT / ".prove" / f"{name}.json" for name in one.split(",")] for one in sys.argv[1:] or ["last"]]
    PAGE.write_text(page(PAGE.read_text(), [merged(files) for files in wanted]))
