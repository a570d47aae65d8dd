"""The proof runs themselves: every row of the table is there, and those without a test elsewhere hold, small."""

import random
from pathlib import Path

import pytest

from tests.house.trust import PAGE
from tests.prove import families
from tests.prove.rows import ROWS, TABLE, NotRunError, Run, judged, place, row

families.load()

ALL = [f"{family}{number}" for family, count in TABLE.items() for number in range(1, count + 1)]
HERE = ("S3", "R10", "O1", "O2", "O3")  # the others have a small test named by the row beside their subject


def test_every_row_of_the_table_is_there() -> None:
    assert sorted(ROWS, key=place) == ALL


def test_the_page_of_trust_has_every_row_with_what_it_claims_and_its_code() -> None:
    page = PAGE.read_text()

    for one in ROWS.values():
        assert f"\n| [{one.id}](../{one.where}) | {one.hold} | " in page, f"{one.id}: make prove, then make trust"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", HERE)
async def test_a_row_holds(name: str, tmp_path: Path) -> None:
    wanted = ROWS[name]
    seed = f"{random.randrange(10**8)}/{name}"

    verdict = await judged(wanted, Run(n=wanted.small, seed=seed, folder=tmp_path))

    assert verdict.result == "holds", f"seed {seed}: {verdict.notes}"


async def test_what_does_not_hold_is_told_and_what_was_not_tried_is_not_counted(tmp_path: Path) -> None:
    async def falls(run: Run) -> None:
        run.tried()
        run.holds(False, "the sky fell")

    async def lazy(run: Run) -> None:
        run.tried(run.n - 1)

    async def breaks(run: Run) -> None:
        raise ValueError("oh")

    async def cannot(run: Run) -> None:
        raise NotRunError("no disk")

    verdicts = {}
    for work in (falls, lazy, breaks, cannot):
        row(work.__name__, p=0, hold="", full=2, small=2, unit="")(work)
        verdicts[work.__name__] = await judged(ROWS.pop(work.__name__), Run(n=2, seed="1", folder=tmp_path))

    assert verdicts["falls"].result.startswith("fell 2 times: the sky fell; only 1 of 2 were tried")
    assert "only 1 of 2" in verdicts["lazy"].result
    assert verdicts["breaks"].result == "broke off: ValueError: oh"
    assert verdicts["cannot"].result == "not run"
    assert [verdict.good for verdict in verdicts.values()] == [False, False, False, True]


def test_the_same_seed_is_the_same_luck(tmp_path: Path) -> None:
    one, other = (Run(n=1, seed="7/R1", folder=tmp_path).dice.random() for _ in range(2))

    assert one == other
