"""The findings for a terminal, and as JSON for a program. A word leads each line; nothing hangs on colour."""

import json
import shutil
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby

from bot import __version__
from bot.doctor.findings import Finding, Group, Verdict, of
from bot.log import scrub_text

_WORDS = {Verdict.FINE: "fine", Verdict.WARNING: "WARNING", Verdict.WRONG: "WRONG", Verdict.UNKNOWN: "unknown"}
_NARROWEST, _WIDEST = 60, 110


def verdict(findings: Sequence[Finding]) -> Verdict:
    """Of all together: the worst, where "unknown" is no trouble."""
    for worst in (Verdict.WRONG, Verdict.WARNING):
        if of(findings, worst):
            return worst
    return Verdict.FINE


def text(findings: Sequence[Finding], targets: Mapping[Group, str] | None = None) -> str:
    """One line a check under its group, and below it what to do. `targets`: what each group looks at."""
    width = min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size().columns))
    names = max((len(finding.name) for finding in findings), default=0)
    lines: list[str] = []
    for group, some in groupby(findings, key=lambda finding: finding.group):
        target = (targets or {}).get(group)
        lines += ["", f"{group} ({target})" if target else group]
        for finding in some:
            lines += _lines(finding, names, width)
    return "\n".join([*lines[1:], "", summary(findings)])


def _lines(finding: Finding, names: int, width: int) -> list[str]:
    head = f"  {_WORDS[finding.verdict]:8} {finding.name:{names}}  "
    wrapped = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    wrapped.subsequent_indent = " " * len(head)
    wrapped.initial_indent = head
    lines = wrapped.wrap(scrub_text(clean(finding.seen))) or [head]
    if finding.todo:
        wrapped.initial_indent, wrapped.subsequent_indent = " " * len(head) + "→ ", " " * len(head) + "  "
        lines += wrapped.wrap(clean(finding.todo))
    return lines


def summary(findings: Sequence[Finding]) -> str:
    """How many of each."""
    counts = {one: len(of(findings, one)) for one in Verdict}
    warnings = f"{counts[Verdict.WARNING]} warning{'s' if counts[Verdict.WARNING] != 1 else ''}"
    return f"{counts[Verdict.WRONG]} wrong, {warnings}, {counts[Verdict.UNKNOWN]} unknown, {counts[Verdict.FINE]} fine."


def as_json(findings: Sequence[Finding]) -> str:
    """The same, to be read by a program."""
    rows = [
        {
            "group": finding.group.value,
            "name": finding.name,
            "verdict": finding.verdict.value,
            "seen": scrub_text(clean(finding.seen)),
            "todo": clean(finding.todo),
        }
        for finding in findings
    ]
    return json.dumps(
        {"version": __version__, "verdict": verdict(findings).value, "findings": rows}, ensure_ascii=False, indent=2
    )


def clean(line: str) -> str:
    """One line without control characters: names come from outside, and a terminal obeys them."""
    kept = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in line)
    return " ".join(kept.split())
