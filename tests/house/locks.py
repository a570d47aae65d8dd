"""The lock files hold every requirement at a version it allows, every line a hash, and no address or path."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / ".ci" / "lock"
_ADDRESS = re.compile(r"file:|https?:|://|(^|\s)(--(index|extra-index|find)|-[fi]\s)| @ |(^|\s)/", re.MULTILINE)
_PIN = re.compile(
    r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(\S+)( ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def pins(text: str) -> dict[str, str]:
    """The locked version of each package."""
    return {match[1]: match[2] for match in _PIN.finditer(text)}


def wanted(extras: set[str]) -> Iterator[Requirement]:
    """What pyproject.toml asks for, with these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for text in project["dependencies"]:
        yield Requirement(text)
    for extra in extras:
        for text in project["optional-dependencies"][extra]:
            requirement = Requirement(text)
            if requirement.name != project["name"]:
                yield requirement


def faults_of_text(text: str) -> list[str]:
    """What may not stand in a lock file, whatever it locks."""
    faults = [f"an address or a path: {match[0].strip()!r}" for match in _ADDRESS.finditer(text)]
    if rest := _PIN.sub("", text).strip():
        faults.append(f"not a pinned, hashed package: {rest.splitlines()[0]!r}")
    return faults


def faults_of_pins(locked: dict[str, str], requirements: Iterator[Requirement]) -> list[str]:
    """Requirements that the lock does not meet: it has to be made anew."""
    return [
        f"{requirement} is locked as {locked.get(canonicalize_name(requirement.name))}; `make lock` makes it anew"
        for requirement in requirements
        if not (version := locked.get(canonicalize_name(requirement.name)))
        or not requirement.specifier.contains(version, prereleases=True)
    ]


def faults() -> list[str]:
    """Everything wrong with the committed lock files."""
    texts = {name: (LOCKS / name).read_text() for name in ("run.txt", "build.txt", "dev.txt")}
    found = [f"{name}: {fault}" for name, text in texts.items() for fault in faults_of_text(text)]
    run, build, dev = (pins(texts[name]) for name in ("run.txt", "build.txt", "dev.txt"))
    system = (Requirement(line) for line in (LOCKS / "build.in").read_text().splitlines() if not line.startswith("#"))
    found += [f"run.txt: {fault}" for fault in faults_of_pins(run, wanted(set()))]
    found += [f"dev.txt: {fault}" for fault in faults_of_pins(dev, wanted({"sandbox", "dev"}))]
    found += [f"build.txt: {fault}" for fault in faults_of_pins(build, system)]
    found += [
        f"dev.txt: {name} is {dev.get(name)}, and {version} where it runs"
        for name, version in (run | build).items()
        if dev.get(name) != version
    ]
    return found


if __name__ == "__main__":
    sys.exit("\n".join(faults()) or None)
