"""What one sees of an examination: on a phone what is wrong first, with what to do; everything on demand."""

from collections.abc import Sequence
from itertools import groupby

from slack_sdk.models.blocks import Block

from bot.doctor.findings import Finding, Verdict, of
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts

MOST_PROBLEMS = 10
_SECTION, _WHOLE = 2_800, 10_500  # characters, escaped: Slack takes 3,000 in a section and some 13,000 in a message
_SEEN, _TODO = 200, 400
_WORDS = {Verdict.FINE: "Fine", Verdict.WARNING: "Warning", Verdict.WRONG: "Wrong", Verdict.UNKNOWN: "Not known"}


def problems(findings: Sequence[Finding], at: float, version: str) -> Reply:
    """What is wrong, then what may become so; the rest is counted."""
    headline = _headline(findings)
    found = [*of(findings, Verdict.WRONG), *of(findings, Verdict.WARNING)]
    blocks: list[Block] = [parts.section(headline)]
    blocks += [parts.section(_problem(finding)) for finding in found[:MOST_PROBLEMS]]
    notes = [f"And {len(found) - MOST_PROBLEMS} more: Show All."] if len(found) > MOST_PROBLEMS else []
    if unknown := of(findings, Verdict.UNKNOWN):
        names = ", ".join(dict.fromkeys(f"{finding.group}: {finding.name}" for finding in unknown))
        notes.append(f"Not known: {_bounded(names, 600)}. Show All says what to try.")
    blocks.append(parts.context(*notes, _as_of(at, version)))
    blocks.append(parts.actions(parts.run("Check Again", "doctor"), parts.run("Show All", "doctor all", nth=1)))
    return Reply(_in_one_line(headline, findings), blocks, private=True)


def everything(findings: Sequence[Finding], at: float, version: str) -> Reply:
    """Every check under its group, as far as one message goes."""
    headline = _headline(findings)
    texts, left = [""], _WHOLE
    for group, some in groupby(findings, key=lambda finding: finding.group):
        for nth, finding in enumerate(some):
            line = (f"*{t.esc(group)}*\n" if nth == 0 else "") + _line(finding)
            left -= len(line)
            if left < 0:
                continue
            if nth == 0 or len(texts[-1]) + len(line) > _SECTION:
                texts.append("")
            texts[-1] += f"\n{line}" if texts[-1] else line
    blocks: list[Block] = [parts.section(headline), *parts.paragraphs(*texts)]
    cut = ["More does not fit here: ct-bot doctor prints it all."] if left < 0 else []
    blocks.append(parts.context(*cut, _as_of(at, version)))
    blocks.append(parts.actions(parts.run("Check Again", "doctor all"), parts.run("Only Problems", "doctor", nth=1)))
    return Reply(_in_one_line(headline, findings), blocks, private=True)


def _headline(findings: Sequence[Finding]) -> str:
    wrong, warnings = len(of(findings, Verdict.WRONG)), len(of(findings, Verdict.WARNING))
    fine = f"{t.count(len(of(findings, Verdict.FINE)), 'check is', 'checks are')} fine."
    if not wrong and not warnings:
        return f"*All is well.* {fine}"
    lead = f"{t.count(wrong, 'thing is', 'things are')} wrong" if wrong else "Nothing is wrong"
    return f"*{lead}*" + (f", {t.count(warnings, 'warning')}" if warnings else "") + f". {fine}"


def _in_one_line(headline: str, findings: Sequence[Finding]) -> str:
    wrong = ", ".join(f"{finding.group}: {finding.name}" for finding in of(findings, Verdict.WRONG))
    return t.clean(t.plain(headline) + (f" Wrong: {wrong}." if wrong else ""), 600)


def _problem(finding: Finding) -> str:
    head = f"*{_WORDS[finding.verdict]} — {t.esc(finding.group)}: {t.esc(finding.name)}*"
    return f"{head}\n{_bounded(finding.seen, _SEEN)}\n→ {_bounded(finding.todo, _TODO)}"


def _line(finding: Finding) -> str:
    todo = f" → {_bounded(finding.todo, _TODO)}" if finding.todo else ""
    return f"{_WORDS[finding.verdict]} · {t.esc(finding.name)} — {_bounded(finding.seen, _SEEN)}{todo}"


def _bounded(text: str, limit: int) -> str:
    """Escaped, and still in bounds where much of it had to be: one character may become five."""
    escaped = t.esc(text, limit)
    return escaped if len(escaped) <= 2 * limit else t.esc(text, limit // 3)


def _as_of(at: float, version: str) -> str:
    return f"as of {t.clock(at, seconds=True)} · version {t.esc(version)}"
