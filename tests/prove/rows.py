"""The rows: what must hold, how often it is tried, and how a run of it is judged."""

import random
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

NOT_RUN = "not run"


class NotRunError(Exception):
    """This machine cannot show it; the text says why, and what the nearest thing is."""


@dataclass
class Run:
    """One run of one row: how often, with which luck, and what was found."""

    n: int
    seed: str
    folder: Path
    dice: random.Random = field(init=False)
    done: int = 0
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def holds(self, true: bool, otherwise: str) -> bool:
        """Note what does not hold; the first few are told."""
        if not true:
            self.broken.append(otherwise)
        return true

    def tried(self, times: int = 1) -> None:
        self.done += times

    def note(self, text: str) -> None:
        """A figure for the table."""
        self.notes.append(text)


Work = Callable[[Run], Awaitable[None]]


@dataclass(frozen=True)
class Row:
    """`full`: the number of the table; `small`: the number in `make test`; `unit`: of what."""

    id: str
    p: int
    hold: str
    full: int
    small: int
    unit: str
    work: Work

    @property
    def where(self) -> str:
        """Its code, from the project's root."""
        return f"tests/prove/{self.work.__module__.rpartition('.')[2]}.py"


@dataclass(frozen=True)
class Verdict:
    """What came of a row."""

    id: str
    p: int
    hold: str
    n: int
    unit: str
    result: str
    seconds: float
    seed: str
    notes: list[str]
    where: str

    @property
    def good(self) -> bool:
        return self.result in {"holds", NOT_RUN}


ROWS: dict[str, Row] = {}
TABLE = {"S": 6, "L": 11, "T": 9, "D": 6, "R": 10, "X": 4, "U": 4, "O": 5}
"""The families of `guarantees.md` section 2 in order, and how many rows each has; O6 is a drill of the runbook."""


def place(name: str) -> tuple[int, int]:
    """Where a row stands in the table."""
    return list(TABLE).index(name[0]), int(name[1:])


def row(id: str, *, p: int, hold: str, full: int, small: int, unit: str) -> Callable[[Work], Work]:  # noqa: A002
    """Register a row of `guarantees.md`, named by its id."""

    def wrap(work: Work) -> Work:
        if id in ROWS:
            raise ValueError(f"two rows are called {id}")
        ROWS[id] = Row(id, p, hold, full, small, unit, work)
        return work

    return wrap


async def judged(row: Row, run: Run) -> Verdict:
    """Run it; whatever goes wrong is a verdict."""
    began = time.monotonic()
    try:
        await row.work(run)
    except NotRunError as error:
        result = NOT_RUN
        run.note(str(error))
    except Exception as error:
        result = f"broke off: {type(error).__name__}: {str(error)[:300]}"
        (run.folder / "traceback.txt").write_text(traceback.format_exc())
    else:
        if run.done < run.n:
            run.broken.append(f"only {run.done} of {run.n} were tried")
        first = "; ".join(run.broken[:3])
        result = "holds" if not run.broken else f"fell {len(run.broken)} times: {first}"
    took = time.monotonic() - began
    return Verdict(row.id, row.p, row.hold, run.done, row.unit, result, took, run.seed, run.notes, row.where)
