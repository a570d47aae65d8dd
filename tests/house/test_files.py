"""The files around the code: what the image, the compose file and the scripts promise."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def test_the_image_runs_as_a_numbered_user_that_is_not_root_and_is_checked() -> None:
    last = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]

    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "STOPSIGNAL SIGTERM" in last
    assert "EXPOSE 3000" in last
    assert "pip uninstall" in last
    assert "pip install" not in last


def test_the_store_forgets_nothing_and_only_the_bot_reaches_it() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    store, bot = compose["services"]["store"], compose["services"]["bot"]
    command = " ".join(store["command"])

    assert "--appendonly yes" in command
    assert "--appendfsync always" in command
    assert "--maxmemory-policy noeviction" in command
    assert store["volumes"] == ["store:/data"]
    assert "ports" not in store
    assert compose["networks"]["inside"] == {"internal": True}
    assert bot["ports"] == ["127.0.0.1:3000:3000"]
    for service in (store, bot):
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("script", [".ci/run", ".ci/find-python", ".ci/make-locks"])
def test_the_scripts_are_executable_and_parse(script: str) -> None:
    path = ROOT / script

    assert path.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False).stderr == ""


def test_an_old_python_is_refused_in_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -c ] && case "$2" in *exit*) exit 1;; *print*) echo 3.9;; esac\n')
    old.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHON": str(old)}

    done = subprocess.run([ROOT / ".ci/find-python"], env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stdout == ""
    assert "needs Python 3.11 or newer, and the newest found here is 3.9" in done.stderr


def test_every_dependency_has_its_reason_in_the_readme() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {Requirement(text).name for text in project["dependencies"]}
    table = (ROOT / "README.md").read_text().partition("| For | We use | Because |")[2].partition("\n\n")[0]
    used = {name.strip() for line in table.splitlines()[2:] for name in line.split("|")[2].split(",")}

    assert used == names
