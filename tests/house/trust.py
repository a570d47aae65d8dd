"""`make trust`: the page "Can I trust it?", written from the tables of full proof runs (`make prove`)."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "trust.md"

HEAD = """# Can I trust it?

A bot that holds people's rights to switch networks off must be trusted for reasons that anyone can run again. These are they: each row is a threat or a
fault, what must hold, and what came of attacking the real thing with it: the bot as processes of its own, a real Valkey, real HTTP, real kills. Slack and CT
are practice servers, strict, written from what is known of the real ones.

```sh
make prove                      # all of it; hours
make prove ROWS=R1,R6 N=20      # some of it
make prove ROWS=R6 SEED=12345   # a run again, with the same luck
```

`make test` runs every row small, on every change. A row that did not hold is printed in bold, and ends `make prove` with an error.
"""

TAIL = """
## What is not proved

- **The real Slack and the real CT.** Neither could be reached where this was written. What is guessed of them is a switch of the practice servers, and tested
  both ways; the practice servers may still be wrong about something that nobody wrote down. `ct-bot doctor` asks the real ones what can be asked.
- **Power loss.** Redis is killed (D4), not unplugged: whether the disk keeps what it confirmed is the disk's affair. With `appendfsync always` nothing is
  confirmed before it is written.
- **More than one machine.** Replicas, Redis and its copies ran on one; network faults were made by proxies. LOADING, a Redis that reads its data for minutes,
  cannot be produced on demand; the bot treats it like every other refusal.
- **People.** Whoever has somebody's unlocked Slack acts as they do; so guarded boxes ask a second person, and the channel sees every act. With the typed code
  (`"link_proof": "typed_code"`) somebody can be talked into telling a stranger their code.
- **The image** was written with care and linted; it was never built where this was written, for want of an engine.
- **Time.** A p99 on two shared cores says little about yours: `make bench` measures it where you are.
"""


def page(runs: Sequence[dict[str, Any]]) -> str:
    """The whole page; the newest run comes first, and the ones before it are summed up in a line."""
    newest = runs[0]
    rows = [*HEAD.splitlines(), "", "## The last full runs", ""]
    for run in runs:
        held = sum(row["result"] == "holds" for row in run["rows"])
        rest = [row for row in run["rows"] if row["result"] != "holds"]
        others = "; ".join(f"{row['id']}: {row['result']}" for row in rest) or "no other"
        rows.append(f"- {run['when']}, seed `{run['seed']}`: {held} rows hold, {others}. {run['machine']}.")
    rows += ["", "## The table", "", "| | what must hold | tried | result | seen |", "|---|---|---|---|---|"]
    rows += [_line(row) for row in newest["rows"]]
    return "\n".join(rows) + "\n" + TAIL


def _line(row: dict[str, Any]) -> str:
    result = row["result"] if row["result"] in {"holds", "not run"} else f"**{row['result']}**"
    seen = "; ".join(row["notes"]).replace("|", "\\|").replace("\n", " ")
    return f"| [{row['id']}](../{row['where']}) | {row['hold']} | {row['n']:,} {row['unit']} | {result} | {seen} |"


def merged(files: Sequence[Path]) -> dict[str, Any]:
    """Runs of different rows as one run; of a row that is in several, the last one given counts."""
    told = [json.loads(file.read_text()) for file in files]
    rows = {row["id"]: row for run in told for row in run["rows"]}
    seeds = ", ".join(dict.fromkeys(run["seed"] for run in told))
    order = {name: place for place, name in enumerate("SLTDRXUO")}
    ordered = sorted(rows.values(), key=lambda row: (order[row["id"][0]], int(row["id"][1:])))
    return {**told[-1], "seed": seeds, "rows": ordered}


if __name__ == "__main__":
    # Each argument is one full run: files of .prove/, with commas between those that belong together.
    wanted = [[ROOT / ".prove" / f"{name}.json" for name in one.split(",")] for one in sys.argv[1:] or ["last"]]
    PAGE.write_text(page([merged(files) for files in wanted]))
