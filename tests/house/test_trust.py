"""The page of trust: one table of the newest run, and a line for every run before it."""

from typing import Any

from tests.house.trust import page

EMPTY = "# T\n<!-- runs:begin -->\n<!-- runs:end -->\nwords\n<!-- rows:begin -->\n<!-- rows:end -->\nthe end\n"


def run(seed: str, result: str) -> dict[str, Any]:
    row = {"id": "S1", "hold": "it holds", "where": "w.py", "n": 1000, "unit": "tries", "result": result, "notes": []}
    return {"when": "today", "seed": seed, "machine": "2 cores", "rows": [row]}


def test_a_new_run_stands_first_and_its_rows_replace_those_before() -> None:
    text = page(page(EMPTY, [run("1", "fell once")]), [run("2", "holds")])

    assert text == (
        "# T\n<!-- runs:begin -->\n"
        "- today, seed `2`: 1 rows hold. 2 cores.\n"
        "- today, seed `1`: 0 rows hold; S1: fell once. 2 cores.\n"
        "<!-- runs:end -->\nwords\n<!-- rows:begin -->\n"
        "| | what must hold | tried | result | seen |\n|---|---|---|---|---|\n"
        "| [S1](../w.py) | it holds | 1,000 tries | holds |  |\n"
        "<!-- rows:end -->\nthe end\n"
    )


def test_the_line_of_a_run_that_was_written_before_is_replaced() -> None:
    text = page(page(EMPTY, [run("1", "fell once")]), [run("1", "holds")])

    assert text.count("seed `1`") == 1
